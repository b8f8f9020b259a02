using System;
using System.Buffers;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;

namespace Cloister.Fuse;

/// <summary>Answers the requests of one mount from its store.</summary>
// SAFETY (all of this class): pointers in a request are libfuse's and good until it is answered; names end with NUL, and the
// lengths that come with bytes are those of its buffers.
internal sealed unsafe class FuseFiles(IFileStore files)
{
    /// <summary>Seconds for which the kernel need not ask again: only it changes anything.</summary>
    private const double Timeout = 3600;

    // Positions 0 and 1 of a directory are "." and "..".
    private const long FirstPosition = 2;

    private const int Truncate = 0x200; // O_TRUNC

    // FUSE_SET_ATTR_*
    private const uint SetMode = 1;
    private const uint SetUserId = 2;
    private const uint SetGroupId = 4;
    private const uint SetSize = 8;
    private const uint SetAccessTime = 16;
    private const uint SetModificationTime = 32;
    private const uint SetAccessTimeNow = 128;
    private const uint SetModificationTimeNow = 256;

    private static long Now => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;

    public void Lookup(in FuseRequest request)
    {
        Errno error = files.Lookup(request.Inode, Text(request.Name), out StoredAttributes found);
        ReplyEntry(request, error, found);
    }

    public void Forget(in FuseRequest request)
    {
        files.Release(request.Inode, request.Other);
        LibFuse.ReplyNone(request.Handle);
    }

    public void GetAttributes(in FuseRequest request) =>
        ReplyAttributes(request, files.GetAttributes(request.Inode, out StoredAttributes attributes), attributes);

    public void SetAttributes(in FuseRequest request)
    {
        LibFuse.Stat* given = request.Attributes;
        uint mask = request.Flags;
        long now = Now;
        var change = new AttributeChange
        {
            Mask = ((mask & SetMode) != 0 ? AttributeMask.Mode : 0)
                | ((mask & SetUserId) != 0 ? AttributeMask.UserId : 0)
                | ((mask & SetGroupId) != 0 ? AttributeMask.GroupId : 0)
                | ((mask & SetSize) != 0 ? AttributeMask.Size : 0)
                | ((mask & (SetAccessTime | SetAccessTimeNow)) != 0 ? AttributeMask.AccessTime : 0)
                | ((mask & (SetModificationTime | SetModificationTimeNow)) != 0 ? AttributeMask.ModificationTime : 0),
            Mode = given->Mode & FileModes.S_IALLUGO,
            UserId = given->UserId,
            GroupId = given->GroupId,
            Size = given->Size,
            AccessTime = (mask & SetAccessTimeNow) != 0 ? now : Join(given->AccessSeconds, given->AccessNanoseconds),
            ModificationTime = (mask & SetModificationTimeNow) != 0 ? now : Join(given->ModificationSeconds, given->ModificationNanoseconds),
        };
        ReplyAttributes(request, files.SetAttributes(request.Inode, change, now, out StoredAttributes attributes), attributes);
    }

    public void ReadLink(in FuseRequest request)
    {
        byte* target = stackalloc byte[FileLimits.PATH_MAX];
        Errno error = files.ReadSymbolicLink(request.Inode, new Span<byte>(target, FileLimits.PATH_MAX - 1), out int length);
        if (error != Errno.Success)
        {
            Reply(request, error);
            return;
        }

        target[length] = 0;
        LibFuse.ReplyReadLink(request.Handle, target);
    }

    public void MakeNode(in FuseRequest request)
    {
        Errno error = Make(request, out StoredAttributes made);
        ReplyEntry(request, error, made);
    }

