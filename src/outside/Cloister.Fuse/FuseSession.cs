using System;
using System.Buffers.Binary;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;

namespace Cloister.Fuse;

/// <summary>Answers one request at a time, from a buffer into another. Each thread has its own.</summary>
internal sealed class FuseSession : IStoredEntrySink
{
    private const int MaxWrite = 1 << 20;

    // Nobody else changes the volume while it is mounted; only the blocks that a file takes change by themselves.
    private const ulong NameSeconds = 3600;
    private const ulong AttributeSeconds = 1;

    private readonly IFileStore _files;
    private int _replied;
    private int _limit;

    public FuseSession(IFileStore files) => _files = files;

    /// <summary>Where the kernel puts a request.</summary>
    public byte[] Request { get; } = new byte[MaxWrite + 4096];

    /// <summary>The answer.</summary>
    public byte[] Reply { get; } = new byte[MaxWrite + 4096];

    private static long Now => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;

    /// <summary>Answers the request.</summary>
    /// <returns>Bytes of the answer; 0 where the kernel expects none.</returns>
    public int Answer(int length)
    {
        if (length < FuseProtocol.InHeader)
            return 0;
        var operation = (FuseOperation)U32(4);
        ulong node = U64(16);
        _replied = FuseProtocol.OutHeader;
        if (operation is FuseOperation.Forget or FuseOperation.BatchForget or FuseOperation.Interrupt)
        {
            Forget(operation, node);
            return 0;
        }

        Errno error = Perform(operation, node, Request.AsSpan(FuseProtocol.InHeader, length - FuseProtocol.InHeader));
        if (error != Errno.Success)
            _replied = FuseProtocol.OutHeader;
        BinaryPrimitives.WriteInt32LittleEndian(Reply, _replied);
        BinaryPrimitives.WriteInt32LittleEndian(Reply.AsSpan(4), -(int)error);
        BinaryPrimitives.WriteUInt64LittleEndian(Reply.AsSpan(8), U64(8));
        return _replied;
    }

    public bool Add(in StoredEntry entry, ReadOnlySpan<byte> name) => AddEntry(entry.Inode, entry.NextCookie + 2, entry.Type, name);

    private Errno Perform(FuseOperation operation, ulong node, ReadOnlySpan<byte> body)
    {
        switch (operation)
        {
            case FuseOperation.Initialize:
                return Initialize(body);
            case FuseOperation.Destroy:
                return Errno.Success;
            case FuseOperation.Lookup:
                return ReplyEntry(_files.Lookup(node, Text(ref body), out StoredAttributes attributes), attributes);
            case FuseOperation.GetAttributes:
                return ReplyAttributes(_files.GetAttributes(node, out attributes), attributes);
            case FuseOperation.SetAttributes:
                return SetAttributes(node, body);
            case FuseOperation.ReadLink:
                Errno error = _files.ReadSymbolicLink(node, Reply.AsSpan(_replied), out int length);
                _replied += length;
                return error;
            case FuseOperation.SymbolicLink:
                ReadOnlySpan<byte> name = Text(ref body);
                return ReplyEntry(_files.CreateSymbolicLink(node, name, Text(ref body), NewNode(node, FileModes.S_IRWXUGO, 0), Now, out attributes), attributes);
            case FuseOperation.MakeNode:
                NewInode made = NewNode(node, Read32(ref body), Read32(ref body));
                _ = Read64(ref body);
                return ReplyEntry(_files.Create(node, Text(ref body), made, Now, out attributes), attributes);
            case FuseOperation.MakeDirectory:
                made = NewNode(node, Read32(ref body) | FileModes.S_IFDIR, 0);
                _ = Read32(ref body);
                return ReplyEntry(_files.Create(node, Text(ref body), made, Now, out attributes), attributes);
            case FuseOperation.Create:
            case FuseOperation.TemporaryFile:
                return Create(operation, node, body);
            case FuseOperation.Unlink:
                return _files.Unlink(node, Text(ref body), Now);
            case FuseOperation.RemoveDirectory:
                return _files.RemoveDirectory(node, Text(ref body), Now);
            case FuseOperation.Rename:
            case FuseOperation.Rename2:
                ulong directory = Read64(ref body);
                RenameFlags flags = operation == FuseOperation.Rename2 ? (RenameFlags)(uint)Read64(ref body) : RenameFlags.None;
                name = Text(ref body);
                return _files.Rename(node, name, directory, Text(ref body), flags, Now);
            case FuseOperation.Link:
                ulong old = Read64(ref body);
                return ReplyEntry(_files.Link(old, node, Text(ref body), Now, out attributes), attributes);
            case FuseOperation.Open:
                return Open(node, Read32(ref body));
            case FuseOperation.OpenDirectory:
                return ReplyOpen();
            case FuseOperation.Release:
            case FuseOperation.ReleaseDirectory:
            case FuseOperation.Flush:
                return Errno.Success;
            case FuseOperation.Read:
                return ReadFile(node, body);
            case FuseOperation.Write:
                return WriteFile(node, body);
            case FuseOperation.ReadDirectory:
                return ReadDirectory(node, body);
            case FuseOperation.Synchronize:
            case FuseOperation.SynchronizeDirectory:
                return _files.Synchronize();
            case FuseOperation.StatFs:
                return StatFs();
            case FuseOperation.Allocate:
                _ = Read64(ref body);
                long offset = (long)Read64(ref body), count = (long)Read64(ref body);
                return _files.Allocate(node, (FallocateMode)Read32(ref body), offset, count, Now);
            case FuseOperation.Seek:
                _ = Read64(ref body);
                offset = (long)Read64(ref body);
                error = _files.Seek(node, offset, (SeekWhence)Read32(ref body), out long found);
                Put64((ulong)found);
                return error;
            case FuseOperation.SetExtendedAttribute:
                int size = (int)Read32(ref body);
                var attributeFlags = (XattrFlags)Read32(ref body);
                name = Text(ref body);
                return IsOurs(name) ? _files.SetExtendedAttribute(node, name, body[..size], attributeFlags, Now) : Errno.EOPNOTSUPP;
            case FuseOperation.GetExtendedAttribute:
            case FuseOperation.ListExtendedAttributes:
                return GetExtendedAttributes(operation, node, body);
            case FuseOperation.RemoveExtendedAttribute:
                return _files.RemoveExtendedAttribute(node, Text(ref body), Now);
            default:
                return Errno.ENOSYS;
        }
    }

