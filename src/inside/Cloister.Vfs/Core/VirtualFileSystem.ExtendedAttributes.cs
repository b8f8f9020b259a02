using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs;

public sealed partial class VirtualFileSystem
{
    /// <inheritdoc/>
    public Errno GetExtendedAttribute(ICaller caller, in PathArgument path, ReadOnlySpan<byte> name, Span<byte> value, out int length)
    {
        length = 0;
        Errno error = PathWalk.Find(this, caller, path, out PathWalk walk);
        if (error == Errno.Success)
            error = MayUseAttribute(caller, walk.Current, name, false);
        return error != Errno.Success ? error : walk.Current.Inode.GetExtendedAttribute(caller, name, value, out length);
    }

    /// <inheritdoc/>
    public Errno SetExtendedAttribute(ICaller caller, in PathArgument path, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, XattrFlags flags)
    {
        Errno error = PathWalk.Find(this, caller, path, out PathWalk walk);
        if (error == Errno.Success)
            error = MayUseAttribute(caller, walk.Current, name, true);
        if (error != Errno.Success)
            return error;
        return Changed(walk.Current, InotifyFlags.IN_ATTRIB, walk.Current.Inode.SetExtendedAttribute(caller, name, value, flags));
    }

    /// <inheritdoc/>
    public Errno ListExtendedAttributes(ICaller caller, in PathArgument path, Span<byte> names, out int length)
    {
        length = 0;
        Errno error = PathWalk.Find(this, caller, path, out PathWalk walk);
        return error != Errno.Success ? error : walk.Current.Inode.ListExtendedAttributes(caller, names, out length);
    }

    /// <inheritdoc/>
    public Errno RemoveExtendedAttribute(ICaller caller, in PathArgument path, ReadOnlySpan<byte> name)
    {
        Errno error = PathWalk.Find(this, caller, path, out PathWalk walk);
        if (error == Errno.Success)
            error = MayUseAttribute(caller, walk.Current, name, true);
        if (error != Errno.Success)
            return error;
        return Changed(walk.Current, InotifyFlags.IN_ATTRIB, walk.Current.Inode.RemoveExtendedAttribute(caller, name));
    }

    /// <summary>The rules of the attribute namespaces (xattr(7)).</summary>
    private static Errno MayUseAttribute(ICaller caller, VfsPath place, ReadOnlySpan<byte> name, bool change)
    {
        Inode inode = place.Inode;
        if (change && place.Mount.IsReadOnly)
            return Errno.EROFS;
        Credentials identity = caller.Credentials;
        if (name.StartsWith("security."u8))
        {
            int capability = name.SequenceEqual("security.capability"u8) ? FileCapabilities.CAP_SETFCAP : FileCapabilities.CAP_SYS_ADMIN;
            return change && !identity.Has(capability) ? Errno.EPERM : Errno.Success;
        }

        if (name.StartsWith("trusted."u8))
        {
            if (identity.Has(FileCapabilities.CAP_SYS_ADMIN))
                return Errno.Success;
            return change ? Errno.EPERM : Errno.ENODATA;
        }

        // "system." holds access control lists, which no file system here keeps.
        if (!name.StartsWith("user."u8))
            return Errno.EOPNOTSUPP;
        if (name.Length == "user.".Length)
            return Errno.EINVAL;
        if (inode.Type is not (FileModes.S_IFREG or FileModes.S_IFDIR))
            return change ? Errno.EPERM : Errno.ENODATA;
        if (change && inode.IsDirectory && (inode.Mode & FileModes.S_ISVTX) != 0 && !Permissions.IsOwner(caller, inode))
            return Errno.EPERM;
        return Permissions.Check(caller, identity, inode, change ? AccessMode.W_OK : AccessMode.R_OK);
    }
}
