using System;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>A tree of files that the user exposed to the enclave. No request leads out of it.</summary>
public abstract class HostShare : IDisposable
{
    /// <summary>Exposes a directory, or a single file, of the host.</summary>
    /// <param name="path">Where it is; symbolic links in the path itself are followed.</param>
    /// <param name="isReadOnly">Whether changes are refused.</param>
    /// <param name="keepsPrivileges">
    /// Whether programs may give files of the host privileges: set-user-ID and set-group-ID bits, and attributes in the namespaces
    /// security and trusted.
    /// </param>
    public static HostShare OpenDirectory(string path, bool isReadOnly, bool keepsPrivileges = false) =>
        new DirectoryShare(path, isReadOnly, keepsPrivileges);

    /// <summary>Exposes the regular file or directory that a descriptor of the launcher is, with what the descriptor allows.</summary>
    public static HostShare OpenDescriptor(CallerFile file) => new DirectoryShare(file);

    /// <summary>Exposes the contents of a tar file, plain or compressed with gzip, zstd, xz or bzip2, read-only.</summary>
    public static HostShare OpenTar(string path) => TarShare.Open(path);

    /// <summary>Exposes a directory read-only, or the contents of a tar file or container image, whichever the path names.</summary>
    public static HostShare OpenRoot(string path)
    {
        if (HostPaths.GetTargetStatus(path, out FileRecord status) is var error and not Errno.Success)
        {
            throw new HostException(error is Errno.ENOENT or Errno.ENOTDIR
                ? $"There is no directory or tar file '{path}'."
                : $"'{path}' can't be opened ({error}).");
        }

        if ((status.Mode & Constants.S_IFMT) != Constants.S_IFDIR)
            return OpenTar(path);
        return TarShare.TryOpenLayout(path) ?? OpenDirectory(path, isReadOnly: true);
    }

    /// <inheritdoc/>
    public abstract void Dispose();

    internal abstract Errno OpenRoot(DescriptorBudget budget, out HostNode? node, out FileRecord record);
}
