using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>Changes, in shares that allow them.</summary>
internal sealed unsafe partial class FileNode
{
    private const uint OwnerReadsAndWrites = 0x180;

    public override Errno Create(ReadOnlySpan<byte> name, uint mode, out HostNode? node, out FileRecord record)
    {
        node = null;
        record = default;
        if (_share.IsReadOnly)
            return Errno.EROFS;
        Errno error = OpenChild(
            name, Constants.O_RDWR | Constants.O_CREAT | Constants.O_EXCL | Constants.O_NOFOLLOW, mode & 0x1FF, out node, out record);
        if (error != Errno.Success)
            return error;
        var file = (FileNode)node!;
        if ((mode & OwnerReadsAndWrites) != OwnerReadsAndWrites && LauncherIdentity.UserId != 0)
        {
            // Its maker may go on writing, but couldn't open it again.
            lock (_budget.Lock)
                file._pins++;
        }

        return ApplyMode(file, mode, ref record);
    }

    public override Errno MakeDirectory(ReadOnlySpan<byte> name, uint mode, out HostNode? node, out FileRecord record) =>
        Make(name, Constants.S_IFDIR | (mode & 0xFFF), out node, out record);

    /// <summary>FIFOs and sockets only: a device made by a program that is root inside would be a door out.</summary>
    public override Errno MakeNode(ReadOnlySpan<byte> name, uint mode, out HostNode? node, out FileRecord record)
    {
        if ((mode & Constants.S_IFMT) is Constants.S_IFIFO or Constants.S_IFSOCK)
            return Make(name, mode, out node, out record);
        node = null;
        record = default;
        return Errno.EPERM;
    }

    private Errno Make(ReadOnlySpan<byte> name, uint mode, out HostNode? node, out FileRecord record)
    {
        node = null;
        record = default;
        Errno error = HoldForChange(out HeldDescriptor directory);
        if (error != Errno.Success)
            return error;
        // SAFETY: the name ends with a zero, and is pinned for the call.
        using (directory)
        fixed (byte* path = name)
        {
            uint plain = mode & 0x1FF;
            error = Failure.From((mode & Constants.S_IFMT) == Constants.S_IFDIR
                ? Libc.MkDirAt(directory.File, path, plain)
                : Libc.MkNodAt(directory.File, path, (mode & Constants.S_IFMT) | plain, 0));
        }

        if (error == Errno.Success)
            error = Lookup(name, out node, out record);
        return error == Errno.Success ? ApplyMode((FileNode)node!, mode, ref record) : error;
    }

    public override Errno SymbolicLink(ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, out HostNode? node, out FileRecord record)
    {
        node = null;
        record = default;
        Errno error = HoldForChange(out HeldDescriptor directory);
        if (error != Errno.Success)
            return error;
        using (directory)
        fixed (byte* text = target)
        fixed (byte* path = name)
            error = Failure.From(Libc.SymLinkAt(text, directory.File, path));
        return error == Errno.Success ? Lookup(name, out node, out record) : error;
    }

    public override Errno HardLink(HostNode directory, ReadOnlySpan<byte> name)
    {
        if (directory is not FileNode target || target._share != _share)
            return Errno.EXDEV;
        Errno error = HoldForChange(out HeldDescriptor file);
        if (error != Errno.Success)
            return error;
        using (file)
        {
            error = target.HoldPath(out HeldDescriptor place);
            if (error != Errno.Success)
                return error;
            byte* old = stackalloc byte[HeldDescriptor.PathLength];
            file.WritePath(new Span<byte>(old, HeldDescriptor.PathLength));
            using (place)
            fixed (byte* path = name)
                return Failure.From(Libc.LinkAt(Constants.AT_FDCWD, old, place.File, path, Constants.AT_SYMLINK_FOLLOW));
        }
    }

    public override Errno Unlink(ReadOnlySpan<byte> name, bool isDirectory)
    {
        Errno error = HoldForChange(out HeldDescriptor directory);
        if (error != Errno.Success)
            return error;
        using (directory)
        {
            List<FileNode>? nodes = PinAt(directory.File, name);
            fixed (byte* path = name)
                error = Failure.From(Libc.UnlinkAt(directory.File, path, isDirectory ? Constants.AT_REMOVEDIR : 0));
            // They have no name any more by which they could be opened again.
            if (error != Errno.Success)
                Unpin(nodes);
            return error;
        }
    }

    public override Errno Rename(ReadOnlySpan<byte> name, HostNode directory, ReadOnlySpan<byte> newName, uint flags)
    {
        if (directory is not FileNode target || target._share != _share)
            return Errno.EXDEV;
        Errno error = HoldForChange(out HeldDescriptor from);
        if (error != Errno.Success)
            return error;
        using (from)
        {
            error = target.HoldPath(out HeldDescriptor to);
            if (error != Errno.Success)
                return error;
            using (to)
            {
                List<FileNode>? moved = PinAt(from.File, name);
                List<FileNode>? replaced = target.PinAt(to.File, newName);
                fixed (byte* path = name)
                fixed (byte* newPath = newName)
                    error = Failure.From(Libc.RenameAt2(from.File, path, to.File, newPath, flags));
                if (error != Errno.Success)
                {
                    Unpin(moved);
                    Unpin(replaced);
                    return error;
                }

                Move(moved, target, newName);
                if ((flags & Constants.RENAME_EXCHANGE) != 0)
                    Move(replaced, this, name);
                return Errno.Success;
            }
        }
    }

