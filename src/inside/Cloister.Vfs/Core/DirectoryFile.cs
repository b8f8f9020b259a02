using System;
using System.Buffers.Binary;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus.Locking;

namespace Cloister.Vfs.Core;

/// <summary>An open directory.</summary>
internal sealed class DirectoryFile : OpenFile
{
    private readonly KernelLock _positionLock = new(LockLevel.FilePosition);
    private readonly byte[] _name = new byte[256];
    private long _position;

    public override long Position => _position;

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer) => Errno.EISDIR;

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer) => Errno.EBADF;

    public override SyscallResult ReadAt(ICaller caller, IIoBuffer buffer, long offset) => Errno.EISDIR;

    public override SyscallResult WriteAt(ICaller caller, IIoBuffer buffer, long offset) => Errno.EBADF;

    public override SyscallResult Seek(ICaller caller, long offset, SeekWhence whence)
    {
        using (_positionLock.Enter())
        {
            // The end of a directory has no position of its own, as in tmpfs; in generated file systems it is the size, 0.
            long target = whence switch
            {
                SeekWhence.SEEK_SET => offset,
                SeekWhence.SEEK_CUR => _position + offset,
                SeekWhence.SEEK_END when Inode.FileSystem.DirectoriesEndAtSize => Inode.Size + offset,
                _ => -1,
            };
            if (target < 0)
                return Errno.EINVAL;
            _position = target;
            return target;
        }
    }

    public override Errno Synchronize(ICaller caller, bool dataOnly) => Inode.FileSystem.Synchronize();

    public override Errno Truncate(ICaller caller, long length) => Errno.EINVAL;

    public override SyscallResult ReadDirectory(ICaller caller, DirectoryFormat format, Span<byte> into)
    {
        using (_positionLock.Enter())
        {
            // A removed directory has no entries, not even "." (getdents(2), ENOENT).
            if (Path.Dentry.IsRemoved)
                return Errno.ENOENT;
            if (_position == 0)
            {
                Errno error = Inode.PrepareListing(caller, Path.Dentry);
                if (error != Errno.Success)
                    return error;
            }

            int length = 0;
            while (true)
            {
                long next = _position;
                ListedEntry entry;
                if (next == 0)
                {
                    _name[0] = (byte)'.';
                    entry = new ListedEntry(Inode.Number, FileModes.S_IFDIR, 1);
                    next = 1;
                }
                else if (next == 1)
                {
                    _name[0] = (byte)'.';
                    _name[1] = (byte)'.';
                    entry = new ListedEntry(ParentNumber(), FileModes.S_IFDIR, 2);
                    next = 2;
                }
                else if (!Inode.NextEntry(caller, Path.Dentry, ref next, _name, out entry))
                {
                    break;
                }

                int record = format == DirectoryFormat.Dirent64
                    ? PutDirent64(into[length..], entry, next)
                    : PutDirent(into[length..], entry, next);
                if (record == 0)
                {
                    if (length == 0)
                        return Errno.EINVAL;
                    break;
                }

                length += record;
                _position = next;
            }

            if (length > 0 && (Flags & OpenFlags.O_NOATIME) == 0)
                Touch(caller);
            if (length > 0)
                Vfs.Notify(Path, InotifyFlags.IN_ACCESS);
            return length;
        }
    }

    protected override void Recycle()
    {
        _position = 0;
        Vfs.Pools.Directories.Give(this);
    }

    private void Touch(ICaller caller)
    {
        bool isDue = Inode.AccessTime <= Inode.ModificationTime || Path.Mount.Has(MountFlags.MS_STRICTATIME);
        if (isDue && !Path.Mount.IsReadOnly && (Path.Mount.Flags & (MountFlags.MS_NOATIME | MountFlags.MS_NODIRATIME)) == 0)
            Inode.AccessTime = caller.RealtimeNow;
    }

    private ulong ParentNumber()
    {
        VfsPath place = Path;
        while (place.Dentry == place.Mount.Root && place.Mount.Parent is { } parent)
            place = new VfsPath(parent, place.Mount.MountPoint!);
        return (place.Dentry.Parent ?? place.Dentry).Inode.Number;
    }

    // struct linux_dirent64: u64 d_ino, s64 d_off, u16 d_reclen, u8 d_type, d_name with NUL; a multiple of 8 long.
    private int PutDirent64(Span<byte> into, in ListedEntry entry, long next)
    {
        int length = (19 + entry.NameLength + 1 + 7) & ~7;
        if (into.Length < length)
            return 0;
        into = into[..length];
        BinaryPrimitives.WriteUInt64LittleEndian(into, entry.Inode);
        BinaryPrimitives.WriteInt64LittleEndian(into[8..], next);
        BinaryPrimitives.WriteUInt16LittleEndian(into[16..], (ushort)length);
        into[18] = FileModes.DirectoryType(entry.Mode);
        _name.AsSpan(0, entry.NameLength).CopyTo(into[19..]);
        into[(19 + entry.NameLength)..].Clear();
        return length;
    }

    // struct linux_dirent: u64 d_ino, u64 d_off, u16 d_reclen, d_name with NUL, and the type in the record's last byte.
    private int PutDirent(Span<byte> into, in ListedEntry entry, long next)
    {
        int length = (18 + entry.NameLength + 2 + 7) & ~7;
        if (into.Length < length)
            return 0;
        into = into[..length];
        BinaryPrimitives.WriteUInt64LittleEndian(into, entry.Inode);
        BinaryPrimitives.WriteInt64LittleEndian(into[8..], next);
        BinaryPrimitives.WriteUInt16LittleEndian(into[16..], (ushort)length);
        _name.AsSpan(0, entry.NameLength).CopyTo(into[18..]);
        into[(18 + entry.NameLength)..].Clear();
        into[^1] = FileModes.DirectoryType(entry.Mode);
        return length;
    }
}
