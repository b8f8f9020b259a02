using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Volumes;

/// <summary>A file of a volume: attributes are the host's.</summary>
internal abstract class VolumeInode : Inode
{
    protected VolumeInode(VolumeFileSystem fileSystem, uint handle, in HostFileStatus status)
        : base(fileSystem, status.Mode, status.UserId, status.GroupId, fileSystem.NumberOf(status))
    {
        Handle = handle;
        HostIdentity = (status.Device, status.Inode);
        RawDevice = status.RawDevice;
        Take(status);
    }

    public uint Handle { get; }

    /// <summary>Device and inode number outside.</summary>
    public (ulong Device, ulong Inode) HostIdentity { get; }

    protected VolumeFileSystem Volume => (VolumeFileSystem)FileSystem;

    protected IHostFiles Host => Volume.Host;

    protected long Blocks { get; private set; }

    public override long Size => HostSize;

    protected long HostSize { get; set; }

    /// <summary>Takes over what the host says now.</summary>
    public virtual void Update(in HostFileStatus status) => Take(status);

    public override Errno GetStatus(ICaller caller, out FileStatus status)
    {
        Errno error = Host.GetStatus(Handle, out HostFileStatus host);
        if (error == Errno.Success && host.Type == Type)
            Update(host);
        FillStatus(out status);
        status.Blocks = Blocks;
        return error;
    }

    public override Errno SetAttributes(ICaller caller, in AttributeChange change)
    {
        Errno error = Errno.Success;
        if (change.UserId is not null || change.GroupId is not null)
            error = Host.SetOwner(Handle, change.UserId ?? uint.MaxValue, change.GroupId ?? uint.MaxValue);
        if (error == Errno.Success && change.Permissions is { } permissions)
            error = Host.SetMode(Handle, permissions);
        if (error == Errno.Success && (change.AccessTime is not null || change.ModificationTime is not null))
            error = Host.SetTimes(Handle, change.AccessTime ?? HostFileStatus.KeepTime, change.ModificationTime ?? HostFileStatus.KeepTime);
        return error == Errno.Success ? Refresh() : error;
    }

    /// <summary>Asks the host for the attributes.</summary>
    public Errno Refresh()
    {
        Errno error = Host.GetStatus(Handle, out HostFileStatus host);
        if (error == Errno.Success && host.Type == Type)
            Update(host);
        return error;
    }

    /// <summary>One of its names is gone.</summary>
    public void OnNameRemoved()
    {
        if (LinkCount > 0)
            LinkCount = IsDirectory ? 0 : LinkCount - 1;
        if (LinkCount == 0)
            EvictIfUnused();
    }

    public override Errno GetExtendedAttribute(ICaller caller, ReadOnlySpan<byte> name, Span<byte> value, out int length) =>
        Host.GetExtendedAttribute(Handle, name, value, out length);

    public override Errno SetExtendedAttribute(ICaller caller, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, XattrFlags flags) =>
        Host.SetExtendedAttribute(Handle, name, value, (int)flags);

    public override Errno ListExtendedAttributes(ICaller caller, Span<byte> names, out int length) =>
        Host.ListExtendedAttributes(Handle, names, out length);

    public override Errno RemoveExtendedAttribute(ICaller caller, ReadOnlySpan<byte> name) => Host.RemoveExtendedAttribute(Handle, name);

    protected override void Evict() => Volume.Drop(this);

    private void Take(in HostFileStatus status)
    {
        Mode = status.Mode;
        UserId = status.UserId;
        GroupId = status.GroupId;
        LinkCount = (uint)Math.Min(status.LinkCount, uint.MaxValue);
        HostSize = status.Size;
        Blocks = status.Blocks;
        AccessTime = status.AccessTime;
        ModificationTime = status.ModifyTime;
        ChangeTime = status.ChangeTime;
        BirthTime = status.ChangeTime;
    }
}

/// <summary>
/// A FIFO or socket of a share: a name for something in the enclave. Programs inside meet there; nothing goes to the host's
/// programs that have opened the same name.
/// </summary>
internal sealed class VolumeSpecial(VolumeFileSystem fileSystem, uint handle, in HostFileStatus status)
    : VolumeInode(fileSystem, handle, status), ISpecialInode
{
    /// <inheritdoc/>
    public SpecialContent Content { get; } = new();
}

/// <summary>A symbolic link, or a device of the host, which can't be used from inside.</summary>
internal sealed class VolumeOther(VolumeFileSystem fileSystem, uint handle, in HostFileStatus status) : VolumeInode(fileSystem, handle, status)
{
    public override Errno GetLinkTarget(ICaller caller, out byte[] target)
    {
        target = [];
        if (!IsSymbolicLink)
            return Errno.EINVAL;
        Span<byte> buffer = stackalloc byte[FileLimits.PATH_MAX];
        Errno error = Host.ReadLink(Handle, buffer, out int length);
        if (error == Errno.Success)
            target = buffer[..length].ToArray();
        return error;
    }

    public override Errno Open(ICaller caller, VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        return Errno.ENXIO;
    }
}
