using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Processes;

/// <summary>A link of procfs that leads to a place and not through a text: exe, cwd, root.</summary>
internal sealed class ProcessLink : Inode
{
    private readonly IProcessInformation _process;
    private readonly ProcessLinkKind _kind;

    public ProcessLink(FileSystem fileSystem, IProcessInformation process, ulong number, Inode owner, ProcessLinkKind kind)
        : base(fileSystem, FileModes.S_IFLNK | FileModes.S_IRWXUGO, owner.UserId, owner.GroupId, number)
    {
        _process = process;
        _kind = kind;
    }

    public override bool TryJump(ICaller caller, out Errno error, out VfsPath target)
    {
        target = default;
        error = Errno.Success;
        if (!ProcessDirectory.MayInspect(caller, _process))
            error = Errno.EACCES;
        else if (!TryFind(out target))
            error = Errno.ENOENT;
        return true;
    }

    public override Errno GetLinkTarget(ICaller caller, out byte[] text)
    {
        text = [];
        TryJump(caller, out Errno error, out VfsPath target);
        if (error != Errno.Success)
            return error;
        if (_kind == ProcessLinkKind.Executable)
            return LinkText.Of(_process.Executable!, out text);
        Span<byte> into = stackalloc byte[FileLimits.PATH_MAX];
        int length = target.Write(FileSystem.Vfs.Mounts.RootPath, into);
        if (length < 0)
            return Errno.ENAMETOOLONG;
        text = into[..length].ToArray();
        return Errno.Success;
    }

    private bool TryFind(out VfsPath target)
    {
        target = default;
        var context = (FileSystemContext?)_process.FileSystemContext;
        var executable = (OpenFile?)_process.Executable;
        switch (_kind)
        {
            case ProcessLinkKind.Root when context is not null:
                target = context.Root;
                return true;
            case ProcessLinkKind.WorkingDirectory when context is not null:
                target = context.WorkingDirectory;
                return true;
            case ProcessLinkKind.Executable when executable is not null:
                target = executable.Path;
                return true;
            default:
                return false;
        }
    }
}

/// <summary>Where a <see cref="ProcessLink"/> leads.</summary>
internal enum ProcessLinkKind
{
    Root,
    WorkingDirectory,
    Executable,
}

/// <summary>/proc/PID/fd/N.</summary>
internal sealed class DescriptorLink : Inode
{
    private readonly IProcessInformation _process;
    private readonly int _fd;

    public DescriptorLink(FileSystem fileSystem, IProcessInformation process, ulong number, Inode owner, int fd, uint permissions)
        : base(fileSystem, FileModes.S_IFLNK | permissions, owner.UserId, owner.GroupId, number)
    {
        _process = process;
        _fd = fd;
    }

    public override long Size => 64;

    public override bool TryJump(ICaller caller, out Errno error, out VfsPath target)
    {
        target = default;
        error = Errno.ENOENT;
        if (!ProcessDirectory.MayInspect(caller, _process))
        {
            error = Errno.EACCES;
        }
        else if (_process.Descriptors?.Take(_fd) is OpenFile file)
        {
            target = file.Path;
            error = Errno.Success;
            file.Release();
        }

        return true;
    }

    public override Errno GetLinkTarget(ICaller caller, out byte[] target)
    {
        target = [];
        if (!ProcessDirectory.MayInspect(caller, _process))
            return Errno.EACCES;
        if (_process.Descriptors?.Take(_fd) is not { } file)
            return Errno.ENOENT;
        Errno error = LinkText.Of(file, PlacesOf(caller), out target);
        file.Release();
        return error;
    }

    // A path is shown as the reader sees it, from its own root.
    private IFileSystemContext? PlacesOf(ICaller caller) =>
        ((ProcessFileSystem)FileSystem).Processes.TryGetProcess(caller.ProcessId, out IProcessInformation? reader) ? reader!.FileSystemContext : null;
}

/// <summary>What links of procfs show of an open file.</summary>
internal static class LinkText
{
    public static Errno Of(IOpenFile file, out byte[] text) => Of(file, null, out text);

    public static Errno Of(IOpenFile file, IFileSystemContext? context, out byte[] text)
    {
        Span<byte> into = stackalloc byte[FileLimits.PATH_MAX];
        int length = file.GetPath(context, into);
        text = into[..length].ToArray();
        return length == 0 ? Errno.ENAMETOOLONG : Errno.Success;
    }
}