    private Errno Initialize(ReadOnlySpan<byte> body)
    {
        uint major = Read32(ref body), minor = Read32(ref body), readAhead = Read32(ref body), offered = Read32(ref body);
        if (major < FuseProtocol.Major)
            return Errno.EPROTO;
        const uint wanted = FuseProtocol.AsyncRead | FuseProtocol.AtomicTruncate | FuseProtocol.BigWrites | FuseProtocol.ParallelDirectories | FuseProtocol.MaxPages;
        Put32(FuseProtocol.Major);
        Put32(Math.Min(minor, FuseProtocol.Minor));
        Put32(readAhead);
        Put32(offered & wanted);
        Put32(16 | (12 << 16));
        Put32(MaxWrite);
        Put32(1);
        Put32(MaxWrite / 4096);
        Reply.AsSpan(_replied, 32).Clear();
        _replied += 32;
        return Errno.Success;
    }

    private void Forget(FuseOperation operation, ulong node)
    {
        ReadOnlySpan<byte> body = Request.AsSpan(FuseProtocol.InHeader);
        if (operation == FuseOperation.Forget)
        {
            _files.Release(node, Read64(ref body));
        }
        else if (operation == FuseOperation.BatchForget)
        {
            for (ulong left = (uint)Read64(ref body); left > 0; left--)
            {
                ulong forgotten = Read64(ref body);
                _files.Release(forgotten, Read64(ref body));
            }
        }
    }

    // What a new file gets from its directory: the group, and with directories the bit that says so (inode_init_owner()).
    private NewInode NewNode(ulong directory, uint mode, uint device)
    {
        uint user = U32(24), group = U32(28);
        if (_files.GetAttributes(directory, out StoredAttributes parent) == Errno.Success && (parent.Mode & FileModes.S_ISGID) != 0)
        {
            group = parent.GroupId;
            if (FileModes.IsDirectory(mode))
                mode |= FileModes.S_ISGID;
        }

        return new NewInode(mode, user, group, device);
    }

    private Errno Create(FuseOperation operation, ulong node, ReadOnlySpan<byte> body)
    {
        _ = Read32(ref body);
        NewInode made = NewNode(node, Read32(ref body), 0);
        _ = Read64(ref body);
        Errno error;
        StoredAttributes attributes;
        if (operation == FuseOperation.TemporaryFile)
        {
            // It is held once already, which the kernel's forgetting ends.
            error = _files.CreateTemporary(made, Now, out attributes);
            if (error == Errno.Success)
                PutEntry(attributes);
        }
        else
        {
            error = ReplyEntry(_files.Create(node, Text(ref body), made, Now, out attributes), attributes);
        }

        return error == Errno.Success ? ReplyOpen() : error;
    }

