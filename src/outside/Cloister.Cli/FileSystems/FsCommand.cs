using System;
using System.Globalization;
using System.IO;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Host;
using Cloister.Host.Storage;
using Cloister.Host.Terminal;
using Cloister.Storage.Checking;
using Cloister.Storage.Volumes;
using Spectre.Console;
using StoredVolume = Cloister.Storage.Volumes.Volume;

namespace Cloister.Cli.FileSystems;

/// <summary>What the commands below <c>cloister fs</c> do.</summary>
internal static class FsCommand
{
    private const int Found = 1;
    private const long SmallestBlocks = 1024;

    private static long Now => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;

    public static int Create(string path, string size, string keyFile)
    {
        long blocks = ParseBlocks(size);
        byte[] key = VolumeFile.ReadKey(keyFile);
        using FileBlockDevice device = FileBlockDevice.Create(path, blocks);
        Errno error = StoredVolume.Create(device, key, new MachineEntropy(), new NewInode(0x1ED, 0, 0), Now);
        if (error != Errno.Success)
            throw new HostException($"'{path}' can't be made a volume ({error}).");
        LauncherOutput.WriteError($"cloister: made '{path}' of {blocks * IBlockDevice.BlockSize} bytes\n");
        return 0;
    }

    public static int Info(string path, string keyFile)
    {
        using VolumeFile file = VolumeFile.Open(path, keyFile, isReadOnly: true);
        VolumeStatistics statistics = file.Volume.GetStatistics();
        StoreStatus status = file.Volume.Files.GetStatus();
        var table = new Table { Border = TableBorder.Simple, ShowHeaders = false };
        table.AddColumns("", "");
        Row("Volume", Convert.ToHexStringLower(file.Volume.Id));
        Row("Size", Bytes(status.Blocks));
        Row("Free for files", Bytes(status.BlocksAvailable));
        Row("Files, directories and others", status.Inodes.ToString(CultureInfo.InvariantCulture));
        Row("Index", $"{Bytes(statistics.IndexBlocks)} in {statistics.Tables} tables");
        Row("Journal", Bytes(statistics.JournalBlocks));
        Row("Not yet in the index", $"{statistics.DeltaRecords} records");
        Row("Checkpoints written", statistics.Generation.ToString(CultureInfo.InvariantCulture));
        Row("Blocks sealed", statistics.NextSequence.ToString(CultureInfo.InvariantCulture));
        Row("Keys (one for each mount)", statistics.Epochs.ToString(CultureInfo.InvariantCulture));
        Row("Snapshots", file.Volume.Snapshots.Count.ToString(CultureInfo.InvariantCulture));
        Plain();
        AnsiConsole.Write(table);
        return 0;

        void Row(string name, string value) => table.AddRow(name, Markup.Escape(value));
    }

    public static int Check(string path, string keyFile, bool readsData)
    {
        using VolumeFile file = VolumeFile.Open(path, keyFile, isReadOnly: true);
        CheckSummary summary = default;
        var observer = new CheckReport();
        Progress("Checking", task =>
        {
            observer.Task = task;
            file.Check(file.Volume.Check(readsData, observer, out summary), $"'{path}' can't be checked");
        });
        LauncherOutput.WriteOutput(
            $"{summary.Inodes} inodes, {summary.Entries} entries of directories, {summary.DataBlocks} blocks of data{(readsData ? "" : " (not read)")}, "
            + $"{summary.IndexBlocks} blocks of index: {(observer.Count == 0 ? "everything agrees" : $"{observer.Count} problems")}\n");
        return observer.Count == 0 ? 0 : Found;
    }

    public static int Export(string path, string archive, string keyFile)
    {
        using VolumeFile file = VolumeFile.Open(path, keyFile, isReadOnly: true);
        using Stream stream = Open(() => archive == "-" ? Console.OpenStandardOutput() : File.Create(archive), archive);
        StoreStatus status = file.Volume.Files.GetStatus();
        Progress("Exporting", task =>
        {
            task.MaxValue = (status.Blocks - status.BlocksFree) * (double)IBlockDevice.BlockSize;
            new VolumeTar(file.Volume.Files, count => task.Increment(count)).Export(stream);
        });
        return 0;
    }

