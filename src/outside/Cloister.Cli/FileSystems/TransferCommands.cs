using System;
using System.IO;
using System.IO.Compression;
using Cloister.Cli.FileSystems.Transfer;
using Cloister.Contracts.Storage;
using Cloister.Host;
using Cloister.Host.Files;
using Spectre.Console;

namespace Cloister.Cli.FileSystems;

/// <summary><c>cloister fs import</c> and <c>export</c>.</summary>
internal static class TransferCommands
{
    private const int TarBuffer = 1 << 20;

    // What is being made has this behind its name, so that nobody takes a part for the whole.
    private const string Unfinished = ".partial";

    public static int Import(VolumeLocation location, string source)
    {
        if (!Directory.Exists(source) && !File.Exists(source))
            throw new HostException($"There is no directory or tar file '{source}' to copy from.");
        using OpenVolume open = OpenVolume.Open(location, isReadOnly: false);
        ShowProgress($"into {location.Path}", step =>
        {
            var sink = new VolumeSink(open, step);
            if (Directory.Exists(source))
                new DirectorySource(source, sink).Run();
            else
                ReadTar(source, stream => new TarSource(stream, sink).Run());
        });
        open.Close();
        return 0;
    }

    public static int Export(VolumeLocation location, string target, string? snapshot)
    {
        bool isTar = target.EndsWith(".tar", StringComparison.Ordinal);
        target = target.TrimEnd('/');
        if (isTar ? File.Exists(target) : File.Exists(target) || (Directory.Exists(target) && Directory.GetFileSystemEntries(target).Length > 0))
            throw new HostException($"'{target}' {(isTar ? "exists already" : "is not an empty directory")}: choose another place to copy to.");
        string partial = target + Unfinished;
        if (File.Exists(partial) || Directory.Exists(partial))
            throw new HostException($"'{partial}' is left of an export that didn't end: remove it first.");
        using OpenVolume open = OpenVolume.Open(location, isReadOnly: true);
        IFileStore files = open.GetFiles(snapshot);
        ShowProgress($"out of {location.Path}", step =>
        {
            if (isTar)
                ExportTar(partial, sink => new VolumeSource(open, files, sink, step).Run());
            else
                ExportDirectory(partial, sink => new VolumeSource(open, files, sink, step).Run());
        });
        try
        {
            if (!isTar && Directory.Exists(target))
                Directory.Delete(target);
            Directory.Move(partial, target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"'{partial}' has all the files, but can't be renamed: {e.Message}");
        }

        return 0;
    }

    // Whoever may read it reads what the volume keeps secret: only its owner.
    private static void ExportTar(string path, Action<ITransferSink> write)
    {
        try
        {
            using var file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                BufferSize = TarBuffer,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            try
            {
                write(new TarSink(file));
                file.Flush(flushToDisk: true);
            }
            catch
            {
                File.Delete(path);
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"'{path}' can't be written: {e.Message}");
        }
    }

    private static void ExportDirectory(string path, Action<ITransferSink> write)
    {
        using ConfinedTree tree = ConfinedTree.Create(path);
        write(new DirectorySink(tree, path));
    }

    private static void ReadTar(string path, Action<Stream> read)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            bool isCompressed = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
            file.Position = 0;
            using Stream stream = isCompressed ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var buffered = new BufferedStream(stream, TarBuffer);
            read(buffered);
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

    /// <summary>Counts files and bytes on standard error while it works.</summary>
    private static void ShowProgress(string title, Action<Action<long>> work)
    {
        IAnsiConsole console = TextConsole.CreateError();
        long count = 0;
        long bytes = 0;
        string Describe() => $"{Markup.Escape(title)}: {count:N0} files, {bytes / (1024.0 * 1024):N1} MiB";
        if (TextConsole.IsErrorWatched)
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
