using System;
using System.Globalization;
using System.Linq;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Host;
using Cloister.Host.Storage;
using Cloister.Storage.Checking;
using Cloister.Storage.Volumes;
using Spectre.Console;

namespace Cloister.Cli.FileSystems;

/// <summary>The commands that need no more than the volume itself.</summary>
internal static class VolumeCommands
{
    private const uint DirectoryPermissions = 0x1ED; // 0755

    // Shorter runs of free blocks aren't worth a call of the host.
    private const long SmallestTrim = 16;

    public static int Create(VolumeLocation location, string size, string? owner)
    {
        (uint user, uint group) = owner is null ? (LauncherIdentity.UserId, LauncherIdentity.GroupId) : OptionParser.ParseUser(owner);
        long blocks = ParseBlocks(size);
        using FileBlockDevice device = FileBlockDevice.Create(location.Path, blocks);
        Errno error = Cloister.Storage.Volumes.Volume.PrepareJournal(device);
        if (error == Errno.Success)
            error = Cloister.Storage.Volumes.Volume.Create(device, location.Key, OpenVolume.Entropy, new NewInode(DirectoryPermissions, user, group), OpenVolume.Now);
        if (error == Errno.Success)
            return 0;
        System.IO.File.Delete(location.Path);
        throw new HostException($"'{location.Path}' could not be made: {error}.");
    }

    public static int ShowInformation(VolumeLocation location)
    {
        using OpenVolume open = OpenVolume.Open(location, isReadOnly: true);
        VolumeStatistics statistics = open.Volume.GetStatistics();
        StoreStatus status = open.Volume.Files.GetStatus();
        var grid = new Grid().AddColumn().AddColumn(new GridColumn { Alignment = Justify.Right });
        Row("identity", Convert.ToHexStringLower(open.Volume.Id));
        Row("size", Bytes(statistics.Blocks));
        Row("free", Bytes(status.BlocksAvailable));
        Row("reserve", Bytes(status.BlocksFree - status.BlocksAvailable));
        Row("journal", Bytes(statistics.JournalBlocks));
        Row("index", $"{Bytes(statistics.IndexBlocks)} in {statistics.Tables} tables");
        Row("inodes", status.Inodes.ToString("N0", CultureInfo.InvariantCulture));
        Row("checkpoints", statistics.Generation.ToString("N0", CultureInfo.InvariantCulture));
        Row("blocks sealed", statistics.NextSequence.ToString("N0", CultureInfo.InvariantCulture));
        Row("keys in use", statistics.Epochs.ToString(CultureInfo.InvariantCulture));
        Row("snapshots", open.Volume.Branches.Count(branch => !branch.IsWritable).ToString(CultureInfo.InvariantCulture));
        Row("clones", open.Volume.Branches.Count(branch => branch.IsWritable).ToString(CultureInfo.InvariantCulture));
        TextConsole.CreateOutput().Write(grid);
        return 0;

        void Row(string name, string value) => grid.AddRow(Markup.Escape(name), Markup.Escape(value));
    }

    public static int Check(VolumeLocation location, bool readsData)
    {
        using OpenVolume open = OpenVolume.Open(location, isReadOnly: true);
        var findings = new Findings();
        CheckSummary summary = default;
        if (TextConsole.IsErrorWatched)
        {
            TextConsole.CreateError().Progress().AutoClear(true).Start(context =>
            {
                findings.Bar = context.AddTask("checking");
                Look();
            });
        }
        else
        {
            Look();
        }

        void Look() => open.Require(open.Volume.Check(readsData, findings, out summary), "it could not be checked");
        string looked = string.Create(
            CultureInfo.InvariantCulture,
            $"{summary.Inodes:N0} inodes, {summary.Entries:N0} names, {Bytes(summary.DataBlocks)} of files, {Bytes(summary.IndexBlocks)} of index");
        Console.WriteLine(findings.Count == 0 ? $"clean: {looked}" : $"{findings.Count} findings in {looked}");
        return findings.Count == 0 ? 0 : 1;
    }

