using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>
/// How a node holds its file. It has up to three descriptors: one that names the file (O_PATH), and ones for reading and
/// writing, which are made from the first. Each may be closed by the <see cref="DescriptorBudget"/> while nobody uses it. The
/// first is then opened again by the name that it has in its directory, and must be the same file.
/// </summary>
internal sealed unsafe partial class FileNode
{
    private const ulong Confined = Constants.RESOLVE_BENEATH | Constants.RESOLVE_NO_MAGICLINKS | Constants.RESOLVE_NO_SYMLINKS;

    private readonly DescriptorBudget _budget;
    private readonly (ulong Device, ulong Inode) _identity;
    private readonly Lock _opening = new();
    private readonly KeptDescriptor _path;
    private KeptDescriptor? _readable;
    private KeptDescriptor? _writable;

    // Guarded by the budget's lock.
    private FileNode? _parent;
    private byte[] _name;
    private int _children;
    private int _openChildren;
    private int _pins;
    private bool _isForgotten;
    private bool _isGone;
    private FileNode? _sameIdentity;

    /// <summary>
    /// Whether its first descriptor may be closed: children first, as they are opened again by way of it. The budget's lock is held.
    /// </summary>
    public bool MayLeave => _openChildren == 0 && _pins == 0 && !_isGone;

    /// <summary>Closes the first descriptor if the file is to be found again by its name.</summary>
    public void TryLeave()
    {
        bool isFound = true;
        FileNode? parent;
        byte[] name;
        lock (_budget.Lock)
            (parent, name) = (_parent, _name);
        if (parent is not null)
        {
            isFound = parent._path.TryHold(out HeldDescriptor directory);
            if (isFound)
            {
                using (directory)
                {
                    isFound = StatusReader.Read(directory.File, name, 0, out FileRecord record) == Errno.Success
                        && (record.Device, record.Inode) == _identity;
                }
            }
        }

        FileDescriptor? closed = null;
        lock (_budget.Lock)
        {
            if (isFound && MayLeave && !_path.IsUsed && parent == _parent)
                closed = RemovePath();
        }

        closed?.Dispose();
    }

    /// <inheritdoc/>
    public override void Close()
    {
        var closed = new List<FileDescriptor?>(3);
        lock (_budget.Lock)
        {
            _isForgotten = true;
            for (FileNode? node = this; node is { _isForgotten: true, _children: 0, _isGone: false }; node = node._parent)
            {
                closed.Add(node.RemovePath());
                closed.Add(node._readable is { } readable ? _budget.Remove(readable) : null);
                closed.Add(node._writable is { } writable ? _budget.Remove(writable) : null);
                node._isGone = true;
                _share.Nodes?.Remove(node._identity, node, ref node._sameIdentity);
                if (node._parent is { } parent)
                    parent._children--;
            }
        }

        foreach (FileDescriptor? file in closed)
            file?.Dispose();
    }

    /// <summary>Uses the descriptor that names the file.</summary>
    private Errno HoldPath(out HeldDescriptor held)
    {
        while (!_path.TryHold(out held))
        {
            Errno error = Revive();
            if (error != Errno.Success)
                return error;
        }

        return Errno.Success;
    }

    private Errno HoldForReading(out HeldDescriptor held)
    {
        if (_readable is { } readable && readable.TryHold(out held))
            return Errno.Success;
        held = default;
        if (_type != Constants.S_IFREG)
            return _type == Constants.S_IFDIR ? Errno.EISDIR : Errno.EINVAL;
        return Reopen(Constants.O_RDONLY, ref _readable, out held);
    }

    private Errno HoldForWriting(out HeldDescriptor held)
    {
        held = default;
        if (_share.IsReadOnly)
            return Errno.EROFS;
        if (_writable is { } writable && writable.TryHold(out held))
            return Errno.Success;
        if (_type != Constants.S_IFREG)
            return _type == Constants.S_IFDIR ? Errno.EISDIR : Errno.EINVAL;
        Errno error = Reopen(Constants.O_RDWR, ref _writable, out held);
        return error == Errno.EACCES ? Reopen(Constants.O_WRONLY, ref _writable, out held) : error;
    }

    private Errno HoldDirectory(out HeldDescriptor held) => Reopen(Constants.O_RDONLY | Constants.O_DIRECTORY, ref _readable, out held);

    // The path in /proc leads to this very file, whatever has happened to its name. Only regular files and directories
    // are opened: opening a pipe or a device has effects.
    private Errno Reopen(int flags, ref KeptDescriptor? field, out HeldDescriptor held)
    {
        byte* name = stackalloc byte[HeldDescriptor.PathLength];
        lock (_opening)
        {
            if (field is not null && field.TryHold(out held))
                return Errno.Success;
            Errno error = HoldPath(out held);
            // Whoever made a file, or was given it open, may use it even where its mode forbids to open it again.
            bool writes = (flags & Constants.O_ACCMODE) != Constants.O_RDONLY;
            if (error != Errno.Success || (_type == Constants.S_IFREG && (writes ? held.File.CanWrite : held.File.CanRead)))
                return error;
            HeldDescriptor path = held;
            held = default;
            using (path)
            {
                path.WriteName(new Span<byte>(name, HeldDescriptor.PathLength));
                if (!_budget.MakeRoom())
                    return Errno.EMFILE;
                int descriptor;
                flags |= Constants.O_CLOEXEC | Constants.O_NONBLOCK | Constants.O_NOCTTY;
                do
                    descriptor = Libc.OpenAt(FileDescriptor.Descriptors, name, flags, 0);
                while (descriptor < 0 && (Failure.WasInterrupted || _budget.TryYield(Failure.Last)));
                if (descriptor < 0)
                    return Failure.Last;
                var file = new FileDescriptor(descriptor);
                file.TryHold(out held);
                lock (_budget.Lock)
                {
                    if (!_isGone)
                    {
                        field ??= new KeptDescriptor(this, namesFile: false);
                        _budget.Add(field, file);
                        return Errno.Success;
                    }
                }

                // Forgotten meanwhile: this use is its last.
                file.Dispose();
                return Errno.Success;
            }
        }
    }

