using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Contracts.Storage;
using Cloister.Nucleus;
using Cloister.Vfs.Core;
using Cloister.Vfs.Devices;
using Cloister.Vfs.Import;
using Cloister.Vfs.Memory;
using Cloister.Vfs.Processes;
using Cloister.Vfs.Stores;
using Cloister.Vfs.Terminals;
using Cloister.Vfs.Volumes;

namespace Cloister.Vfs;

/// <summary>What the composition root of an enclave calls before programs run.</summary>
public sealed partial class VirtualFileSystem
{
    private readonly HostHandles _handles = new();
    private ConsoleTerminal? _terminal;
    private DeviceFileSystem? _devices;
    private ProcessFileSystem? _processes;
    private TerminalFileSystem? _terminals;
    private SystemFileSystem? _system;

    internal DeviceTable Devices { get; } = new();

    /// <summary>The launcher's terminal; null before <see cref="AttachConsole"/>.</summary>
    public ITerminal? Terminal => _terminal;

    /// <summary>Sessions and groups, for terminals; null where nobody keeps them (tests).</summary>
    public IJobControl? JobControl { get; set; }

    /// <summary>Makes a share the root.</summary>
    /// <param name="host">The host's files.</param>
    /// <param name="share">Which share.</param>
    /// <param name="isWritable">Whether changes are kept in memory above it.</param>
    public Errno MountRoot(IHostFiles host, int share, bool isWritable)
    {
        Errno error = ImportFileSystem.Create(this, host, _handles, share, isWritable, out ImportFileSystem? root);
        if (error == Errno.Success)
            Mounts.SetRoot(root!, MountFlags.None, isWritable ? "overlay"u8.ToArray() : "host"u8.ToArray());
        return error;
    }

    /// <summary>Puts a share of the host on a directory: changes go through to the host, and the host's are seen.</summary>
    /// <param name="path">The directory, which is made if it isn't there.</param>
    /// <param name="host">The host's files.</param>
    /// <param name="share">Which share.</param>
    /// <param name="isReadOnly">Whether programs may only read.</param>
    public Errno MountVolume(ReadOnlySpan<byte> path, IHostFiles host, int share, bool isReadOnly)
    {
        Errno error = VolumeFileSystem.Create(this, host, _handles, share, isReadOnly, out VolumeFileSystem? volume);
        if (error != Errno.Success)
            return error;
        return AttachAt(path, volume!, MountFlags.MS_NODEV | (isReadOnly ? MountFlags.MS_RDONLY : 0), "volume"u8);
    }

    /// <summary>Puts a file system of its own on a directory: a volume that only this enclave can read.</summary>
    /// <param name="path">The directory, which is made if it isn't there.</param>
    /// <param name="store">The volume's files.</param>
    /// <param name="isReadOnly">Whether programs may only read; a store that is read-only itself is so in any case.</param>
    public Errno MountStore(ReadOnlySpan<byte> path, IFileStore store, bool isReadOnly)
    {
        Errno error = StoreFileSystem.Create(this, store, out StoreFileSystem? fileSystem);
        if (error != Errno.Success)
            return error;
        return AttachAt(path, fileSystem!, isReadOnly || store.IsReadOnly ? MountFlags.MS_RDONLY : MountFlags.None, "volume"u8);
    }

    /// <summary>Puts an empty tmpfs on a directory, which is made if it isn't there.</summary>
    public Errno MountTmpfs(ReadOnlySpan<byte> path, uint mode)
    {
        return AttachAt(path, new MemoryFileSystem(this, "tmpfs"u8, mode), MountFlags.MS_NOSUID | MountFlags.MS_NODEV, "tmpfs"u8);
    }