    public static int Grow(VolumeLocation location, string size)
    {
        using OpenVolume open = OpenVolume.Open(location, isReadOnly: false);
        long blocks = ParseBlocks(size);
        if (blocks < open.Volume.GetStatistics().Blocks)
            throw new HostException($"'{location.Path}' is larger than {size} already, and volumes can't shrink: copy the files to a new one with 'cloister fs export' and 'import'.");
        open.Require(open.Volume.Grow(blocks), "it could not be made larger");
        open.Close();
        return 0;
    }

    public static int Trim(VolumeLocation location)
    {
        using OpenVolume open = OpenVolume.Open(location, isReadOnly: false);
        open.Require(open.Volume.Trim(SmallestTrim, out long trimmed), "its free space could not be given back");
        open.Close();
        Console.WriteLine($"{Bytes(trimmed)} given back");
        return 0;
    }

    public static int ChangeKey(VolumeLocation location, byte[] newKey)
    {
        using OpenVolume open = OpenVolume.Open(location, isReadOnly: false);
        open.Require(open.Volume.ChangeKey(newKey), "its key could not be replaced");
        open.Close();
        return 0;
    }

    /// <summary>Encrypts everything anew, or goes on with it where it was interrupted.</summary>
    public static int Reencrypt(VolumeLocation location, byte[]? newKey)
    {
        using OpenVolume open = OpenVolume.Open(location, isReadOnly: false);
        if (newKey is not null)
            open.Require(open.Volume.BeginReencryption(newKey), "its key could not be replaced");
        else if (open.Volume.ReencryptionProgress >= 1)
            throw new HostException($"'{location.Path}' has no encryption to go on with: name a new key with '--new-key-file'.");
        IAnsiConsole console = TextConsole.CreateError();
        console.Progress().AutoClear(true).Start(context =>
        {
            ProgressTask bar = context.AddTask("encrypting anew", maxValue: 1);
            while (open.Volume.ReencryptionProgress < 1)
            {
                open.Require(open.Volume.Reencrypt(), "not all of it could be encrypted anew");
                bar.Value = open.Volume.ReencryptionProgress;
            }
        });
        open.Close();
        return 0;
    }

    public static int Compact(VolumeLocation location)
    {
        using OpenVolume open = OpenVolume.Open(location, isReadOnly: false);
        long before = open.Volume.GetStatistics().FreeBlocks;
        open.Require(open.Volume.Compact(), "it could not be compacted");
        Console.WriteLine($"{Bytes(Math.Max(0, open.Volume.GetStatistics().FreeBlocks - before))} found");
        open.Close();
        return 0;
    }

    private static long ParseBlocks(string size)
    {
        const long least = Cloister.Storage.Volumes.Volume.SmallestBlocks * IBlockDevice.BlockSize;
        long blocks = OptionParser.ParseSize(size, "a volume", least) / IBlockDevice.BlockSize;
        if (blocks > Cloister.Storage.Volumes.Volume.LargestBlocks)
            throw new HostException($"A volume has {Bytes(Cloister.Storage.Volumes.Volume.LargestBlocks)} at most, not {size}.");
        return blocks;
    }

    private static string Bytes(long blocks)
    {
        double bytes = blocks * (double)IBlockDevice.BlockSize;
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        int unit = 0;
        for (; bytes >= 1024 && unit < units.Length - 1; unit++)
            bytes /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{bytes:0.#} {units[unit]}");
    }

    private sealed class Findings : ICheckObserver
    {
        public int Count { get; private set; }

        public ProgressTask? Bar { get; set; }

        public void OnProgress(long done, long total)
        {
            if (Bar is null)
                return;
            Bar.MaxValue = total;
            Bar.Value = done;
        }

        public void OnFinding(in CheckFinding finding)
        {
            Count++;
            Console.WriteLine($"{finding.Object}: {finding.Problem}");
        }
    }
}
