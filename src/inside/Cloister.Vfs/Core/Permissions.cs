using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;

namespace Cloister.Vfs.Core;

/// <summary>Permission checks of path_resolution(7) and capabilities(7).</summary>
internal static class Permissions
{
    /// <summary>Whether a thread may use an inode; EACCES, or EROFS for writes to a read-only file system.</summary>
    public static Errno Check(ICaller caller, in Credentials identity, Inode inode, AccessMode wanted)
    {
        uint mode = inode.Mode;
        if ((wanted & AccessMode.W_OK) != 0 && inode.FileSystem.IsReadOnly && inode.IsOnDisk)
            return Errno.EROFS;

        uint bits = mode;
        if (identity.UserId == inode.UserId)
            bits = mode >> 6;
        else if (((mode >> 3 ^ mode) & 7) != 0 && IsInGroup(caller, identity, inode.GroupId))
            bits = mode >> 3;
        if (((uint)wanted & ~bits & 7) == 0)
            return Errno.Success;
        if (identity.Capabilities == 0)
            return Errno.EACCES;

        if (FileModes.IsDirectory(mode))
        {
            if ((wanted & AccessMode.W_OK) == 0 && identity.Has(FileCapabilities.CAP_DAC_READ_SEARCH))
                return Errno.Success;
            return identity.Has(FileCapabilities.CAP_DAC_OVERRIDE) ? Errno.Success : Errno.EACCES;
        }

        if (wanted == AccessMode.R_OK && identity.Has(FileCapabilities.CAP_DAC_READ_SEARCH))
            return Errno.Success;
        bool mayOverride = (wanted & AccessMode.X_OK) == 0 || (mode & FileModes.S_IXUGO) != 0;
        return mayOverride && identity.Has(FileCapabilities.CAP_DAC_OVERRIDE) ? Errno.Success : Errno.EACCES;
    }

    /// <summary>Whether the identity is in a group. access(2) checks with another group id than the thread's file-system one.</summary>
    public static bool IsInGroup(ICaller caller, in Credentials identity, uint group)
    {
        if (identity.GroupId == group)
            return true;
        return caller.Credentials.GroupId != group && caller.IsInGroup(group);
    }

    /// <summary>Whether the thread may act as the inode's owner.</summary>
    public static bool IsOwner(ICaller caller, Inode inode)
    {
        Credentials identity = caller.Credentials;
        return identity.UserId == inode.UserId || identity.Has(FileCapabilities.CAP_FOWNER);
    }

    /// <summary>Restricted deletion of sticky directories (inode(7)).</summary>
    public static bool IsProtectedBySticky(ICaller caller, Inode directory, Inode victim)
    {
        if ((directory.Mode & FileModes.S_ISVTX) == 0)
            return false;
        Credentials identity = caller.Credentials;
        return identity.UserId != victim.UserId && identity.UserId != directory.UserId && !identity.Has(FileCapabilities.CAP_FOWNER);
    }
}
