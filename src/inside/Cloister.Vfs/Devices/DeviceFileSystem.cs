using System;
using Cloister.Abi.Files;
using Cloister.Vfs.Core;
using Cloister.Vfs.Memory;

namespace Cloister.Vfs.Devices;

/// <summary>devtmpfs with the devices that there are.</summary>
internal sealed class DeviceFileSystem : MemoryFileSystem
{
    /// <summary>Number of /dev/attestation: of those that Linux gives to drivers without one of their own.</summary>
    public const uint Miscellaneous = 10, Attestation = 126;

    public DeviceFileSystem(VirtualFileSystem vfs)
        : base(vfs, "devtmpfs"u8, 0x1ED)
    {
        AddDevice("null"u8, 0x1B6, 1, 3);
        AddDevice("zero"u8, 0x1B6, 1, 5);
        AddDevice("full"u8, 0x1B6, 1, 7);
        AddDevice("random"u8, 0x1B6, 1, 8);
        AddDevice("urandom"u8, 0x1B6, 1, 9);
        AddDevice("tty"u8, 0x1B6, 5, 0);
        AddDevice("ptmx"u8, 0x1B6, 5, 2);
        if (vfs.Services.RootOfTrust is not null)
            AddDevice("attestation"u8, 0x1B6, Miscellaneous, Attestation);
        Console = AddDevice("console"u8, 0x190, 5, 1);
        AddLink("fd"u8, "/proc/self/fd"u8);
        AddLink("stdin"u8, "/proc/self/fd/0"u8);
        AddLink("stdout"u8, "/proc/self/fd/1"u8);
        AddLink("stderr"u8, "/proc/self/fd/2"u8);
        Shm = AddDirectory("shm"u8, 0x3FF);
        Pts = AddDirectory("pts"u8, 0x1ED);
    }

    /// <summary>/dev/console.</summary>
    public Dentry Console { get; }

    /// <summary>Where the tmpfs of POSIX shared memory is mounted.</summary>
    public Dentry Shm { get; }

    /// <summary>Where devpts is mounted.</summary>
    public Dentry Pts { get; }

    private Dentry AddDevice(ReadOnlySpan<byte> name, uint permissions, uint major, uint minor) =>
        Add(name, new MemorySpecial(this, FileModes.S_IFCHR | permissions, 0, 0, DeviceNumbers.Make(major, minor)));

    private void AddLink(ReadOnlySpan<byte> name, ReadOnlySpan<byte> target) =>
        Add(name, new MemorySymbolicLink(this, 0, 0, target.ToArray()));

    private Dentry AddDirectory(ReadOnlySpan<byte> name, uint permissions)
    {
        Root.Inode.LinkCount++;
        return Add(name, new MemoryDirectory(this, FileModes.S_IFDIR | permissions, 0, 0));
    }

    private Dentry Add(ReadOnlySpan<byte> name, MemoryInode inode)
    {
        inode.SetTimes(Vfs.Services.Clock.RealtimeNanoseconds);
        Dentry entry = Vfs.CreateDentry(Root, name, inode);
        Root.Children!.Add(entry);
        return entry;
    }
}