    public static int Import(string path, string archive, string keyFile)
    {
        using Stream stream = Open(() => archive == "-" ? Console.OpenStandardInput() : File.OpenRead(archive), archive);
        using VolumeFile file = VolumeFile.Open(path, keyFile, isReadOnly: false);
        try
        {
            Progress("Importing", task =>
            {
                task.MaxValue = archive == "-" ? double.MaxValue : stream.Length;
                new VolumeTar(file.Volume.Files, count => task.Increment(count)).Import(stream);
            });
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new HostException($"'{archive}' is no tar archive that can be read ({e.Message.TrimEnd('.')}).", e);
        }

        file.Close();
        return 0;
    }

    public static int ListSnapshots(string path, string keyFile)
    {
        using VolumeFile file = VolumeFile.Open(path, keyFile, isReadOnly: true);
        foreach (SnapshotInformation snapshot in file.Volume.Snapshots)
        {
            string time = DateTimeOffset.UnixEpoch.AddTicks(snapshot.CreationTime / 100).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            LauncherOutput.WriteOutput($"{time}  {snapshot.Inodes,10}  {snapshot.Name}\n");
        }

        return 0;
    }

    public static int CreateSnapshot(string path, string name, string keyFile)
    {
        using VolumeFile file = VolumeFile.Open(path, keyFile, isReadOnly: false);
        file.Check(file.Volume.CreateSnapshot(name, Now), $"The snapshot '{name}' can't be made");
        file.Close();
        return 0;
    }

    public static int RemoveSnapshot(string path, string name, string keyFile)
    {
        using VolumeFile file = VolumeFile.Open(path, keyFile, isReadOnly: false);
        file.Check(file.Volume.RemoveSnapshot(name), $"The snapshot '{name}' can't be removed");
        file.Close();
        return 0;
    }

    public static int Grow(string path, string size, string keyFile)
    {
        long blocks = ParseBlocks(size);
        using VolumeFile file = VolumeFile.Open(path, keyFile, isReadOnly: false);
        Errno error = file.Volume.Grow(blocks);
        if (error == Errno.EINVAL)
            throw new HostException($"'{path}' is larger than {size} already: volumes only grow.");
        file.Check(error, $"'{path}' can't grow");
        file.Close();
        return 0;
    }

    public static int ChangeKey(string path, string keyFile, string newKeyFile)
    {
        byte[] key = VolumeFile.ReadKey(newKeyFile);
        using VolumeFile file = VolumeFile.Open(path, keyFile, isReadOnly: false);
        file.Check(file.Volume.ChangeKey(key), "The key can't be replaced");
        file.Close();
        return 0;
    }

    private static Stream Open(Func<Stream> open, string path)
    {
        try
        {
            return open();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"'{path}' can't be opened ({e.Message.TrimEnd('.')}).", e);
        }
    }

    private static long ParseBlocks(string text)
    {
        int shift = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, 'T' => 40, _ => 0 };
        ReadOnlySpan<char> digits = shift == 0 ? text : text.AsSpan(0, text.Length - 1);
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number > (1L << 52) >> shift)
            throw new HostException($"'{text}' is not the size of a volume: write a number with K, M, G or T, such as 10G.");
        long blocks = (number << shift) / IBlockDevice.BlockSize;
        return blocks >= SmallestBlocks ? blocks : throw new HostException($"{text} is too little for a volume: give at least 4M.");
    }

    private static string Bytes(long blocks)
    {
        double bytes = blocks * (double)IBlockDevice.BlockSize;
        string[] units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
        int unit = 0;
        for (; bytes >= 1024 && unit < units.Length - 1; unit++)
            bytes /= 1024;
        return bytes.ToString("0.#", CultureInfo.InvariantCulture) + " " + units[unit];
    }

    // A bar for people, nothing for files and pipes.
    private static void Progress(string title, Action<ProgressTask> action)
    {
        Plain();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (Console.IsErrorRedirected)
            console.Profile.Out = new AnsiConsoleOutput(TextWriter.Null);
        console.Progress().AutoClear(true).Start(context => action(context.AddTask(title)));
    }

    private static void Plain()
    {
        if (!Console.IsOutputRedirected)
            return;
        AnsiConsole.Profile.Capabilities.Ansi = false;
        AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
    }

    private sealed class CheckReport : ICheckObserver
    {
        public int Count { get; private set; }

        public ProgressTask? Task { get; set; }

        public void OnFinding(in CheckFinding finding)
        {
            Count++;
            LauncherOutput.WriteOutput($"{finding.Object}: {finding.Problem}\n");
        }

        public void OnProgress(long blocks, long of)
        {
            if (Task is null)
                return;
            Task.MaxValue = of;
            Task.Value = blocks;
        }
    }
}
