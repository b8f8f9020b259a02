using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Events;

/// <summary>An inotify instance (inotify(7)): watches of inodes, and the events that nobody has read yet.</summary>
internal sealed class InotifyFile(uint userId) : EventFile, IInotifyFile
{
    /// <summary>struct inotify_event without its name.</summary>
    private const int HeaderSize = 16;

    private readonly KernelLock _lock = new(LockLevel.EventFile);
    private readonly WaitQueue _arrived = new();
    private readonly Queue<InotifyEvent> _events = new();
    private InotifyEvent _last;
    private int _bytes;
    private bool _hasOverflown;

    /// <summary>Who made it: the limits are by user.</summary>
    public uint UserId => userId;

    /// <summary>Watches by number; guarded by the VFS's lock of watches.</summary>
    public Dictionary<int, InodeWatch> Watches { get; } = [];

    /// <summary>The next number; none is used again before all others were.</summary>
    public int NextDescriptor { get; set; } = 1;

    public override bool IsPollable => true;

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer) => ReadOrWait(caller, _arrived, buffer);

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer) => Errno.EBADF;

    public override SyscallResult Seek(ICaller caller, long offset, SeekWhence whence) => SeekNowhere;

    public override PollEvents Poll(IPollTable? table)
    {
        table?.Watch(_arrived);
        return Volatile.Read(ref _bytes) > 0 ? PollEvents.In | PollEvents.ReadNormal : PollEvents.None;
    }

    public override SyscallResult Control(ICaller caller, uint request, ulong argument, Span<byte> data)
    {
        if (request != Ioctls.FIONREAD)
            return base.Control(caller, request, argument, data);
        BitConverter.TryWriteBytes(data, Volatile.Read(ref _bytes));
        return 0;
    }

    public Errno Add(ICaller caller, in PathArgument path, InotifyFlags mask, out int descriptor) =>
        Vfs.AddWatch(caller, this, path, mask, out descriptor);

    public Errno Remove(int descriptor) => Vfs.RemoveWatch(this, descriptor);

    /// <summary>Adds an event, unless it says the same as the one before it.</summary>
    public void Put(in InotifyEvent added)
    {
        using (_lock.Enter())
        {
            if (_events.Count > 0 && _last.SaysTheSame(added))
                return;
            InotifyEvent put = added;
            if (_events.Count >= VirtualFileSystem.MostQueuedEvents)
            {
                if (_hasOverflown)
                    return;
                _hasOverflown = true;
                put = new InotifyEvent(-1, InotifyFlags.IN_Q_OVERFLOW, 0, null);
            }

            _events.Enqueue(put);
            _last = put;
            Volatile.Write(ref _bytes, _bytes + put.Size);
        }

        _arrived.Wake(PollEvents.In | PollEvents.ReadNormal);
    }

    public override void DescribeDetails(ByteWriter writer)
    {
        using (Vfs.WatchLock.Enter())
        {
            foreach (InodeWatch watch in Watches.Values)
            {
                writer.Write("inotify wd:"u8).Hexadecimal((ulong)watch.Descriptor).Write(" ino:"u8).Hexadecimal(watch.Inode.Number);
                writer.Write(" sdev:"u8).Hexadecimal(watch.Inode.FileSystem.Device).Write(" mask:"u8).Hexadecimal((uint)watch.Mask);
                writer.Write(" ignored_mask:0 \n"u8);
            }
        }
    }

    protected override void OnClosed() => Vfs.RemoveInstance(this);

    protected override SyscallResult TryRead(IIoBuffer buffer)
    {
        long done = 0;
        Span<byte> record = stackalloc byte[HeaderSize + 256];
        while (true)
        {
            InotifyEvent next;
            using (_lock.Enter())
            {
                if (!_events.TryPeek(out next))
                    return done > 0 ? done : Errno.EAGAIN;
                if (next.Size > buffer.Remaining)
                    return done > 0 ? done : Errno.EINVAL;
                _events.Dequeue();
                Volatile.Write(ref _bytes, _bytes - next.Size);
                _hasOverflown &= next.Mask != InotifyFlags.IN_Q_OVERFLOW;
            }

            next.Write(record);
            if (buffer.Store(record[..next.Size]) < next.Size)
                return done > 0 ? done : Errno.EFAULT;
            done += next.Size;
        }
    }
}

/// <summary>struct inotify_event.</summary>
/// <param name="Watch">wd.</param>
/// <param name="Mask">What has happened.</param>
/// <param name="Cookie">Connects the two halves of a move.</param>
/// <param name="Name">Name in the watched directory, or null.</param>
internal readonly record struct InotifyEvent(int Watch, InotifyFlags Mask, uint Cookie, byte[]? Name)
{
    private const int HeaderSize = 16;

    /// <summary>Names have a NUL and are padded to the size of the structure.</summary>
    public int Size => HeaderSize + (Name is null ? 0 : (Name.Length + HeaderSize) & -HeaderSize);

    public bool SaysTheSame(in InotifyEvent other) =>
        Watch == other.Watch && Mask == other.Mask && (Mask & InotifyFlags.IN_IGNORED) == 0 && Name.AsSpan().SequenceEqual(other.Name);

    public void Write(Span<byte> into)
    {
        into[..Size].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(into, Watch);
        BinaryPrimitives.WriteUInt32LittleEndian(into[4..], (uint)Mask);
        BinaryPrimitives.WriteUInt32LittleEndian(into[8..], Cookie);
        BinaryPrimitives.WriteInt32LittleEndian(into[12..], Size - HeaderSize);
        Name?.CopyTo(into[HeaderSize..]);
    }
}