    /// <summary>Puts the devices on a directory, with /dev/shm below it.</summary>
    public Errno MountDevices(ReadOnlySpan<byte> path)
    {
        Devices.Register(1, 3, new SimpleDevice(() => new NullFile()));
        Devices.Register(1, 5, new SimpleDevice(() => new ZeroFile()));
        Devices.Register(1, 7, new SimpleDevice(() => new FullFile()));
        Devices.Register(1, 8, new SimpleDevice(() => new RandomFile()));
        Devices.Register(1, 9, new SimpleDevice(() => new RandomFile()));
        if (Services.RootOfTrust is { } root)
            Devices.Register(DeviceFileSystem.Miscellaneous, DeviceFileSystem.Attestation, new SimpleDevice(() => new AttestationFile(root)));
        _devices = new DeviceFileSystem(this);
        Errno error = AttachAt(path, _devices, MountFlags.MS_NOSUID, "devtmpfs"u8, out Mount? mount);
        if (error != Errno.Success)
            return error;
        var shm = new MemoryFileSystem(this, "tmpfs"u8, 0x3FF);
        Mounts.Attach(new VfsPath(mount!, _devices.Shm), shm, shm.Root, MountFlags.MS_NOSUID | MountFlags.MS_NODEV, "tmpfs"u8.ToArray());
        _terminals = new TerminalFileSystem(this);
        var place = new VfsPath(mount!, _devices.Pts);
        _terminals.Mount = Mounts.Attach(place, _terminals.Tree, _terminals.Root, MountFlags.MS_NOSUID | MountFlags.MS_NOEXEC, "devpts"u8.ToArray());
        return Errno.Success;
    }

    /// <summary>Puts procfs on a directory.</summary>
    public Errno MountProcesses(ReadOnlySpan<byte> path, IProcessDirectory processes)
    {
        _processes = new ProcessFileSystem(this, processes);
        return AttachAt(path, _processes, MountFlags.MS_NOSUID | MountFlags.MS_NODEV | MountFlags.MS_NOEXEC, "proc"u8);
    }

    /// <summary>Numbers of the system, for sysfs; zeros before there are processes.</summary>
    internal SystemStatus SystemStatus => _processes?.Processes.GetSystemStatus() ?? default;

    /// <summary>
    /// Lets programs find the enclave's host name in /etc/hosts, as they expect it of a machine: in the layer in memory, not in the
    /// host's file. A name that is there stays as it is, and so does a file on a volume.
    /// </summary>
    public void AddHostName(ReadOnlySpan<byte> name)
    {
        var caller = new KernelCaller(Services);
        var path = new PathArgument(CreateContext(), null, "/etc/hosts"u8, LookupFlags.Follow);
        if (PathWalk.Find(this, caller, path, out PathWalk walk) != Errno.Success
            || walk.Current.Inode is not ImportRegular file)
        {
            return;
        }

        KernelBuffer buffer = Pools.Transfers.Take();
        AddHostName(caller, file, buffer, name);
        Pools.Transfers.Give(buffer);
    }

    private static void AddHostName(KernelCaller caller, ImportRegular file, KernelBuffer buffer, ReadOnlySpan<byte> name)
    {
        int length = (int)Math.Max(0, file.Read(caller, buffer.Reset(KernelBuffer.TransferSize), 0).Value);
        ReadOnlySpan<byte> text = buffer.Bytes[..length];
        if (length == KernelBuffer.TransferSize || HasHostName(text, name))
            return;
        var added = new ByteWriter();
        if (length > 0 && text[^1] != (byte)'\n')
            added.Write('\n');

        // The address that Debian gives a machine without one of its own.
        added.Write("127.0.1.1\t"u8).Write(name).Write('\n');
        added.Written.CopyTo(buffer.Bytes);
        long offset = 0;
        file.Write(caller, buffer.Reset(added.Length), ref offset, append: true);
    }

