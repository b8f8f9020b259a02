using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>
/// A file of the host, held by an O_PATH descriptor. Names are resolved relative to it, one component at a time and
/// without following links, so that no request leaves the share, whatever is renamed meanwhile. Each use of a descriptor holds it,
/// so that no other request can put another file in its place.
/// </summary>
internal sealed unsafe partial class FileNode : HostNode
{
    private readonly DirectoryShare _share;
    private readonly uint _type;

    private FileNode(DirectoryShare share, DescriptorBudget budget, FileNode? parent, ReadOnlySpan<byte> name, in FileRecord record)
    {
        _share = share;
        _budget = budget;
        _parent = parent;
        _name = Terminated(name);
        _identity = (record.Device, record.Inode);
        _type = record.Mode & Constants.S_IFMT;
        _path = new KeptDescriptor(this, namesFile: true);
    }

    public override HostShare Share => _share;

    /// <summary>Makes the node of a share's root.</summary>
    public static Errno OpenRoot(DirectoryShare share, DescriptorBudget budget, out HostNode? node, out FileRecord record)
    {
        node = null;
        Errno error = Open(budget, share.Root, default, Constants.O_PATH, 0, out FileDescriptor? file, out record, isRoot: true);
        if (error != Errno.Success)
            return error;
        var made = new FileNode(share, budget, null, default, record);
        lock (budget.Lock)
            made.Begin(file!);
        node = made;
        return Errno.Success;
    }

    public override Errno GetStatus(out FileRecord record)
    {
        record = default;
        Errno error = HoldPath(out HeldDescriptor file);
        using (file)
            return error == Errno.Success ? StatusReader.Read(file.File, out record) : error;
    }

    public override Errno GetFileSystemStatus(out FileSystemRecord record)
    {
        record = default;
        Errno error = HoldPath(out HeldDescriptor file);
        using (file)
            return error == Errno.Success ? StatusReader.ReadFileSystem(file.File, out record) : error;
    }

    public override Errno Lookup(ReadOnlySpan<byte> name, out HostNode? node, out FileRecord record) =>
        OpenChild(name, Constants.O_PATH | Constants.O_NOFOLLOW, 0, out node, out record);

    public override Errno ReadLink(Span<byte> into, out int length)
    {
        length = 0;
        if (_type != Constants.S_IFLNK)
            return Errno.EINVAL;
        Errno error = HoldPath(out HeldDescriptor file);
        if (error != Errno.Success)
            return error;
        nint result;
        using (file)
        fixed (byte* empty = "\0"u8)
        fixed (byte* target = into)
            result = Libc.ReadLinkAt(file.File, empty, target, into.Length);
        if (result < 0)
            return Failure.Last;
        length = (int)result;
        return Errno.Success;
    }

    public override bool TryHold(bool forWriting, out HeldDescriptor held) =>
        (forWriting ? HoldForWriting(out held) : HoldForReading(out held)) == Errno.Success;

    public override Errno Read(long offset, Span<byte> into, out int count)
    {
        count = 0;
        Errno error = HoldForReading(out HeldDescriptor file);
        if (error != Errno.Success)
            return error;
        using (file)
        fixed (byte* target = into)
        {
            // Fewer bytes than wanted mean the end of the file to the enclave; Linux may also stop for a signal.
            while (count < into.Length)
            {
                nint result = Libc.PRead(file.File, target + count, into.Length - count, offset + count);
                if (result < 0 && Failure.WasInterrupted)
                    continue;
                if (result < 0)
                    return count > 0 ? Errno.Success : Failure.Last;
                if (result == 0)
                    break;
                count += (int)result;
            }
        }

        return Errno.Success;
    }

    public override Errno GetExtendedAttribute(ReadOnlySpan<byte> name, Span<byte> into, out int length)
    {
        length = 0;
        if (_type == Constants.S_IFLNK)
            return Errno.EOPNOTSUPP;
        Errno error = HoldPath(out HeldDescriptor file);
        if (error != Errno.Success)
            return error;
        byte* path = stackalloc byte[HeldDescriptor.PathLength];
        nint result;
        using (file)
        {
            file.WritePath(new Span<byte>(path, HeldDescriptor.PathLength));
            fixed (byte* text = name)
            fixed (byte* value = into)
                result = Libc.GetXAttr(path, text, value, into.Length);
        }

        if (result < 0)
            return Failure.Last;
        length = (int)result;
        return Errno.Success;
    }

    public override Errno ListExtendedAttributes(Span<byte> into, out int length)
    {
        length = 0;
        if (_type == Constants.S_IFLNK)
            return Errno.Success;
        Errno error = HoldPath(out HeldDescriptor file);
        if (error != Errno.Success)
            return error;
        byte* path = stackalloc byte[HeldDescriptor.PathLength];
        nint result;
        using (file)
        {
            file.WritePath(new Span<byte>(path, HeldDescriptor.PathLength));
            fixed (byte* names = into)
                result = Libc.ListXAttr(path, names, into.Length);
        }

        if (result < 0)
            return Failure.Last;
        length = (int)result;
        return Errno.Success;
    }

    private Errno OpenChild(ReadOnlySpan<byte> name, int flags, uint mode, out HostNode? node, out FileRecord record)
    {
        node = null;
        record = default;
        Errno error = HoldPath(out HeldDescriptor directory);
        if (error != Errno.Success)
            return error;
        FileDescriptor? file;
        using (directory)
            error = Open(_budget, directory.File, name, flags, mode, out file, out record);
        if (error != Errno.Success)
            return error;
        var made = new FileNode(_share, _budget, this, name, record);
        lock (_budget.Lock)
        {
            if (!_isGone)
            {
                made.Begin(file!);
                node = made;
                return Errno.Success;
            }
        }

        file!.Dispose();
        return Errno.EBADF;
    }

    // The budget's lock is held.
    private void Begin(FileDescriptor file)
    {
        if (_parent is { } parent)
            parent._children++;
        _share.Nodes?.Add(_identity, this, ref _sameIdentity);
        AddPath(file);
    }
}
