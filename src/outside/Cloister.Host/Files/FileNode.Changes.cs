using System;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>Changes, in shares that allow them.</summary>
internal sealed unsafe partial class FileNode
{
    public override Errno Create(ReadOnlySpan<byte> name, uint mode, out HostNode? node, out FileRecord record)
    {
        node = null;
        record = default;
        if (_share.IsReadOnly)
            return Errno.EROFS;
        Errno error = OpenBeneath(
            name, Constants.O_RDWR | Constants.O_CREAT | Constants.O_EXCL | Constants.O_NOFOLLOW, mode & 0x1FF, out int descriptor);
        if (error != Errno.Success)
            return error;
        error = FromDescriptor(_share, descriptor, out node, out record);
        if (error != Errno.Success)
            return error;

        // Whoever makes a file may write it, even where its mode forbids to open it again.
        var file = (FileNode)node!;
        file._readable = file._file;
        file._writable = file._file;
        return ApplyMode(file, mode, ref record);
    }

    public override Errno MakeDirectory(ReadOnlySpan<byte> name, uint mode, out HostNode? node, out FileRecord record)
    {
        node = null;
        record = default;
        if (_share.IsReadOnly)
            return Errno.EROFS;
        int result;
        fixed (byte* path = name)
            result = Libc.MkDirAt(_file, path, mode & 0x1FF);
        if (result < 0)
            return Failure.Last;
        Errno error = Lookup(name, out node, out record);
        return error == Errno.Success ? ApplyMode((FileNode)node!, mode, ref record) : error;
    }

    public override Errno SymbolicLink(ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, out HostNode? node, out FileRecord record)
    {
        node = null;
        record = default;
        if (_share.IsReadOnly)
            return Errno.EROFS;
        int result;
        fixed (byte* text = target)
        fixed (byte* path = name)
            result = Libc.SymLinkAt(text, _file, path);
        return result < 0 ? Failure.Last : Lookup(name, out node, out record);
    }

    public override Errno HardLink(HostNode directory, ReadOnlySpan<byte> name)
    {
        if (directory is not FileNode target || target._share != _share)
            return Errno.EXDEV;
        if (_share.IsReadOnly)
            return Errno.EROFS;
        byte* old = stackalloc byte[FileDescriptor.PathLength];
        _file.WritePath(new Span<byte>(old, FileDescriptor.PathLength));
        fixed (byte* path = name)
            return Failure.From(Libc.LinkAt(Constants.AT_FDCWD, old, target._file, path, Constants.AT_SYMLINK_FOLLOW));
    }

    public override Errno Unlink(ReadOnlySpan<byte> name, bool isDirectory)
    {
        if (_share.IsReadOnly)
            return Errno.EROFS;
        fixed (byte* path = name)
            return Failure.From(Libc.UnlinkAt(_file, path, isDirectory ? Constants.AT_REMOVEDIR : 0));
    }

    public override Errno Rename(ReadOnlySpan<byte> name, HostNode directory, ReadOnlySpan<byte> newName, uint flags)
    {
        if (directory is not FileNode target || target._share != _share)
            return Errno.EXDEV;
        if (_share.IsReadOnly)
            return Errno.EROFS;
        fixed (byte* path = name)
        fixed (byte* newPath = newName)
            return Failure.From(Libc.RenameAt2(_file, path, target._file, newPath, flags));
    }

    public override Errno Write(long offset, ReadOnlySpan<byte> from, out int count)
    {
        count = 0;
        Errno error = OpenForWriting(out FileDescriptor? file);
        if (error != Errno.Success)
            return error;
        fixed (byte* source = from)
        {
            while (count < from.Length)
            {
                nint result = Libc.PWrite(file!, source + count, from.Length - count, offset + count);
                if (result < 0 && Failure.WasInterrupted)
                    continue;
                if (result <= 0)
                    return count > 0 ? Errno.Success : Failure.From(result);
                count += (int)result;
            }
        }

        return Errno.Success;
    }

    public override Errno Truncate(long length)
    {
        Errno error = OpenForWriting(out FileDescriptor? file);
        return error == Errno.Success ? Failure.From(Libc.FTruncate(file!, length)) : error;
    }

    public override Errno Allocate(int mode, long offset, long length)
    {
        Errno error = OpenForWriting(out FileDescriptor? file);
        return error == Errno.Success ? Failure.From(Libc.FAllocate(file!, mode, offset, length)) : error;
    }