    public override Errno Write(long offset, ReadOnlySpan<byte> from, out int count)
    {
        count = 0;
        Errno error = HoldForWriting(out HeldDescriptor file);
        if (error != Errno.Success)
            return error;
        using (file)
        fixed (byte* source = from)
        {
            while (count < from.Length)
            {
                nint result = Libc.PWrite(file.File, source + count, from.Length - count, offset + count);
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
        Errno error = HoldForWriting(out HeldDescriptor file);
        using (file)
            return error == Errno.Success ? Failure.From(Libc.FTruncate(file.File, length)) : error;
    }

    public override Errno Allocate(int mode, long offset, long length)
    {
        Errno error = HoldForWriting(out HeldDescriptor file);
        using (file)
            return error == Errno.Success ? Failure.From(Libc.FAllocate(file.File, mode, offset, length)) : error;
    }

    public override Errno Synchronize(bool dataOnly)
    {
        if (_share.IsReadOnly)
            return Errno.Success;
        HeldDescriptor file;
        Errno error = _type == Constants.S_IFDIR ? HoldDirectory(out file) : HoldForReading(out file);
        if (error != Errno.Success)
            return error;
        using (file)
            return Failure.From(dataOnly ? Libc.FDataSync(file.File) : Libc.FSync(file.File));
    }

    public override Errno SetMode(uint mode)
    {
        if (_type == Constants.S_IFLNK)
            return _share.IsReadOnly ? Errno.EROFS : Errno.EOPNOTSUPP;
        Errno error = HoldForChange(out HeldDescriptor file);
        if (error != Errno.Success)
            return error;
        byte* path = stackalloc byte[HeldDescriptor.PathLength];
        using (file)
        {
            file.WritePath(new Span<byte>(path, HeldDescriptor.PathLength));
            return Failure.From(Libc.ChMod(path, Permitted(mode)));
        }
    }

    public override Errno SetOwner(uint user, uint group)
    {
        Errno error = HoldForChange(out HeldDescriptor file);
        using (file)
        fixed (byte* empty = "\0"u8)
            return error == Errno.Success ? Failure.From(Libc.FChOwnAt(file.File, empty, user, group, Constants.AT_EMPTY_PATH)) : error;
    }

    public override Errno SetTimes(long accessTime, long modifyTime)
    {
        Errno error = HoldForChange(out HeldDescriptor file);
        TimeSpec* times = stackalloc TimeSpec[2];
        times[0] = ToTimeSpec(accessTime);
        times[1] = ToTimeSpec(modifyTime);
        using (file)
        fixed (byte* empty = "\0"u8)
            return error == Errno.Success ? Failure.From(Libc.UTimeNsAt(file.File, empty, times, Constants.AT_EMPTY_PATH)) : error;
    }

    public override Errno SetExtendedAttribute(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int flags)
    {
        Errno error = HoldForAttribute(name, out HeldDescriptor file);
        if (error != Errno.Success)
            return error;
        byte* path = stackalloc byte[HeldDescriptor.PathLength];
        using (file)
        {
            file.WritePath(new Span<byte>(path, HeldDescriptor.PathLength));
            fixed (byte* text = name)
            fixed (byte* bytes = value)
                return Failure.From(Libc.SetXAttr(path, text, bytes, value.Length, flags));
        }
    }

    public override Errno RemoveExtendedAttribute(ReadOnlySpan<byte> name)
    {
        Errno error = HoldForAttribute(name, out HeldDescriptor file);
        if (error != Errno.Success)
            return error;
        byte* path = stackalloc byte[HeldDescriptor.PathLength];
        using (file)
        {
            file.WritePath(new Span<byte>(path, HeldDescriptor.PathLength));
            fixed (byte* text = name)
                return Failure.From(Libc.RemoveXAttr(path, text));
        }
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
        if ((record.Mode & 0xFFF) == node.Permitted(mode & 0xFFF))
            return Errno.Success;
        Errno error = node.SetMode(mode & 0xFFF);
        if (error == Errno.Success)
            error = node.GetStatus(out record);
        if (error != Errno.Success)
            node.Close();
        return error;
    }

    // A program inside that is root there must not leave a door to root here, unless the user of the share asks for it.
    private uint Permitted(uint mode) => _share.KeepsPrivileges
        ? mode
        : mode & ~(Constants.S_ISUID | (_type == Constants.S_IFDIR ? 0 : Constants.S_ISGID));

    private Errno HoldForChange(out HeldDescriptor held)
    {
        held = default;
        return _share.IsReadOnly ? Errno.EROFS : HoldPath(out held);
    }

    private Errno HoldForAttribute(ReadOnlySpan<byte> name, out HeldDescriptor held)
    {
        held = default;
        if (_share.IsReadOnly)
            return Errno.EROFS;
        if (_type == Constants.S_IFLNK)
            return Errno.EPERM;
        // xattr(7): file capabilities and labels, and what only the privileged see.
        if (!_share.KeepsPrivileges && (name.StartsWith("security."u8) || name.StartsWith("trusted."u8)))
            return Errno.EPERM;
        return HoldPath(out held);
    }
}
