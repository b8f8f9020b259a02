using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Processes;

/// <summary>/proc/PID, and /proc/PID/task/TID. Made anew by each lookup.</summary>
internal sealed class ProcessDirectory : Inode
{
    private readonly ProcessFileSystem _fileSystem;
    private readonly IProcessInformation _process;
    private readonly int _threadId;

    public ProcessDirectory(ProcessFileSystem fileSystem, IProcessInformation process, int threadId)
        : this(fileSystem, process, threadId, OwnerOf(process))
    {
    }

    private ProcessDirectory(ProcessFileSystem fileSystem, IProcessInformation process, int threadId, ProcessStatus status)
        : base(fileSystem, FileModes.S_IFDIR | 0x16D, status.EffectiveUserId, status.EffectiveGroupId, NumberOf(threadId == 0 ? process.ProcessId : threadId, threadId == 0 ? 0 : 1))
    {
        _fileSystem = fileSystem;
        _process = process;
        _threadId = threadId;
        LinkCount = 9;
        long now = fileSystem.Vfs.Services.Clock.RealtimeNanoseconds;
        AccessTime = now;
        ModificationTime = now;
        ChangeTime = now;
        BirthTime = now;
    }

    public IProcessInformation Process => _process;

    public bool IsOfThread => _threadId != 0;

    public static ulong NumberOf(int id, int index) => ProcessFileSystem.FirstProcessInode + ((ulong)(uint)id << 16) + (uint)index;

    public static ProcessStatus OwnerOf(IProcessInformation process)
    {
        process.TryGetStatus(0, out ProcessStatus status);
        return status;
    }

    /// <summary>Whether a thread may look into a process's secrets (ptrace(2), access mode checking).</summary>
    public static bool MayInspect(ICaller caller, IProcessInformation process)
    {
        const int capSysPtrace = 19;
        if (caller.ProcessId == process.ProcessId)
            return true;
        Credentials identity = caller.Credentials;
        if (identity.Has(capSysPtrace))
            return true;
        return process.TryGetStatus(0, out ProcessStatus status) && status.IsDumpable && (status.Permitted & ~identity.Capabilities) == 0
            && identity.UserId == status.UserId && identity.UserId == status.EffectiveUserId && identity.UserId == status.SavedUserId
            && identity.GroupId == status.GroupId && identity.GroupId == status.EffectiveGroupId && identity.GroupId == status.SavedGroupId;
    }

    public override Errno Lookup(ICaller caller, Dentry directory, ReadOnlySpan<byte> name, uint hash, out Dentry? child)
    {
        child = null;
        if (!_process.TryGetStatus(_threadId, out _))
            return Errno.ENOENT;
        ReadOnlySpan<ProcessEntry> entries = ProcessEntries.All;
        for (int i = 0; i < entries.Length; i++)
        {
            ProcessEntry entry = entries[i];
            if (!name.SequenceEqual(entry.Name) || !entry.IsIn(_threadId != 0))
                continue;
            int id = _threadId == 0 ? _process.ProcessId : _threadId;
            ulong number = NumberOf(id, (i * 2) + 2 + (_threadId == 0 ? 0 : 1));
            child = new Dentry(directory, name.ToArray(), hash, entry.Create(_fileSystem, _process, _threadId, number, this));
            break;
        }

        return Errno.Success;
    }

    public override bool NextEntry(ICaller caller, Dentry directory, ref long position, Span<byte> nameBuffer, out ListedEntry entry)
    {
        ReadOnlySpan<ProcessEntry> entries = ProcessEntries.All;
        for (long i = position - 2; i < entries.Length; i++)
        {
            ProcessEntry found = entries[(int)i];
            if (!found.IsIn(_threadId != 0))
                continue;
            found.Name.CopyTo(nameBuffer);
            int id = _threadId == 0 ? _process.ProcessId : _threadId;
            entry = new ListedEntry(NumberOf(id, ((int)i * 2) + 2), found.Mode, found.Name.Length);
            position = i + 3;
            return true;
        }

        entry = default;
        return false;
    }

    public override Errno SetAttributes(ICaller caller, in AttributeChange change) => Errno.EPERM;
}