    private Errno Open(ulong node, uint flags)
    {
        if ((flags & FuseProtocol.OpenTruncate) != 0)
        {
            Errno error = _files.SetAttributes(node, new AttributeChange { Mask = AttributeMask.Size }, Now, out _);
            if (error != Errno.Success)
                return error;
        }

        return ReplyOpen();
    }

    private Errno SetAttributes(ulong node, ReadOnlySpan<byte> body)
    {
        uint valid = Read32(ref body);
        ReadOnlySpan<byte> fields = body[4..];
        long now = Now;
        var change = new AttributeChange
        {
            Size = BinaryPrimitives.ReadInt64LittleEndian(fields[8..]),
            AccessTime = (valid & FuseProtocol.SetAccessTimeNow) != 0 ? now : Time(fields, 24, 48),
            ModificationTime = (valid & FuseProtocol.SetModificationTimeNow) != 0 ? now : Time(fields, 32, 52),
            Mode = BinaryPrimitives.ReadUInt32LittleEndian(fields[60..]),
            UserId = BinaryPrimitives.ReadUInt32LittleEndian(fields[68..]),
            GroupId = BinaryPrimitives.ReadUInt32LittleEndian(fields[72..]),
        };
        change.Mask |= (valid & FuseProtocol.SetMode) != 0 ? AttributeMask.Mode : 0;
        change.Mask |= (valid & FuseProtocol.SetUser) != 0 ? AttributeMask.UserId : 0;
        change.Mask |= (valid & FuseProtocol.SetGroup) != 0 ? AttributeMask.GroupId : 0;
        change.Mask |= (valid & FuseProtocol.SetSize) != 0 ? AttributeMask.Size : 0;
        change.Mask |= (valid & FuseProtocol.SetAccessTime) != 0 ? AttributeMask.AccessTime : 0;
        change.Mask |= (valid & FuseProtocol.SetModificationTime) != 0 ? AttributeMask.ModificationTime : 0;
        return ReplyAttributes(_files.SetAttributes(node, change, now, out StoredAttributes attributes), attributes);
    }

    private static long Time(ReadOnlySpan<byte> fields, int seconds, int nanoseconds) =>
        BinaryPrimitives.ReadInt64LittleEndian(fields[seconds..]) * 1_000_000_000 + BinaryPrimitives.ReadUInt32LittleEndian(fields[nanoseconds..]);

    private Errno ReadFile(ulong node, ReadOnlySpan<byte> body)
    {
        _ = Read64(ref body);
        long offset = (long)Read64(ref body);
        int size = (int)Math.Min(Read32(ref body), MaxWrite);
        Errno error = _files.Read(node, offset, Reply.AsSpan(_replied, size), out int count);
        _replied += count;
        return error;
    }

    private Errno WriteFile(ulong node, ReadOnlySpan<byte> body)
    {
        _ = Read64(ref body);
        long offset = (long)Read64(ref body);
        int size = (int)Read32(ref body);
        Errno error = _files.Write(node, offset, body.Slice(20, size), Now, out int count);
        Put32((uint)count);
        Put32(0);
        return error;
    }

    // Cookies 1 and 2 stand behind "." and "..", which the store doesn't list.
    private Errno ReadDirectory(ulong node, ReadOnlySpan<byte> body)
    {
        _ = Read64(ref body);
        long cookie = (long)Read64(ref body);
        _limit = _replied + (int)Math.Min(Read32(ref body), MaxWrite);
        if (_files.GetAttributes(node, out StoredAttributes attributes) is var error and not Errno.Success)
            return error;
        if (cookie < 1 && !AddEntry(node, 1, FileModes.S_IFDIR, "."u8))
            return Errno.Success;
        if (cookie < 2 && !AddEntry(attributes.Parent, 2, FileModes.S_IFDIR, ".."u8))
            return Errno.Success;
        return _files.ReadDirectory(node, Math.Max(0, cookie - 2), this);
    }

    private bool AddEntry(ulong inode, long cookie, uint type, ReadOnlySpan<byte> name)
    {
        int size = (24 + name.Length + 7) & ~7;
        if (_replied + size > _limit)
            return false;
        int end = _replied + size;
        Put64(inode);
        Put64((ulong)cookie);
        Put32((uint)name.Length);
        Put32(type >> 12);
        name.CopyTo(Reply.AsSpan(_replied));
        Reply.AsSpan(_replied + name.Length, end - _replied - name.Length).Clear();
        _replied = end;
        return true;
    }

