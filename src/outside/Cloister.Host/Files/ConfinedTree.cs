using System;
using System.Text;
using Cloister.Abi;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>
/// A directory of this machine that is filled with files whose names somebody else has chosen. Whatever they are, nothing outside is
/// touched: each component is opened by openat2(2) below the directory and without symbolic links, and nothing that exists is opened
/// for writing. Names are bytes.
/// </summary>
/// <remarks>Paths are relative, without "." and "..", their components separated by one '/'; empty for the directory itself.</remarks>
public sealed unsafe class ConfinedTree : IDisposable
{
    // Longer paths than PATH_MAX are walked in parts.
    private const int LongestPart = 4000;
    private const uint Private = 0x180; // 0600
    private const uint PrivateDirectory = 0x1C0; // 0700

    private readonly FileDescriptor _root;
    private byte[] _parentPath = [];
    private FileDescriptor? _parent;

    private ConfinedTree(FileDescriptor root) => _root = root;

    /// <summary>Makes a directory that nobody else can look into, to be filled.</summary>
    /// <exception cref="HostException">It exists, or can't be made.</exception>
    public static ConfinedTree Create(string path)
    {
        byte[] name = Encoding.UTF8.GetBytes(path + '\0');
        fixed (byte* bytes = name)
        {
            if (Libc.MkDirAt(FileDescriptor.WorkingDirectory, bytes, PrivateDirectory) != 0)
                throw new HostException($"'{path}' can't be made ({Failure.Last}).");
            int root = Libc.Open(bytes, Constants.O_PATH | Constants.O_DIRECTORY | Constants.O_NOFOLLOW | Constants.O_CLOEXEC, 0);
            return root >= 0 ? new ConfinedTree(new FileDescriptor(root)) : throw new HostException($"'{path}' can't be opened ({Failure.Last}).");
        }
    }

    /// <summary>Makes a directory for the caller alone.</summary>
    public Errno CreateDirectory(ReadOnlySpan<byte> path)
    {
        Errno error = Enter(path, out byte[] name);
        fixed (byte* bytes = name)
            return error == Errno.Success ? Failure.From(Libc.MkDirAt(_parent!, bytes, PrivateDirectory)) : error;
    }

    /// <summary>Makes a file for the caller alone and opens it.</summary>
    public Errno CreateFile(ReadOnlySpan<byte> path, out ConfinedFile? file)
    {
        file = null;
        Errno error = Enter(path, out byte[] name);
        if (error == Errno.Success)
            error = Open(_parent!, name, Constants.O_WRONLY | Constants.O_CREAT | Constants.O_EXCL, Private, out file);
        return error;
    }

    /// <summary>Opens a directory that was made here, to set its attributes.</summary>
    public Errno OpenDirectory(ReadOnlySpan<byte> path, out ConfinedFile? directory)
    {
        directory = null;
        if (path.IsEmpty)
            return Open(_root, [(byte)'.', 0], Constants.O_DIRECTORY, 0, out directory);
        Errno error = Enter(path, out byte[] name);
        return error == Errno.Success ? Open(_parent!, name, Constants.O_DIRECTORY, 0, out directory) : error;
    }

    /// <summary>Makes a symbolic link.</summary>
    public Errno CreateSymbolicLink(ReadOnlySpan<byte> path, ReadOnlySpan<byte> target)
    {
        Errno error = Enter(path, out byte[] name);
        fixed (byte* bytes = name)
        fixed (byte* to = Terminate(target))
            return error == Errno.Success ? Failure.From(Libc.SymLinkAt(to, _parent!, bytes)) : error;
    }

    /// <summary>Makes a FIFO or a device.</summary>
    /// <param name="path">Where.</param>
    /// <param name="mode">Its type; permissions are the caller's alone.</param>
    /// <param name="device">st_rdev as Linux has it.</param>
    public Errno CreateNode(ReadOnlySpan<byte> path, uint mode, ulong device)
    {
        Errno error = Enter(path, out byte[] name);
        fixed (byte* bytes = name)
            return error == Errno.Success ? Failure.From(Libc.MkNodAt(_parent!, bytes, mode | Private, device)) : error;
    }

    /// <summary>Gives a file a second name.</summary>
    public Errno CreateLink(ReadOnlySpan<byte> existing, ReadOnlySpan<byte> path)
    {
        Errno error = Enter(existing, out byte[] oldName);
        if (error != Errno.Success)
            return error;
        // Stays open although the next path has another parent.
        using FileDescriptor? oldParent = Duplicate(_parent!);
        error = Enter(path, out byte[] name);
        if (error != Errno.Success)
            return error;
        if (oldParent is null || !oldParent.TryHold(out HeldDescriptor held))
            return Errno.EBADF;
        using (held)
        {
            fixed (byte* from = oldName)
            fixed (byte* to = name)
                return Failure.From(Libc.LinkAt(held.Number, from, _parent!, to, 0));
        }
    }

