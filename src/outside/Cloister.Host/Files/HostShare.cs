using System;
using System.IO;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;

namespace Cloister.Host.Files;

/// <summary>A tree of files that the user exposed to the enclave. No request leads out of it.</summary>
public abstract class HostShare : IDisposable
{
    /// <summary>Exposes a directory, or a single file, of the host.</summary>
    /// <param name="path">Where it is; symbolic links in the path itself are followed.</param>
    /// <param name="isReadOnly">Whether changes are refused.</param>
    /// <param name="keepsPrivileges">
    /// Whether programs may give files of the host privileges: set-user-ID and set-group-ID bits, and attributes in the namespaces security and trusted.
    /// </param>
    public static HostShare OpenDirectory(string path, bool isReadOnly, bool keepsPrivileges = false) =>
        new DirectoryShare(path, isReadOnly, keepsPrivileges);

    /// <summary>Exposes the regular file or directory that a descriptor of the launcher is, with what the descriptor allows.</summary>
    public static HostShare OpenDescriptor(CallerFile file) => new DirectoryShare(file);

    /// <summary>Exposes the contents of a tar file, plain or compressed with gzip, read-only.</summary>
    public static HostShare OpenTar(string path) => TarShare.Open(path);

    /// <summary>Exposes a directory read-only, or the contents of a tar file, whichever the path names.</summary>
    public static HostShare OpenRoot(string path)
    {
        if (Directory.Exists(path))
            return OpenDirectory(path, isReadOnly: true);
        if (File.Exists(path))
            return OpenTar(path);
        throw new HostException($"There is no directory or tar file '{path}'.");
    }

    /// <inheritdoc/>
    public abstract void Dispose();

    internal abstract Errno OpenRoot(DescriptorBudget budget, out HostNode? node, out FileRecord record);
}