    /// <summary>Gives /etc/resolv.conf other contents, in memory: the host's file may name servers that the enclave doesn't reach.</summary>
    /// <returns>EINVAL for more than a page or two.</returns>
    public Errno SetResolver(ReadOnlySpan<byte> text)
    {
        if (text.Length > KernelBuffer.TransferSize)
            return Errno.EINVAL;
        var caller = new KernelCaller(Services);
        var path = new PathArgument(CreateContext(), null, "/etc/resolv.conf"u8, LookupFlags.Follow);
        const OpenFlags flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC;
        const uint permissions = 0x1A4;
        Errno error = Open(caller, path, flags, permissions, out IOpenFile? file);
        if (error == Errno.ENOENT)
        {
            // A link to a place of the running system, which isn't there.
            Unlink(caller, new PathArgument(CreateContext(), null, "/etc/resolv.conf"u8, LookupFlags.None));
            error = Open(caller, path, flags, permissions, out file);
        }

        if (error != Errno.Success)
            return error;
        var buffer = new KernelBuffer();
        text.CopyTo(buffer.Bytes);
        SyscallResult written = file!.Write(caller, buffer.Reset(text.Length));
        file.Release();
        return written.Errno;
    }

    private static bool HasHostName(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        while (!text.IsEmpty)
        {
            int end = text.IndexOfAny((byte)' ', (byte)'\t', (byte)'\n');
            if ((end < 0 ? text : text[..end]).SequenceEqual(name))
                return true;
            text = end < 0 ? default : text[(end + 1)..];
        }

        return false;
    }

    /// <summary>Puts sysfs on a directory.</summary>
    public Errno MountSystem(ReadOnlySpan<byte> path, int cpus)
    {
        _system = new SystemFileSystem(this, cpus);
        return AttachAt(path, _system, MountFlags.MS_NOSUID | MountFlags.MS_NODEV | MountFlags.MS_NOEXEC, "sysfs"u8);
    }

    /// <summary>Connects /dev/tty, /dev/console and the standard streams to the launcher's.</summary>
    public void AttachConsole(IHostConsole console)
    {
        _terminal = new ConsoleTerminal(console);
        var device = new ConsoleDevice(this, _terminal);
        Devices.Register(5, 0, new ControllingTerminalDevice(this, device));
        Devices.Register(5, 1, device);
    }

    /// <summary>Opens a pseudoterminal as /dev/tty does.</summary>
    internal Errno OpenTerminal(ICaller caller, Pseudoterminal terminal, OpenFlags flags, out OpenFile? file) =>
        _terminals!.OpenSlave(caller, terminal, flags, out file);

    private Mount? FindMountOf(FileSystem fileSystem)
    {
        foreach (Mount mount in Mounts.Snapshot())
        {
            if (mount.FileSystem == fileSystem)
                return mount;
        }

        return null;
    }

    private Errno AttachAt(ReadOnlySpan<byte> path, FileSystem fileSystem, MountFlags flags, ReadOnlySpan<byte> source) =>
        AttachAt(path, fileSystem, flags, source, out _);

    private Errno AttachAt(ReadOnlySpan<byte> path, FileSystem fileSystem, MountFlags flags, ReadOnlySpan<byte> source, out Mount? mount)
    {
        mount = null;
        IFileSystemContext context = CreateContext();
        context.Umask = 0x12;
        var caller = new KernelCaller(Services);
        var argument = new PathArgument(context, null, path, LookupFlags.Follow);
        Errno error = PathWalk.Find(this, caller, argument, out PathWalk walk);
        if (error == Errno.ENOENT)
        {
            error = MakeDirectories(caller, context, path);
            if (error == Errno.Success)
                error = PathWalk.Find(this, caller, argument, out walk);
        }

        if (error != Errno.Success)
            return error;
        mount = Mounts.Attach(walk.Current, fileSystem, fileSystem.Root, flags, source.ToArray());
        return Errno.Success;
    }

    private Errno MakeDirectories(ICaller caller, IFileSystemContext context, ReadOnlySpan<byte> path)
    {
        for (int i = 1; i <= path.Length; i++)
        {
            if (i < path.Length && path[i] != (byte)'/')
                continue;
            Errno error = MakeDirectory(caller, new PathArgument(context, null, path[..i], LookupFlags.None), 0x1ED);
            if (error is not (Errno.Success or Errno.EEXIST))
                return error;
        }

        return Errno.Success;
    }
}