    public override Errno Synchronize(bool dataOnly)
    {
        if (_share.IsReadOnly)
            return Errno.Success;
        FileDescriptor? file;
        Errno error = _type == Constants.S_IFDIR
            ? Reopen(Constants.O_RDONLY | Constants.O_DIRECTORY, ref _readable, out file)
            : OpenForReading(out file);
        if (error != Errno.Success)
            return error;
        return Failure.From(dataOnly ? Libc.FDataSync(file!) : Libc.FSync(file!));
    }

    public override Errno SetMode(uint mode)
    {
        if (_share.IsReadOnly)
            return Errno.EROFS;
        if (_type == Constants.S_IFLNK)
            return Errno.EOPNOTSUPP;
        byte* path = stackalloc byte[FileDescriptor.PathLength];
        _file.WritePath(new Span<byte>(path, FileDescriptor.PathLength));
        return Failure.From(Libc.ChMod(path, mode));
    }

    public override Errno SetOwner(uint user, uint group)
    {
        if (_share.IsReadOnly)
            return Errno.EROFS;
        fixed (byte* empty = "\0"u8)
            return Failure.From(Libc.FChOwnAt(_file, empty, user, group, Constants.AT_EMPTY_PATH));
    }

    public override Errno SetTimes(long accessTime, long modifyTime)
    {
        if (_share.IsReadOnly)
            return Errno.EROFS;
        TimeSpec* times = stackalloc TimeSpec[2];
        times[0] = ToTimeSpec(accessTime);
        times[1] = ToTimeSpec(modifyTime);
        fixed (byte* empty = "\0"u8)
            return Failure.From(Libc.UTimeNsAt(_file, empty, times, Constants.AT_EMPTY_PATH));
    }

    public override Errno SetExtendedAttribute(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int flags)
    {
        if (_share.IsReadOnly)
            return Errno.EROFS;
        if (_type == Constants.S_IFLNK)
            return Errno.EPERM;
        byte* path = stackalloc byte[FileDescriptor.PathLength];
        _file.WritePath(new Span<byte>(path, FileDescriptor.PathLength));
        fixed (byte* text = name)
        fixed (byte* bytes = value)
            return Failure.From(Libc.SetXAttr(path, text, bytes, value.Length, flags));
    }

    public override Errno RemoveExtendedAttribute(ReadOnlySpan<byte> name)
    {
        if (_share.IsReadOnly)
            return Errno.EROFS;
        if (_type == Constants.S_IFLNK)
            return Errno.EPERM;
        byte* path = stackalloc byte[FileDescriptor.PathLength];
        _file.WritePath(new Span<byte>(path, FileDescriptor.PathLength));
        fixed (byte* text = name)
            return Failure.From(Libc.RemoveXAttr(path, text));
    }

    private static TimeSpec ToTimeSpec(long time)
    {
        if (time == long.MinValue)
            return new TimeSpec { Nanoseconds = Constants.UTIME_OMIT };
        (long seconds, long nanoseconds) = Math.DivRem(time, 1_000_000_000);
        return nanoseconds < 0
            ? new TimeSpec { Seconds = seconds - 1, Nanoseconds = nanoseconds + 1_000_000_000 }
            : new TimeSpec { Seconds = seconds, Nanoseconds = nanoseconds };
    }

    // The launcher's umask took bits away, and special bits need a call of their own.
    private static Errno ApplyMode(FileNode node, uint mode, ref FileRecord record)
    {
        if ((record.Mode & 0xFFF) == (mode & 0xFFF))
            return Errno.Success;
        Errno error = node.SetMode(mode & 0xFFF);
        if (error == Errno.Success)
            error = node.GetStatus(out record);
        if (error != Errno.Success)
            node.Close();
        return error;
    }

    private Errno OpenForWriting(out FileDescriptor? file)
    {
        file = null;
        if (_share.IsReadOnly)
            return Errno.EROFS;
        if (_type != Constants.S_IFREG)
            return _type == Constants.S_IFDIR ? Errno.EISDIR : Errno.EINVAL;
        Errno error = Reopen(Constants.O_RDWR, ref _writable, out file);
        return error == Errno.EACCES ? Reopen(Constants.O_WRONLY, ref _writable, out file) : error;
    }
}
