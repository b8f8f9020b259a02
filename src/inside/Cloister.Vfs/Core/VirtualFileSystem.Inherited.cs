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

/// <summary>The files that a program begins with which is started from outside: those that its caller has given to the launcher.</summary>
public sealed partial class VirtualFileSystem
{
    /// <summary>The three standard streams of a program that joins, and the terminal that they may be.</summary>
    /// <param name="firstStream">The first of them.</param>
    /// <param name="closed">Called when no file that is one of them is open any more. Must not wait.</param>
    public ITerminal CreateTerminal(int firstStream, Action closed) => new ConsoleTerminal(_terminal!, firstStream, closed);

    /// <summary>Whether a program has one of the streams of such a terminal open.</summary>
    public static bool IsOpen(ITerminal terminal) => ((ConsoleTerminal)terminal).IsOpen;

    /// <summary>Gives a table the inherited files; a descriptor that the launcher was started without stays closed.</summary>
    /// <param name="caller">The program.</param>
    /// <param name="table">Its descriptors.</param>
    /// <param name="host">The host's files.</param>
    /// <param name="terminal">The streams that the files are: <see cref="Terminal"/>, or of <see cref="CreateTerminal"/>.</param>
    /// <param name="files">What there is.</param>
    public void OpenInherited(ICaller caller, IDescriptorTable table, IHostFiles host, ITerminal? terminal, IReadOnlyList<InheritedFile> files)
    {
        var streams = terminal as ConsoleTerminal;
        // One file system for all of them, so that two descriptors of one file lead to one inode.
        VolumeFileSystem? volume = null;
        Mount? mount = null;
        foreach (InheritedFile inherited in files)
        {
            if (table.Reserve(inherited.Descriptor, ulong.MaxValue, false, out int fd) != Errno.Success)
                continue;
            OpenFile? file = null;
            if (fd == inherited.Descriptor && streams is not null)
            {
                if (inherited.Share >= 0)
                {
                    volume ??= new VolumeFileSystem(this, host, _handles);
                    if (volume.AddRoot(inherited.Share, out VolumeInode? inode) == Errno.Success)
                        file = OpenHostFile(caller, streams, mount ??= MountTable.Detached(volume), inode!, inherited);
                }
                else
                {
                    file = OpenStream(streams, inherited);
                }
            }

            if (file is null)
                table.Unreserve(fd);
            else
                table.Install(fd, file);
        }
    }

    private OpenFile? OpenHostFile(ICaller caller, ConsoleTerminal streams, Mount mount, VolumeInode inode, in InheritedFile inherited)
    {
        var place = new VfsPath(mount, new Dentry(inode, NameOf(inherited.Descriptor)));
        if (inode is VolumeRegular)
        {
            var regular = new InheritedRegular(streams, inherited.Stream);
            regular.Begin(place, inherited.Flags);
            return regular;
        }

        return inode.Open(caller, place, inherited.Flags, out OpenFile? opened) == Errno.Success ? opened : null;
    }

    private ConsoleFile? OpenStream(ConsoleTerminal streams, in InheritedFile inherited)
    {
        if (streams.Host.GetStatus(inherited.Stream, out HostFileStatus status) != Errno.Success)
            return null;
        var stream = new ConsoleFile(streams, inherited.Stream);
        stream.Begin(GetStreamPlace(streams, inherited, status), inherited.Flags);
        return stream;
    }

    private VfsPath GetStreamPlace(ConsoleTerminal streams, in InheritedFile inherited, in HostFileStatus status)
    {
        if (streams.Host.IsTerminal(inherited.Stream) && _devices is not null && FindMountOf(_devices) is { } mount)
            return new VfsPath(mount, _devices.Console);
        var inode = new ConsoleStreamInode(_anonymous, streams, inherited.Stream, status.Mode, status.UserId, status.GroupId);
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