    public void Create(in FuseRequest request)
    {
        FuseRequest node = request;
        node.Mode = FileModes.S_IFREG | (request.Mode & FileModes.S_IALLUGO);
        Errno error = Make(node, out StoredAttributes made);
        if (error == Errno.Success)
            error = files.Acquire(made.Inode);
        if (error != Errno.Success)
        {
            Reply(request, error);
            return;
        }

        LibFuse.Entry entry = EntryOf(made);
        request.File->Bits |= LibFuse.FileInformation.KeepCache;
        if (LibFuse.ReplyCreate(request.Handle, &entry, request.File) != 0)
            files.Release(made.Inode);
    }

    public void SymbolicLink(in FuseRequest request)
    {
        NewInode node = Owned(request, FileModes.S_IFLNK | FileModes.S_IRWXUGO);
        Errno error = files.CreateSymbolicLink(request.Inode, Text(request.Name), Text(request.SecondName), node, Now, out StoredAttributes made);
        ReplyEntry(request, error, made);
    }

    public void Unlink(in FuseRequest request) => Reply(request, files.Unlink(request.Inode, Text(request.Name), Now));

    public void RemoveDirectory(in FuseRequest request) => Reply(request, files.RemoveDirectory(request.Inode, Text(request.Name), Now));

    public void Rename(in FuseRequest request) =>
        Reply(request, files.Rename(request.Inode, Text(request.Name), request.Other, Text(request.SecondName), (RenameFlags)request.Flags, Now));

    public void Link(in FuseRequest request)
    {
        Errno error = files.Link(request.Inode, request.Other, Text(request.Name), Now, out StoredAttributes linked);
        ReplyEntry(request, error, linked);
    }

    public void Open(in FuseRequest request)
    {
        if ((request.File->Flags & Truncate) != 0)
        {
            var change = new AttributeChange { Mask = AttributeMask.Size };
            Errno error = files.SetAttributes(request.Inode, change, Now, out _);
            if (error != Errno.Success)
            {
                Reply(request, error);
                return;
            }
        }

        request.File->Bits |= LibFuse.FileInformation.KeepCache;
        LibFuse.ReplyOpen(request.Handle, request.File);
    }

