using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Contracts.Storage;
using Cloister.Fuse;
using Cloister.Host;

namespace Cloister.Cli.FileSystems;

/// <summary><c>cloister fs mount</c>.</summary>
internal static class MountCommand
{
    // How long what was written stays in memory only, if nobody asks for more; as inside, and as Linux's dirty_writeback_centisecs.
    private static readonly TimeSpan s_writeBack = TimeSpan.FromSeconds(5);

    public static int Run(VolumeLocation location, string directory, bool isReadOnly, string? snapshot, bool forAll)
    {
        if (!Directory.Exists(directory))
            throw new HostException($"'{directory}' is not a directory: make it first.");
        using OpenVolume open = OpenVolume.Open(location, isReadOnly || snapshot is not null);
        IFileStore files = open.GetFiles(snapshot);
        open.Volume.OnFault = failure => Console.Error.WriteLine($"cloister: '{location.Path}': {failure.Message}");
        try
        {
            using (FuseMount mount = FuseMount.Create(files, directory, Path.GetFullPath(location.Path), forAll))
            {
                using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
                using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
                // The terminal was closed.
                using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, End);
                using Timer? writeBack = open.Volume.IsReadOnly ? null : new Timer(_ => files.Synchronize(), null, s_writeBack, s_writeBack);
                Console.Error.WriteLine($"'{location.Path}' is mounted at '{directory}' until Ctrl-C or 'fusermount3 -u {directory}'.");
                mount.Run();

                void End(PosixSignalContext signal)
                {
                    signal.Cancel = true;
                    mount.End();
                }
            }
        }
        catch (FuseException failure)
        {
            throw new HostException(failure.Message);
        }

        open.Close();
        return 0;
    }
}
