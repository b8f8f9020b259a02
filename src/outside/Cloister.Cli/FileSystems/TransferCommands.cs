using System;
using System.IO;
using System.IO.Compression;
using System.IO.Pipes;
using System.Threading.Tasks;
using Cloister.Contracts.Storage;
using Cloister.Host;
using Spectre.Console;

namespace Cloister.Cli.FileSystems;

/// <summary><c>cloister fs import</c> and <c>export</c>. Directories go through the tar format too, so there is one way.</summary>
internal static class TransferCommands
{
    private const int PipeCapacity = 1 << 20;

    public static int Import(VolumeLocation location, string source)
    {
        if (!Directory.Exists(source) && !File.Exists(source))
            throw new HostException($"There is no directory or tar file '{source}' to copy from.");
        using OpenVolume open = OpenVolume.Open(location, isReadOnly: false);
        ShowProgress($"into {location.Path}", step =>
        {
            var import = new TarImport(open, step);
            if (Directory.Exists(source))
                ThroughPipe(new DirectoryTar(source).Run, import.Run);
            else
                ReadTar(source, import.Run);
        });
        open.Close();
        return 0;
    }

    public static int Export(VolumeLocation location, string target, string? snapshot)
    {
        bool isTar = target.EndsWith(".tar", StringComparison.Ordinal);
        if (isTar ? File.Exists(target) : File.Exists(target) || (Directory.Exists(target) && Directory.GetFileSystemEntries(target).Length > 0))
            throw new HostException($"'{target}' {(isTar ? "exists already" : "is not an empty directory")}: choose another place to copy to.");
        using OpenVolume open = OpenVolume.Open(location, isReadOnly: true);
        IFileStore files = open.GetFiles(snapshot);
        ShowProgress($"out of {location.Path}", step =>
        {
            var export = new TarExport(open, files, step);
            if (isTar)
            {
                using FileStream stream = Create(target);
                export.Run(stream);
            }
            else
            {
                Directory.CreateDirectory(target);
                ThroughPipe(export.Run, from => TarExtraction.Run(from, target));
            }
        });
        return 0;
    }

    /// <summary>Runs a writer and a reader of one stream beside each other. The first to fail counts.</summary>
    private static void ThroughPipe(Action<Stream> write, Action<Stream> read)
    {
        using var into = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.None, PipeCapacity);
        using var from = new AnonymousPipeClientStream(PipeDirection.In, into.ClientSafePipeHandle);
        Task writer = Task.Run(() =>
        {
            using (into)
                write(into);
        });
        Exception? failure = null;
        try
        {
            read(from);
            // A reader of tar stops at the archive's end, which padding may follow.
            from.CopyTo(Stream.Null);
        }
        catch (Exception e)
        {
            failure = e;
        }

        // Where the reader gave up, the writer's pipe breaks.
        from.Dispose();
        try
        {
            writer.GetAwaiter().GetResult();
        }
        catch (IOException) when (failure is not null and not EndOfStreamException)
        {
            // The broken pipe that follows from the reader's failure.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"The files can't be read: {e.Message}");
        }

        switch (failure)
        {
            case null:
                return;
            case IOException or UnauthorizedAccessException:
                throw new HostException($"The files can't be copied: {failure.Message}");
            default:
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
                return;
        }
    }

    private static void ReadTar(string path, Action<Stream> read)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            bool isCompressed = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
            file.Position = 0;
            using Stream stream = isCompressed ? new GZipStream(file, CompressionMode.Decompress) : file;
            read(stream);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new HostException($"'{path}' is not a tar file, or it is damaged: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"'{path}' can't be read: {e.Message}");
        }
    }

    private static FileStream Create(string path)
    {
        try
        {
            return new FileStream(path, FileMode.CreateNew);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"'{path}' can't be made: {e.Message}");
        }
    }

    /// <summary>Counts files and bytes on standard error while it works.</summary>
    private static void ShowProgress(string title, Action<Action<long>> work)
    {
        IAnsiConsole console = ErrorConsole.Create();
        long count = 0;
        long bytes = 0;
        string Describe() => $"{Markup.Escape(title)}: {count:N0} files, {bytes / (1024.0 * 1024):N1} MiB";
        if (ErrorConsole.IsWatched)
            console.Status().Start(Describe(), context => work(size => Count(size, context)));
        else
            work(size => Count(size, null));
        console.MarkupLine(Describe());

        void Count(long size, StatusContext? context)
        {
            count++;
            bytes += size;
            if (context is not null && (count % 64 == 0 || size > 1 << 20))
                context.Status(Describe());
        }
    }
}
