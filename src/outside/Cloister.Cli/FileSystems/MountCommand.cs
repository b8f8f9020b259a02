using System;
using System.IO;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Fuse;
using Cloister.Host;
using Cloister.Host.Terminal;

namespace Cloister.Cli.FileSystems;

/// <summary><c>cloister fs mount</c>: a volume as a directory of this Linux. The plaintext is then this machine's.</summary>
internal static class MountCommand
{
    public static int Run(string path, string directory, string keyFile, bool isReadOnly, string? snapshot, string? anchor, bool isStrict)
    {
        if (!Directory.Exists(directory))
            throw new HostException($"There is no directory '{directory}' to mount on.");
        if (isStrict && anchor is null)
            throw new HostException("--strict needs --anchor: it says which anchor every fsync moves.");
        if (anchor is not null && !Directory.Exists(anchor))
            throw new HostException($"There is no directory '{anchor}' for the anchor.");
        using VolumeFile file = VolumeFile.Open(path, keyFile, isReadOnly || snapshot is not null, anchor, isStrict);
        file.Volume.OnFault = fault => LauncherOutput.WriteError($"cloister: '{path}': {fault.Message}\n");
        IFileStore files = file.Volume.Files;
        if (snapshot is not null)
        {
            file.Check(file.Volume.OpenSnapshot(snapshot, out IFileStore? opened), $"The snapshot '{snapshot}' can't be opened");
            files = opened!;
        }

        (FuseMount? mount, Errno error) = FuseMount.TryMount(files, Path.GetFullPath(directory), Environment.ProcessorCount * 2);
        if (mount is null)
        {
            throw new HostException(error switch
            {
                Errno.EPERM or Errno.EACCES => $"'{directory}' can't be mounted on: only root may.",
                Errno.ENOENT or Errno.ENODEV => "This Linux has no FUSE: load its module with 'modprobe fuse'.",
                _ => $"'{directory}' can't be mounted on ({error}).",
            });
        }

        using (mount)
        {
            using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            mount.Wait();
        }

        if (file.Volume.Failure is { } failure)
            throw new HostException($"'{path}' failed while it was mounted: {failure.Message}");
        file.Close();
        return 0;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            mount.Unmount();
        }
    }
}
