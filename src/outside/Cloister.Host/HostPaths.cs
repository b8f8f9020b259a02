using System.Text;
using Cloister.Abi;
using Cloister.Host.Native;

namespace Cloister.Host;

/// <summary>Calls on paths of this machine that .NET has no equivalent for.</summary>
public static unsafe class HostPaths
{
    /// <summary>Gives a file a second name.</summary>
    /// <exception cref="HostException">It isn't possible there.</exception>
    public static void Link(string existing, string path)
    {
        fixed (byte* from = Encoding.UTF8.GetBytes(existing + '\0'))
        fixed (byte* to = Encoding.UTF8.GetBytes(path + '\0'))
        {
            if (Libc.LinkAt(Constants.AT_FDCWD, from, FileDescriptor.WorkingDirectory, to, 0) != 0)
                throw new HostException($"'{path}' can't be made a second name of '{existing}' ({Failure.Last}).");
        }
    }

    /// <summary>Sets the owner of a file, not of what a symbolic link leads to. Does nothing where the caller isn't root.</summary>
    public static void SetOwner(string path, uint userId, uint groupId)
    {
        if (LauncherIdentity.UserId != 0)
            return;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            if (Libc.FChOwnAt(FileDescriptor.WorkingDirectory, name, userId, groupId, Constants.AT_SYMLINK_NOFOLLOW) != 0)
                throw new HostException($"The owner of '{path}' can't be set ({Failure.Last}).");
        }
    }
}
