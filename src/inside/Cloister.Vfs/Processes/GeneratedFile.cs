using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Processes;

/// <summary>Writes the content of a generated file.</summary>
internal delegate Errno ContentGenerator(ICaller caller, ByteWriter writer);

/// <summary>Takes what a program writes to a generated file.</summary>
internal delegate Errno ContentReceiver(ICaller caller, ReadOnlySpan<byte> content);

/// <summary>A file whose content is made when it is read: procfs and sysfs. Its size is 0, as there.</summary>
internal sealed class GeneratedInode : Inode
{
    private readonly ContentGenerator? _generate;
    private readonly ContentReceiver? _receive;

    public GeneratedInode(FileSystem fileSystem, ulong number, uint permissions, uint userId, uint groupId, ContentGenerator? generate, ContentReceiver? receive = null)
        : base(fileSystem, FileModes.S_IFREG | permissions, userId, groupId, number)
    {
        _generate = generate;
        _receive = receive;
        long now = fileSystem.Vfs.Services.Clock.RealtimeNanoseconds;
        AccessTime = now;
        ModificationTime = now;
        ChangeTime = now;
        BirthTime = now;
    }

    /// <summary>Tells of changes to those who poll the file; null for what can't be polled.</summary>
    public ChangeNotice? Notice { get; init; }

    /// <summary>Whether splice(2) and sendfile(2) take it: not the files of a process, nor those of its network.</summary>
    public bool IsSplicable { get; init; } = true;

    /// <summary>Who may open it beyond what its permissions say; null for all.</summary>
    public Func<ICaller, bool>? MayOpen { get; init; }

    public override Errno Open(ICaller caller, VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        if (MayOpen is not null && !MayOpen(caller))
            return Errno.EACCES;
        file = new GeneratedFile(_generate, _receive, Notice);
        file.Begin(path, flags);
        return Errno.Success;
    }

    // O_TRUNC of a shell's redirection: only what is written then fails, where nothing can be.
    public override Errno Truncate(ICaller caller, long length) => Errno.Success;

    public override Errno SetAttributes(ICaller caller, in AttributeChange change) => Errno.EPERM;
}

/// <summary>An open generated file: content is made at the first read and again by a read from the start.</summary>
internal sealed class GeneratedFile(ContentGenerator? generate, ContentReceiver? receive, ChangeNotice? notice) : OpenFile
{
    private const int LargestWrite = 4096;

    private readonly KernelLock _lock = new(LockLevel.GeneratedText);
    private readonly ByteWriter _content = new();
    private bool _hasContent;
    private long _position;
    private int _seenVersion = notice?.Version ?? 0;

    public override long Position => _position;

    public override bool IsPollable => notice is not null;

    public override bool IsSpliceSource => ((GeneratedInode)Inode).IsSplicable;

    public override bool IsSpliceTarget => IsSpliceSource;

    // Each change is told once for each open file (mounts_poll and proc_sys_poll of Linux).
    public override PollEvents Poll(IPollTable? table)
    {
        if (notice is null)
            return base.Poll(table);
        table?.Watch(notice.Changed);
        int version = notice.Version;
        const PollEvents readable = PollEvents.In | PollEvents.ReadNormal;
        return Interlocked.Exchange(ref _seenVersion, version) == version ? readable : readable | PollEvents.Error | PollEvents.Priority;
    }

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer)
    {
        using (_lock.Enter())
        {
            SyscallResult result = ReadLocked(caller, buffer, _position);
            if (result.Value > 0)
                _position += result.Value;
            return result;
        }
    }

    public override SyscallResult ReadAt(ICaller caller, IIoBuffer buffer, long offset)
    {
        using (_lock.Enter())
            return ReadLocked(caller, buffer, offset);
    }

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer)
    {
        if (!CanWrite)
            return Errno.EBADF;
        if (receive is null)
            return Errno.EIO;
        if (buffer.Remaining > LargestWrite)
            return Errno.EINVAL;
        Span<byte> text = stackalloc byte[(int)buffer.Remaining];
        int count = buffer.Fetch(text);
        if (count < text.Length)
            return Errno.EFAULT;
        Errno error = receive(caller, text);
        return SyscallResult.From(error, count);
    }

    public override SyscallResult WriteAt(ICaller caller, IIoBuffer buffer, long offset) => Write(caller, buffer);

    public override SyscallResult Seek(ICaller caller, long offset, SeekWhence whence)
    {
        using (_lock.Enter())
        {
            long target = whence switch
            {
                SeekWhence.SEEK_SET => offset,
                SeekWhence.SEEK_CUR => unchecked(_position + offset),
                _ => -1,
            };
            if (target < 0)
                return Errno.EINVAL;
            _position = target;
            return target;
        }
    }

    private SyscallResult ReadLocked(ICaller caller, IIoBuffer buffer, long offset)
    {
        if (!CanRead)
            return Errno.EBADF;
        if (generate is null)
            return Errno.EINVAL;
        if (!_hasContent || offset == 0)
        {
            _content.Clear();
            Errno error = generate(caller, _content);
            if (error != Errno.Success)
                return error;
            _hasContent = true;
        }

        if (offset >= _content.Length || buffer.Remaining == 0)
            return 0;
        int count = (int)Math.Min(buffer.Remaining, _content.Length - offset);
        int stored = buffer.Store(_content.Written.Slice((int)offset, count));
        return stored == 0 ? Errno.EFAULT : stored;
    }
}
