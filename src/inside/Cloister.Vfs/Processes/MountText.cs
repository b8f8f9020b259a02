using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Processes;

/// <summary>/proc/PID/mounts and mountinfo (proc(5)).</summary>
internal static class MountText
{
    public static Errno WriteMounts(VirtualFileSystem vfs, IProcessInformation process, ByteWriter writer)
    {
        Span<byte> path = stackalloc byte[FileLimits.PATH_MAX];
        foreach (Mount mount in vfs.Mounts.Snapshot())
        {
            if (!TryGetPoint(vfs, process, mount, path, out int length))
                continue;
            writer.Escaped(mount.Source.Length == 0 ? "none"u8 : mount.Source).Write(' ').Escaped(path[..length]).Write(' ');
            writer.Write(mount.FileSystem.Type).Write(' ');
            WriteFlags(mount, writer);
            writer.Write(mount.FileSystem.Options).Write(" 0 0\n"u8);
        }

        return Errno.Success;
    }

    public static Errno WriteInformation(VirtualFileSystem vfs, IProcessInformation process, ByteWriter writer)
    {
        Span<byte> path = stackalloc byte[FileLimits.PATH_MAX];
        foreach (Mount mount in vfs.Mounts.Snapshot())
        {
            if (!TryGetPoint(vfs, process, mount, path, out int length))
                continue;
            writer.Number(mount.Id).Write(' ').Number(mount.Parent?.Id ?? 1).Write(' ');
            writer.Number(DeviceNumbers.Major(mount.FileSystem.Device)).Write(':').Number(DeviceNumbers.Minor(mount.FileSystem.Device)).Write(' ');
            WriteRoot(mount, writer);
            writer.Write(' ').Escaped(path[..length]).Write(' ');
            WriteFlags(mount, writer);
            writer.Write(" - "u8).Write(mount.FileSystem.Type).Write(' ').Escaped(mount.Source.Length == 0 ? "none"u8 : mount.Source).Write(' ');
            writer.Write(mount.FileSystem.IsReadOnly ? "ro"u8 : "rw"u8).Write(mount.FileSystem.Options).Write('\n');
        }

        return Errno.Success;
    }

    /// <summary>Path of the mount point as the process sees it; mounts outside its root don't show.</summary>
    private static bool TryGetPoint(VirtualFileSystem vfs, IProcessInformation process, Mount mount, Span<byte> path, out int length)
    {
        VfsPath root = process.FileSystemContext is FileSystemContext context ? context.Root : vfs.Mounts.RootPath;
        length = new VfsPath(mount, mount.Root).Write(root, path);
        return length > 0 && path[0] == (byte)'/';
    }

    /// <summary>Which directory of its file system the mount shows.</summary>
    private static void WriteRoot(Mount mount, ByteWriter writer)
    {
        Span<byte> path = stackalloc byte[FileLimits.PATH_MAX];
        int at = path.Length;
        for (DentryName name = mount.Root.Name; name.Parent is not null && at > name.Bytes.Length; name = name.Parent.Name)
        {
            at -= name.Bytes.Length;
            name.Bytes.CopyTo(path[at..]);
            path[--at] = (byte)'/';
        }

        writer.Escaped(at == path.Length ? "/"u8 : path[at..]);
    }

    private static void WriteFlags(Mount mount, ByteWriter writer)
    {
        writer.Write(mount.IsReadOnly ? "ro"u8 : "rw"u8);
        if (mount.Has(MountFlags.MS_NOSUID))
            writer.Write(",nosuid"u8);
        if (mount.Has(MountFlags.MS_NODEV))
            writer.Write(",nodev"u8);
        if (mount.Has(MountFlags.MS_NOEXEC))
            writer.Write(",noexec"u8);
        if (mount.Has(MountFlags.MS_NOATIME))
            writer.Write(",noatime"u8);
        if (mount.Has(MountFlags.MS_NODIRATIME))
            writer.Write(",nodiratime"u8);
        if (mount.Has(MountFlags.MS_RELATIME))
            writer.Write(",relatime"u8);
        if (mount.Has(MountFlags.MS_NOSYMFOLLOW))
            writer.Write(",nosymfollow"u8);
    }
}
