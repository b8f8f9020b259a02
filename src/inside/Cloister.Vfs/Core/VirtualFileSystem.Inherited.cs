using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;
using Cloister.Vfs.Devices;
using Cloister.Vfs.Volumes;

namespace Cloister.Vfs;

/// <summary>The files that the first program begins with: those that its caller has given to the launcher.</summary>
public sealed partial class VirtualFileSystem
{
    /// <summary>Gives a table the inherited files; a descriptor that the launcher was started without stays closed.</summary>
    /// <param name="caller">The first program.</param>
    /// <param name="table">Its descriptors.</param>
    /// <param name="host">The host's files.</param>
    /// <param name="files">What there is.</param>
    public void OpenInherited(ICaller caller, IDescriptorTable table, IHostFiles host, IReadOnlyList<InheritedFile> files)
    {
        // One file system for all of them, so that two descriptors of one file lead to one inode.
        VolumeFileSystem? volume = null;
        Mount? mount = null;
        foreach (InheritedFile inherited in files)
        {
            if (table.Reserve(inherited.Descriptor, ulong.MaxValue, false, out int fd) != Errno.Success)
                continue;
            OpenFile? file = null;
            if (fd == inherited.Descriptor && _terminal is not null)
            {
                if (inherited.Share >= 0)
                {
                    volume ??= new VolumeFileSystem(this, host, _handles);
                    if (volume.AddRoot(inherited.Share, out VolumeInode? inode) == Errno.Success)
                        file = OpenHostFile(caller, mount ??= MountTable.Detached(volume), inode!, inherited);
                }
                else
                {
                    file = OpenStream(inherited);
                }
            }

            if (file is null)
                table.Unreserve(fd);
            else
                table.Install(fd, file);
        }
    }

    private OpenFile? OpenHostFile(ICaller caller, Mount mount, VolumeInode inode, in InheritedFile inherited)
    {
        var place = new VfsPath(mount, new Dentry(inode, NameOf(inherited.Descriptor)));
        if (inode is VolumeRegular)
        {
            var regular = new InheritedRegular(_terminal!, inherited.Stream);
            regular.Begin(place, inherited.Flags);
            return regular;
        }

        return inode.Open(caller, place, inherited.Flags, out OpenFile? opened) == Errno.Success ? opened : null;
    }

    private ConsoleFile? OpenStream(in InheritedFile inherited)
    {
        if (_terminal!.Host.GetStatus(inherited.Stream, out HostFileStatus status) != Errno.Success)
            return null;
        var stream = new ConsoleFile(_terminal, inherited.Stream);
        stream.Begin(GetStreamPlace(inherited, status), inherited.Flags);
        return stream;
    }

    private VfsPath GetStreamPlace(in InheritedFile inherited, in HostFileStatus status)
    {
        if (_terminal!.Host.IsTerminal(inherited.Stream) && _devices is not null && FindMountOf(_devices) is { } mount)
            return new VfsPath(mount, _devices.Console);
        var inode = new ConsoleStreamInode(_anonymous, _terminal, inherited.Stream, status.Mode, status.UserId, status.GroupId);
        var name = new ByteWriter();
        switch (status.Type)
        {
            case FileModes.S_IFIFO:
                name.Write("pipe:["u8).Number(inode.Number).Write(']');
                break;
            case FileModes.S_IFSOCK:
                name.Write("socket:["u8).Number(inode.Number).Write(']');
                break;
            default:
                name.Write(NameOf(inherited.Descriptor));
                break;
        }

        return _anonymous.CreatePlace(inode, name.Written);
    }

    private static byte[] NameOf(int descriptor) => descriptor switch
    {
        0 => "/dev/stdin"u8.ToArray(),
        1 => "/dev/stdout"u8.ToArray(),
        2 => "/dev/stderr"u8.ToArray(),
        _ => new ByteWriter().Write("/dev/fd/"u8).Number((ulong)descriptor).Written.ToArray(),
    };
}
