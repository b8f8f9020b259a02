using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;
using Cloister.Vfs.Locks;
using Cloister.Vfs.Memory;
using Cloister.Vfs.Sockets;

namespace Cloister.Vfs;

/// <summary>The virtual file system of an enclave: mounts, paths and open files.</summary>
public sealed partial class VirtualFileSystem : IVfs
{
    private readonly AnonymousFileSystem _anonymous;
    /// <summary>Bytes of the enclave's memory for each open file, as Linux counts them (files_maxfiles_init).</summary>
    private const int MemoryPerOpenFile = 10 * 1024;

    private const int LeastMostOpenFiles = 8192;

    private const int MemoryPerRecordLock = 16 * 1024;

    private int _nextMinor;
    private long _openFiles;
    private long _recordLocks;

    /// <summary>Creates a VFS whose root is an empty tmpfs; <see cref="MountRoot"/> may put something else there first.</summary>
    public VirtualFileSystem(VfsServices services)
    {
        Services = services;
        Span<byte> seed = stackalloc byte[8];
        services.Entropy.Fill(seed);
        NameSeed = BitConverter.ToUInt64(seed);
        Mounts.SetRoot(new MemoryFileSystem(this, "tmpfs"u8, 0x1ED), MountFlags.None, "tmpfs"u8.ToArray());
        _anonymous = new AnonymousFileSystem(this);
        MostOpenFiles = Math.Max(LeastMostOpenFiles, services.Memory.Total / MemoryPerOpenFile);
        FilesInFlight = new FilesInFlight(SocketLock, Releases);
    }

    internal VfsServices Services { get; }

    /// <summary>/proc/sys/fs/file-max. Unlike on Linux it holds for privileged programs too: a kernel that they can end is no kernel.</summary>
    internal long MostOpenFiles { get; }

    /// <summary>Open files, those on their way over sockets among them.</summary>
    internal long OpenFiles => Volatile.Read(ref _openFiles);

    /// <inheritdoc/>
    public bool HasMostOpenFiles(int descriptor)
    {
        if (descriptor >= MostOpenFiles / 2)
            return true;
        if (OpenFiles < MostOpenFiles)
            return false;

        // Sockets in each other's queues that nobody can reach are no open files.
        FilesInFlight.Collect(isUrgent: true);
        return OpenFiles >= MostOpenFiles;
    }

    internal MountTable Mounts { get; } = new();

    /// <summary>For those who poll the names in /proc/sys/kernel.</summary>
    internal ChangeNotice NameNotice { get; } = new();

    /// <inheritdoc/>
    public void NoteNamesChanged() => NameNotice.Note();

    internal FilePools Pools { get; } = new();

    internal LockWaits LockWaits { get; } = new();

    /// <summary>Seed of name hashes.</summary>
    internal ulong NameSeed { get; }

    /// <inheritdoc/>
    public IFileSystemContext CreateContext() => new FileSystemContext(this, Mounts.RootPath, Mounts.RootPath);

    /// <inheritdoc/>
    public IDescriptorTable CreateDescriptorTable() => new DescriptorTable();

    /// <summary>Whether there are as many record locks as the enclave's memory is meant for: ENOLCK.</summary>
    internal bool HasMostRecordLocks => Volatile.Read(ref _recordLocks) >= Services.Memory.Total / MemoryPerRecordLock;

    /// <summary>Record locks came or went.</summary>
    internal void CountRecordLocks(int change) => Interlocked.Add(ref _recordLocks, change);

    /// <summary>A file was opened, or the last reference to one is gone.</summary>
    internal void CountOpenFile(int change) => Interlocked.Add(ref _openFiles, change);

    /// <summary>A device number for a file system without a device (major 0).</summary>
    internal ulong NextDevice() => DeviceNumbers.Make(0, (uint)Interlocked.Increment(ref _nextMinor) + 20);

    /// <summary>Hash of a name in the tables of directories.</summary>
    internal uint HashName(ReadOnlySpan<byte> name) => NameHash.Compute(name, NameSeed);

    /// <summary>A new entry below a directory.</summary>
    internal Dentry CreateDentry(Dentry parent, ReadOnlySpan<byte> name, Inode inode) =>
        new(parent, name.ToArray(), HashName(name), inode);
}