    private Errno StatFs()
    {
        StoreStatus status = _files.GetStatus();
        Put64((ulong)status.Blocks);
        Put64((ulong)status.BlocksFree);
        Put64((ulong)status.BlocksAvailable);
        Put64((ulong)(status.Inodes + status.InodesFree));
        Put64((ulong)status.InodesFree);
        Put32(IBlockDevice.BlockSize);
        Put32(IFileStore.NameMax);
        Put32(IBlockDevice.BlockSize);
        Reply.AsSpan(_replied, 28).Clear();
        _replied += 28;
        return Errno.Success;
    }

    private Errno GetExtendedAttributes(FuseOperation operation, ulong node, ReadOnlySpan<byte> body)
    {
        int size = (int)Math.Min(Read32(ref body), MaxWrite);
        _ = Read32(ref body);
        Span<byte> into = size == 0 ? default : Reply.AsSpan(_replied, size);
        ReadOnlySpan<byte> name = operation == FuseOperation.GetExtendedAttribute ? Text(ref body) : default;
        int length;
        Errno error = operation == FuseOperation.GetExtendedAttribute
            ? IsOurs(name) ? _files.GetExtendedAttribute(node, name, into, out length) : Refuse(out length)
            : _files.ListExtendedAttributes(node, into, out length);
        if (error != Errno.Success)
            return error;
        if (size != 0)
        {
            _replied += length;
            return Errno.Success;
        }

        Put32((uint)length);
        Put32(0);
        return Errno.Success;
    }

    private static Errno Refuse(out int length)
    {
        length = 0;
        return Errno.ENODATA;
    }

    // Access control lists would have to be enforced too.
    private static bool IsOurs(ReadOnlySpan<byte> name) => !name.StartsWith("system."u8);

    private Errno ReplyEntry(Errno error, in StoredAttributes attributes)
    {
        // The kernel now knows the inode, until it forgets it.
        if (error == Errno.Success)
            error = _files.Acquire(attributes.Inode);
        if (error == Errno.Success)
            PutEntry(attributes);
        return error;
    }

    private void PutEntry(in StoredAttributes attributes)
    {
        Put64(attributes.Inode);
        Put64(0);
        Put64(NameSeconds);
        Put64(AttributeSeconds);
        Put64(0);
        PutAttributes(attributes);
    }

    private Errno ReplyAttributes(Errno error, in StoredAttributes attributes)
    {
        if (error != Errno.Success)
            return error;
        Put64(AttributeSeconds);
        Put64(0);
        PutAttributes(attributes);
        return Errno.Success;
    }

    private Errno ReplyOpen()
    {
        Put64(0);
        Put32(FuseProtocol.KeepCache);
        Put32(0);
        return Errno.Success;
    }

    private void PutAttributes(in StoredAttributes attributes)
    {
        Put64(attributes.Inode);
        Put64((ulong)attributes.Size);
        Put64((ulong)attributes.Blocks * 8);
        Put64((ulong)Seconds(attributes.AccessTime));
        Put64((ulong)Seconds(attributes.ModificationTime));
        Put64((ulong)Seconds(attributes.ChangeTime));
        Put32(Nanoseconds(attributes.AccessTime));
        Put32(Nanoseconds(attributes.ModificationTime));
        Put32(Nanoseconds(attributes.ChangeTime));
        Put32(attributes.Mode);
        Put32(attributes.LinkCount);
        Put32(attributes.UserId);
        Put32(attributes.GroupId);
        Put32((uint)attributes.RawDevice);
        Put32(IBlockDevice.BlockSize);
        Put32(0);
    }

    // Times before 1970 have negative seconds and positive nanoseconds.
    private static long Seconds(long time) => Math.DivRem(time, 1_000_000_000, out long rest) - (rest < 0 ? 1 : 0);

    private static uint Nanoseconds(long time) => (uint)(time - Seconds(time) * 1_000_000_000);

    private static ReadOnlySpan<byte> Text(ref ReadOnlySpan<byte> body)
    {
        int length = body.IndexOf((byte)0);
        ReadOnlySpan<byte> text = length < 0 ? body : body[..length];
        body = length < 0 ? default : body[(length + 1)..];
        return text;
    }

    private static uint Read32(ref ReadOnlySpan<byte> body)
    {
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(body);
        body = body[4..];
        return value;
    }

    private static ulong Read64(ref ReadOnlySpan<byte> body)
    {
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(body);
        body = body[8..];
        return value;
    }

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Request.AsSpan(offset));

    private ulong U64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Request.AsSpan(offset));

    private void Put32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Reply.AsSpan(_replied), value);
        _replied += 4;
    }

    private void Put64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Reply.AsSpan(_replied), value);
        _replied += 8;
    }
}