    /// <summary>Sets owner, permissions and time of what can't be opened: symbolic links, FIFOs, devices.</summary>
    /// <param name="path">Which.</param>
    /// <param name="owner">Null to leave it.</param>
    /// <param name="mode">Permissions; null for a symbolic link, which has none.</param>
    /// <param name="time">Nanoseconds since 1970.</param>
    public Errno SetAttributes(ReadOnlySpan<byte> path, (uint User, uint Group)? owner, uint? mode, long time)
    {
        Errno error = Enter(path, out byte[] name);
        if (error != Errno.Success)
            return error;
        fixed (byte* bytes = name)
        {
            if (owner is { } ids && Libc.FChOwnAt(_parent!, bytes, ids.User, ids.Group, Constants.AT_SYMLINK_NOFOLLOW) != 0)
                return Failure.Last;
            if (mode is { } permissions && Libc.FChModAt(_parent!, bytes, permissions, 0) != 0)
                return Failure.Last;
            TimeSpec* times = stackalloc TimeSpec[2];
            ConfinedFile.FillTimes(times, time);
            return Failure.From(Libc.UTimeNsAt(_parent!, bytes, times, Constants.AT_SYMLINK_NOFOLLOW));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _parent?.Dispose();
        _root.Dispose();
    }

    // Opens the directory that a path is in; the name gets a NUL.
    private Errno Enter(ReadOnlySpan<byte> path, out byte[] name)
    {
        int slash = path.LastIndexOf((byte)'/');
        ReadOnlySpan<byte> parent = slash < 0 ? default : path[..slash];
        name = Terminate(path[(slash + 1)..]);
        if (_parent is not null && parent.SequenceEqual(_parentPath))
            return Errno.Success;
        _parent?.Dispose();
        _parent = Duplicate(_root);
        _parentPath = [];
        byte[] whole = parent.ToArray();
        while (!parent.IsEmpty)
        {
            int length = parent.Length;
            if (length > LongestPart)
                length = parent[..LongestPart].LastIndexOf((byte)'/');
            int descriptor = OpenBelow(_parent, Terminate(parent[..length]), Constants.O_PATH | Constants.O_DIRECTORY, 0);
            if (descriptor < 0)
            {
                Errno error = Failure.Last;
                _parent.Dispose();
                _parent = null;
                return error;
            }

            _parent.Dispose();
            _parent = new FileDescriptor(descriptor);
            parent = parent[Math.Min(parent.Length, length + 1)..];
        }

        _parentPath = whole;
        return Errno.Success;
    }

    private static Errno Open(FileDescriptor directory, byte[] name, int flags, uint mode, out ConfinedFile? file)
    {
        int descriptor = OpenBelow(directory, name, flags, mode);
        file = descriptor < 0 ? null : new ConfinedFile(new FileDescriptor(descriptor));
        return Failure.From(descriptor);
    }

    private static int OpenBelow(FileDescriptor directory, byte[] path, int flags, uint mode)
    {
        const ulong confined = Constants.RESOLVE_BENEATH | Constants.RESOLVE_NO_SYMLINKS | Constants.RESOLVE_NO_MAGICLINKS;
        var how = new OpenHow { Flags = (ulong)(uint)(flags | Constants.O_NOFOLLOW | Constants.O_CLOEXEC), Mode = mode, Resolve = confined };
        fixed (byte* bytes = path)
        {
            int descriptor = (int)Libc.OpenAt2(Libc.OpenAt2Number, directory, bytes, &how, sizeof(OpenHow));
            // Kernels before 5.6 and some containers' filters lack the call.
            return descriptor < 0 && Failure.Last is Errno.EOPNOTSUPP or Errno.EPERM ? OpenStepwise(directory, path, flags, mode) : descriptor;
        }
    }

    // A single component that isn't ".." and isn't followed doesn't lead out of a directory either.
    private static int OpenStepwise(FileDescriptor directory, byte[] path, int flags, uint mode)
    {
        int slash = path.AsSpan().IndexOf((byte)'/');
        if (slash < 0)
        {
            fixed (byte* name = path)
                return Libc.OpenAt(directory, name, flags | Constants.O_NOFOLLOW | Constants.O_CLOEXEC, mode);
        }

        fixed (byte* name = Terminate(path.AsSpan(0, slash)))
        {
            int next = Libc.OpenAt(directory, name, Constants.O_PATH | Constants.O_DIRECTORY | Constants.O_NOFOLLOW | Constants.O_CLOEXEC, 0);
            if (next < 0)
                return next;
            using var below = new FileDescriptor(next);
            return OpenStepwise(below, path[(slash + 1)..], flags, mode);
        }
    }

    private static FileDescriptor Duplicate(FileDescriptor descriptor)
    {
        const int duplicate = 1030; // F_DUPFD_CLOEXEC
        int copy = Libc.FCntl(descriptor, duplicate, 0);
        return copy >= 0 ? new FileDescriptor(copy) : throw new HostException($"Too many files are open ({Failure.Last}).");
    }

    private static byte[] Terminate(ReadOnlySpan<byte> bytes)
    {
        byte[] terminated = new byte[bytes.Length + 1];
        bytes.CopyTo(terminated);
        return terminated;
    }
}
