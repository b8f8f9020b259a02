using System;
using System.Threading;
using Cloister.Contracts.Files;

namespace Cloister.Vfs.Core;

/// <summary>Root, working directory and umask of a process, or of several that share them.</summary>
internal sealed class FileSystemContext : IFileSystemContext
{
    private readonly VirtualFileSystem _vfs;
    private Places _places;
    private uint _umask = 0x12;

    public FileSystemContext(VirtualFileSystem vfs, VfsPath root, VfsPath workingDirectory)
    {
        _vfs = vfs;
        _places = new Places(root, workingDirectory);
    }

    public VfsPath Root => Volatile.Read(ref _places).Root;

    public VfsPath WorkingDirectory => Volatile.Read(ref _places).WorkingDirectory;

    public uint Umask
    {
        get => Volatile.Read(ref _umask);
        set => Volatile.Write(ref _umask, value & 0x1FF);
    }

    public void SetRoot(VfsPath root) => Volatile.Write(ref _places, new Places(root, WorkingDirectory));

    public void SetWorkingDirectory(VfsPath directory) => Volatile.Write(ref _places, new Places(Root, directory));

    public IFileSystemContext Clone() => new FileSystemContext(_vfs, Root, WorkingDirectory) { Umask = Umask };

    public int GetWorkingDirectory(Span<byte> into)
    {
        VfsPath directory = WorkingDirectory;
        return directory.Dentry.IsRemoved ? 0 : directory.Write(Root, into);
    }

    public int GetRootDirectory(Span<byte> into) => Root.Write(_vfs.Mounts.RootPath, into);

    // A path is two references, which can't be replaced in one step.
    private sealed record Places(VfsPath Root, VfsPath WorkingDirectory);
}
