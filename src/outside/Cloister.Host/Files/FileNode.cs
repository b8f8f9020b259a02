using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>
/// A file of the host, held by an O_PATH descriptor. Names are resolved relative to it, one component at a time and
/// without following links, so that no request leaves the share, whatever is renamed meanwhile.
/// </summary>
internal sealed unsafe partial class FileNode : HostNode
{
    private const ulong Confined = Constants.RESOLVE_BENEATH | Constants.RESOLVE_NO_MAGICLINKS | Constants.RESOLVE_NO_SYMLINKS;

    private readonly DirectoryShare _share;
    private readonly FileDescriptor _file;
    private readonly uint _type;
    private readonly Lock _opening = new();
    private FileDescriptor? _readable;
    private FileDescriptor? _writable;

    private FileNode(DirectoryShare share, FileDescriptor file, uint type)
    {
        _share = share;
        _file = file;
        _type = type;
    }

    public override HostShare Share => _share;

    /// <summary>Makes a node of a descriptor, which it takes over.</summary>
    public static Errno FromDescriptor(DirectoryShare share, int descriptor, out HostNode? node, out FileRecord record)
    {
        var file = new FileDescriptor(descriptor);
        Errno error = StatusReader.Read(file, out record);
        if (error != Errno.Success)
        {
            file.Dispose();
            node = null;
            return error;
        }

        node = new FileNode(share, file, record.Mode & Constants.S_IFMT);
        return Errno.Success;
    }

    public override void Close()
    {
        _file.Dispose();
        lock (_opening)
        {
            _readable?.Dispose();
            _writable?.Dispose();
        }
    }

    public override Errno GetStatus(out FileRecord record) => StatusReader.Read(_file, out record);

    public override Errno GetFileSystemStatus(out FileSystemRecord record) => StatusReader.ReadFileSystem(_file, out record);

    public override Errno Lookup(ReadOnlySpan<byte> name, out HostNode? node, out FileRecord record)
    {
        node = null;
        record = default;
        Errno error = OpenBeneath(name, Constants.O_PATH | Constants.O_NOFOLLOW, 0, out int descriptor);
        return error == Errno.Success ? FromDescriptor(_share, descriptor, out node, out record) : error;
    }

    public override Errno ReadLink(Span<byte> into, out int length)
    {
        length = 0;
        if (_type != Constants.S_IFLNK)
            return Errno.EINVAL;
        nint result;
        fixed (byte* empty = "\0"u8)
        fixed (byte* target = into)
            result = Libc.ReadLinkAt(_file, empty, target, into.Length);
        if (result < 0)
            return Failure.Last;
        length = (int)result;
        return Errno.Success;
    }

    public override bool TryGetDescriptor(bool forWriting, out FileDescriptor? file) =>
        (forWriting ? OpenForWriting(out file) : OpenForReading(out file)) == Errno.Success;

    public override Errno Read(long offset, Span<byte> into, out int count)
    {
        count = 0;
        Errno error = OpenForReading(out FileDescriptor? file);
        if (error != Errno.Success)
            return error;
        fixed (byte* target = into)
        {
            // Fewer bytes than wanted mean the end of the file to the enclave; Linux may also stop for a signal.
            while (count < into.Length)
            {
                nint result = Libc.PRead(file!, target + count, into.Length - count, offset + count);
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
        byte* path = stackalloc byte[FileDescriptor.PathLength];
        _file.WritePath(new Span<byte>(path, FileDescriptor.PathLength));
        nint result;
        fixed (byte* text = name)
        fixed (byte* value = into)
            result = Libc.GetXAttr(path, text, value, into.Length);
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
        byte* path = stackalloc byte[FileDescriptor.PathLength];
        _file.WritePath(new Span<byte>(path, FileDescriptor.PathLength));
        nint result;
        fixed (byte* names = into)
            result = Libc.ListXAttr(path, names, into.Length);
        if (result < 0)
            return Failure.Last;
        length = (int)result;
        return Errno.Success;
    }

    /// <summary>Opens a name in this directory. Never leaves the share and never follows a link.</summary>
    private Errno OpenBeneath(ReadOnlySpan<byte> name, int flags, uint mode, out int descriptor)
    {
        var how = new OpenHow { Flags = (ulong)(uint)(flags | Constants.O_CLOEXEC), Mode = mode, Resolve = Confined };
        fixed (byte* path = name)
        {
            descriptor = (int)Libc.OpenAt2(Libc.OpenAt2Number, _file, path, &how, sizeof(OpenHow));
            if (descriptor < 0 && Failure.Last is Errno.EOPNOTSUPP or Errno.EPERM)
            {
                // Kernels before 5.6 and some containers' filters lack openat2. A single component that isn't ".."
                // and isn't followed can't lead out of a directory either.
                descriptor = Libc.OpenAt(_file, path, flags | Constants.O_NOFOLLOW | Constants.O_CLOEXEC, mode);
            }
        }

        return Failure.From(descriptor);
    }

    private Errno OpenForReading(out FileDescriptor? file)
    {
        file = Volatile.Read(ref _readable);
        if (file is not null)
            return Errno.Success;
        if (_type != Constants.S_IFREG)
            return _type == Constants.S_IFDIR ? Errno.EISDIR : Errno.EINVAL;
        return Reopen(Constants.O_RDONLY, ref _readable, out file);
    }

    // The path in /proc leads to this very file, whatever has happened to its name. Only regular files and directories
    // are opened: opening a pipe or a device has effects.
    private Errno Reopen(int flags, ref FileDescriptor? field, out FileDescriptor? file)
    {
        byte* path = stackalloc byte[FileDescriptor.PathLength];
        lock (_opening)
        {
            file = field;
            if (file is not null)
                return Errno.Success;
            if (_file.IsClosed)
                return Errno.EBADF;
            bool held = false;
            try
            {
                _file.DangerousAddRef(ref held);
                _file.WriteName(new Span<byte>(path, FileDescriptor.PathLength));
                int descriptor;
                do
                    descriptor = Libc.OpenAt(FileDescriptor.Descriptors, path, flags | Constants.O_CLOEXEC | Constants.O_NONBLOCK | Constants.O_NOCTTY, 0);
                while (descriptor < 0 && Failure.WasInterrupted);
                if (descriptor < 0)
                    return Failure.Last;
                file = new FileDescriptor(descriptor);
                Volatile.Write(ref field, file);
                return Errno.Success;
            }
            finally
            {
                if (held)
                    _file.DangerousRelease();
            }
        }
    }
}