    /// <summary>Opens the file again, from the nearest directory above it that is open.</summary>
    private Errno Revive()
    {
        var path = new Stack<FileNode>();
        lock (_budget.Lock)
        {
            for (FileNode? node = this; node is not null && node._path.File is null; node = node._parent)
                path.Push(node);
        }

        Errno error = Errno.Success;
        while (error == Errno.Success && path.TryPop(out FileNode? node))
            error = node.ReviveInParent();
        return error;
    }

    private Errno ReviveInParent()
    {
        lock (_opening)
        {
            FileNode? parent;
            byte[] name;
            lock (_budget.Lock)
            {
                if (_isGone)
                    return Errno.EBADF;
                if (_path.File is not null)
                    return Errno.Success;
                (parent, name) = (_parent, _name);
            }

            FileDescriptor? file;
            FileRecord record;
            Errno error;
            if (parent is null)
            {
                error = Open(_budget, _share.Root, "."u8, Constants.O_PATH, 0, out file, out record, isRoot: true);
            }
            else
            {
                error = parent.HoldPath(out HeldDescriptor directory);
                if (error != Errno.Success)
                    return error;
                using (directory)
                    error = Open(_budget, directory.File, name, Constants.O_PATH | Constants.O_NOFOLLOW, 0, out file, out record);
            }

            if (error != Errno.Success)
                return error == Errno.ENOENT ? Errno.ESTALE : error;
            if ((record.Device, record.Inode) != _identity || (record.Mode & Constants.S_IFMT) != _type)
            {
                // Somebody on the host has put another file there.
                file!.Dispose();
                return Errno.ESTALE;
            }

            lock (_budget.Lock)
            {
                if (!_isGone)
                {
                    AddPath(file!);
                    return Errno.Success;
                }
            }

            file!.Dispose();
            return Errno.EBADF;
        }
    }

    /// <summary>Opens a name in a directory and asks for its status. Never leaves the share and never follows a link.</summary>
    private static Errno Open(
        DescriptorBudget budget,
        FileDescriptor directory,
        ReadOnlySpan<byte> name,
        int flags,
        uint mode,
        out FileDescriptor? file,
        out FileRecord record,
        bool isRoot = false)
    {
        file = null;
        record = default;
        if (!budget.MakeRoom())
            return Errno.EMFILE;
        int descriptor;
        do
            descriptor = isRoot ? OpenAgain(directory) : OpenBeneath(directory, name, flags, mode);
        while (descriptor < 0 && (Failure.WasInterrupted || budget.TryYield(Failure.Last)));
        if (descriptor < 0)
            return Failure.Last;
        bool created = (flags & Constants.O_ACCMODE) == Constants.O_RDWR;
        var opened = new FileDescriptor(descriptor)
        {
            CanRead = created || (isRoot && directory.CanRead),
            CanWrite = created || (isRoot && directory.CanWrite),
        };
        Errno error = StatusReader.Read(opened, out record);
        if (error == Errno.Success)
            file = opened;
        else
            opened.Dispose();
        return error;
    }

    private static int OpenAgain(FileDescriptor file)
    {
        if (!file.TryHold(out HeldDescriptor held))
            return -1;
        byte* name = stackalloc byte[HeldDescriptor.PathLength];
        using (held)
        {
            // One that was given open stays what it is: it may lead to a file that nobody here could open.
            if (file.CanRead || file.CanWrite)
                return Libc.FCntl(file, Constants.F_DUPFD_CLOEXEC, 0);
            held.WriteName(new Span<byte>(name, HeldDescriptor.PathLength));
            return Libc.OpenAt(FileDescriptor.Descriptors, name, Constants.O_PATH | Constants.O_CLOEXEC, 0);
        }
    }

    private static int OpenBeneath(FileDescriptor directory, ReadOnlySpan<byte> name, int flags, uint mode)
    {
        var how = new OpenHow { Flags = (ulong)(uint)(flags | Constants.O_CLOEXEC), Mode = mode, Resolve = Confined };
        fixed (byte* path = name)
        {
            int descriptor = (int)Libc.OpenAt2(Libc.OpenAt2Number, directory, path, &how, sizeof(OpenHow));
            // Kernels before 5.6 and some containers' filters lack openat2. A single component that isn't ".."
            // and isn't followed can't lead out of a directory either.
            return descriptor < 0 && Failure.Last is Errno.EOPNOTSUPP or Errno.EPERM
                ? Libc.OpenAt(directory, path, flags | Constants.O_NOFOLLOW | Constants.O_CLOEXEC, mode)
                : descriptor;
        }
    }

    private void AddPath(FileDescriptor file)
    {
        _budget.Add(_path, file);
        if (_parent is { } parent)
            parent._openChildren++;
    }

    private FileDescriptor? RemovePath()
    {
        FileDescriptor? file = _budget.Remove(_path);
        if (file is not null && _parent is { } parent)
            parent._openChildren--;
        return file;
    }
}