    public void Read(in FuseRequest request)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)request.Length);
        Errno error = files.Read(request.Inode, request.Offset, buffer.AsSpan(0, (int)request.Length), out int count);
        ReplyBytes(request, error, buffer, count);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    public void Write(in FuseRequest request)
    {
        Errno error = files.Write(request.Inode, request.Offset, new ReadOnlySpan<byte>(request.Name, (int)request.Length), Now, out int count);
        if (error != Errno.Success && count == 0)
            Reply(request, error);
        else
            LibFuse.ReplyWrite(request.Handle, count);
    }

    public void Synchronize(in FuseRequest request) => Reply(request, files.Synchronize());

    public void ReadDirectory(in FuseRequest request)
    {
        Errno error = files.GetAttributes(request.Inode, out StoredAttributes self);
        if (error != Errno.Success)
        {
            Reply(request, error);
            return;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)request.Length);
        fixed (byte* start = buffer)
        {
            var listing = new Listing(request.Handle, start, (int)request.Length);
            bool hasRoom = (request.Offset > 0 || listing.Add(new StoredEntry(self.Inode, FileModes.S_IFDIR, 1 - FirstPosition), "."u8))
                && (request.Offset > 1 || listing.Add(new StoredEntry(self.Parent == 0 ? self.Inode : self.Parent, FileModes.S_IFDIR, 0), ".."u8));
            if (hasRoom)
                error = files.ReadDirectory(request.Inode, Math.Max(0, request.Offset - FirstPosition), listing);
            ReplyBytes(request, error, buffer, listing.Length);
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    public void GetFileSystem(in FuseRequest request)
    {
        StoreStatus store = files.GetStatus();
        var status = new LibFuse.StatVfs
        {
            BlockSize = IBlockDevice.BlockSize,
            FragmentSize = IBlockDevice.BlockSize,
            Blocks = (ulong)store.Blocks,
            BlocksFree = (ulong)store.BlocksFree,
            BlocksAvailable = (ulong)store.BlocksAvailable,
            Files = (ulong)(store.Inodes + store.InodesFree),
            FilesFree = (ulong)store.InodesFree,
            FilesAvailable = (ulong)store.InodesFree,
            NameMax = IFileStore.NameMax,
        };
        LibFuse.ReplyFileSystem(request.Handle, &status);
    }

    public void SetExtendedAttribute(in FuseRequest request)
    {
        var value = new ReadOnlySpan<byte>(request.SecondName, (int)request.Length);
        if (!HasNamespace(request))
            return;
        Reply(request, files.SetExtendedAttribute(request.Inode, Text(request.Name), value, (XattrFlags)request.Flags, Now));
    }

    public void GetExtendedAttribute(in FuseRequest request)
    {
        if (!HasNamespace(request))
            return;
        byte[] value = ArrayPool<byte>.Shared.Rent(Math.Max(1, (int)request.Length));
        Errno error = files.GetExtendedAttribute(request.Inode, Text(request.Name), value.AsSpan(0, (int)request.Length), out int length);
        ReplyAttribute(request, error, value, length);
    }

    public void ListExtendedAttributes(in FuseRequest request)
    {
        byte[] names = ArrayPool<byte>.Shared.Rent(Math.Max(1, (int)request.Length));
        Errno error = files.ListExtendedAttributes(request.Inode, names.AsSpan(0, (int)request.Length), out int length);
        ReplyAttribute(request, error, names, length);
    }

    public void RemoveExtendedAttribute(in FuseRequest request)
    {
        if (HasNamespace(request))
            Reply(request, files.RemoveExtendedAttribute(request.Inode, Text(request.Name), Now));
    }

    public void Allocate(in FuseRequest request) =>
        Reply(request, files.Allocate(request.Inode, (FallocateMode)request.Flags, request.Offset, request.Length, Now));

    public void Seek(in FuseRequest request)
    {
        Errno error = files.Seek(request.Inode, request.Offset, (SeekWhence)request.Flags, out long found);
        if (error == Errno.Success)
            LibFuse.ReplySeek(request.Handle, found);
        else
            Reply(request, error);
    }

    private static ReadOnlySpan<byte> Text(byte* text) => MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text);

    private static long Join(long seconds, long nanoseconds) => (seconds * 1_000_000_000) + nanoseconds;

    /// <summary>Seconds and the nanoseconds above them, which are never negative.</summary>
    private static long Split(long time, out long nanoseconds)
    {
        long seconds = Math.DivRem(time, 1_000_000_000, out nanoseconds);
        if (nanoseconds >= 0)
            return seconds;
        nanoseconds += 1_000_000_000;
        return seconds - 1;
    }

    private static void Reply(in FuseRequest request, Errno error) => LibFuse.ReplyError(request.Handle, (int)error);

    /// <summary>
    /// Whether the attribute is one that is only kept. Those of "system." have a meaning, such as access control lists, that a
    /// file system which takes them must give them: else cp sets one in place of the permissions.
    /// </summary>
    private static bool HasNamespace(in FuseRequest request)
    {
        ReadOnlySpan<byte> name = Text(request.Name);
        if (name.StartsWith("user."u8) || name.StartsWith("trusted."u8) || name.StartsWith("security."u8))
            return true;
        Reply(request, Errno.EOPNOTSUPP);
        return false;
    }

    private static void ReplyBytes(in FuseRequest request, Errno error, byte[] bytes, int count)
    {
        if (error != Errno.Success)
        {
            Reply(request, error);
            return;
        }

        fixed (byte* start = bytes)
            LibFuse.ReplyBuffer(request.Handle, start, count);
    }

    private static void ReplyAttribute(in FuseRequest request, Errno error, byte[] value, int length)
    {
        if (error == Errno.Success && request.Length == 0)
            LibFuse.ReplyAttributeLength(request.Handle, length);
        else
            ReplyBytes(request, error, value, length);
        ArrayPool<byte>.Shared.Return(value);
    }

    private static void ReplyAttributes(in FuseRequest request, Errno error, in StoredAttributes attributes)
    {
        if (error != Errno.Success)
        {
            Reply(request, error);
            return;
        }

        LibFuse.Stat stat = StatOf(attributes);
        LibFuse.ReplyAttributes(request.Handle, &stat, Timeout);
    }

    private static LibFuse.Entry EntryOf(in StoredAttributes attributes) => new()
    {
        Inode = attributes.Inode,
        Attributes = StatOf(attributes),
        AttributesTimeout = Timeout,
        EntryTimeout = Timeout,
    };

    private static LibFuse.Stat StatOf(in StoredAttributes attributes) => new()
    {
        Inode = attributes.Inode,
        LinkCount = attributes.LinkCount,
        Mode = attributes.Mode,
        UserId = attributes.UserId,
        GroupId = attributes.GroupId,
        RawDevice = attributes.RawDevice,
        Size = FileModes.IsDirectory(attributes.Mode) ? IBlockDevice.BlockSize : attributes.Size,
        BlockSize = IBlockDevice.BlockSize,
        Blocks = attributes.Blocks * (IBlockDevice.BlockSize / 512),
        AccessSeconds = Split(attributes.AccessTime, out long accessed),
        AccessNanoseconds = accessed,
        ModificationSeconds = Split(attributes.ModificationTime, out long modified),
        ModificationNanoseconds = modified,
        ChangeSeconds = Split(attributes.ChangeTime, out long changed),
        ChangeNanoseconds = changed,
    };

    private Errno Make(in FuseRequest request, out StoredAttributes made) =>
        files.Create(request.Inode, Text(request.Name), Owned(request, request.Mode) with { RawDevice = request.Other }, Now, out made);

    /// <summary>Owner and group of a new file: the caller's, or the group of a directory with the set-group-ID bit (inode(7)).</summary>
    private NewInode Owned(in FuseRequest request, uint mode)
    {
        LibFuse.RequestContext* caller = LibFuse.GetContext(request.Handle);
        uint group = caller->GroupId;
        if (files.GetAttributes(request.Inode, out StoredAttributes parent) == Errno.Success && (parent.Mode & FileModes.S_ISGID) != 0)
        {
            group = parent.GroupId;
            if (FileModes.IsDirectory(mode))
                mode |= FileModes.S_ISGID;
        }

        return new NewInode(mode, caller->UserId, group);
    }

    /// <summary>Gives the kernel an inode, which it holds until it forgets it.</summary>
    private void ReplyEntry(in FuseRequest request, Errno error, in StoredAttributes attributes)
    {
        if (error == Errno.Success)
            error = files.Acquire(attributes.Inode);
        if (error != Errno.Success)
        {
            Reply(request, error);
            return;
        }

        LibFuse.Entry entry = EntryOf(attributes);
        if (LibFuse.ReplyEntry(request.Handle, &entry) != 0)
            files.Release(attributes.Inode);
    }

    /// <summary>Puts entries into a buffer in the form that the kernel wants.</summary>
    private sealed class Listing(nint request, byte* buffer, int size) : IStoredEntrySink
    {
        public int Length { get; private set; }

        public bool Add(in StoredEntry entry, ReadOnlySpan<byte> name)
        {
            byte* text = stackalloc byte[IFileStore.NameMax + 1];
            name.CopyTo(new Span<byte>(text, IFileStore.NameMax));
            text[name.Length] = 0;
            var attributes = new LibFuse.Stat { Inode = entry.Inode, Mode = entry.Type };
            nint needed = LibFuse.AddEntry(request, buffer + Length, size - Length, text, &attributes, entry.NextCookie + FirstPosition);
            if (needed > size - Length)
                return false;
            Length += (int)needed;
            return true;
        }
    }
}
