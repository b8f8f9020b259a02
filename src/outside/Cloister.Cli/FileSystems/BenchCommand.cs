using System;
using System.Diagnostics;
using System.Globalization;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Spectre.Console;

namespace Cloister.Cli.FileSystems;

/// <summary><c>cloister fs bench</c>: what this volume does on this machine, with one thread and one open file.</summary>
internal static class BenchCommand
{
    private const int BlockSize = IBlockDevice.BlockSize;
    private const int Chunk = 1 << 20;
    private const long LargestFile = 1L << 30;
    private const int RandomOperations = 50_000;
    private const int SynchronousOperations = 1_000;

    public static int Run(VolumeLocation location)
    {
        using OpenVolume open = OpenVolume.Open(location, isReadOnly: false);
        IFileStore files = open.Volume.Files;
        long length = Math.Min(files.GetStatus().BlocksAvailable / 4 * BlockSize, LargestFile) / Chunk * Chunk;
        if (length < 4 * Chunk)
            open.Require(Errno.ENOSPC, "there is no room for a file of 4 MiB");
        open.Require(files.CreateTemporary(new NewInode(FileModes.S_IFREG | 0x180, 0, 0), OpenVolume.Now, out StoredAttributes file), "the file could not be made");
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("Measure");
        table.AddColumn(new TableColumn("MB/s").RightAligned());
        table.AddColumn(new TableColumn("operations/s").RightAligned());
        table.AddColumn(new TableColumn("bytes written per byte").RightAligned());
        byte[] buffer = new byte[Chunk];
        var random = new Random(1);
        random.NextBytes(buffer);
        long blocks = length / BlockSize;

        Measure("write, sequential, 1 MiB", length / Chunk, Chunk, i => Write(i * Chunk, Chunk), synchronises: true);
        Measure("read, sequential, 1 MiB", length / Chunk, Chunk, i => Read(i * Chunk, Chunk), synchronises: false);
        Measure("write, random, 4 KiB", RandomOperations, BlockSize, _ => Write(random.NextInt64(blocks) * BlockSize, BlockSize), synchronises: true);
        Measure("read, random, 4 KiB", RandomOperations, BlockSize, _ => Read(random.NextInt64(blocks) * BlockSize, BlockSize), synchronises: false);
        Measure("write, random, 4 KiB, each with fsync", SynchronousOperations, BlockSize, _ =>
        {
            Errno error = Write(random.NextInt64(blocks) * BlockSize, BlockSize);
            return error == Errno.Success ? files.Synchronize() : error;
        }, synchronises: true);
        files.Release(file.Inode);
        open.Close();
        TextConsole.CreateOutput().Write(table);
        return 0;

        Errno Write(long offset, int count) => files.Write(file.Inode, offset, buffer.AsSpan(0, count), OpenVolume.Now, out _);

        Errno Read(long offset, int count) => files.Read(file.Inode, offset, buffer.AsSpan(0, count), out _);

        void Measure(string name, long operations, int size, Func<long, Errno> operation, bool synchronises)
        {
            BlockCounters before = open.Device.Counters;
            var watch = Stopwatch.StartNew();
            for (long i = 0; i < operations; i++)
                open.Require(operation(i), name);
            if (synchronises)
                open.Require(files.Synchronize(), name);
            double seconds = watch.Elapsed.TotalSeconds;
            long written = (open.Device.Counters - before).WrittenBytes;
            table.AddRow(
                name,
                (operations * size / seconds / 1e6).ToString("N0", CultureInfo.InvariantCulture),
                (operations / seconds).ToString("N0", CultureInfo.InvariantCulture),
                synchronises ? (written / (double)(operations * size)).ToString("0.00", CultureInfo.InvariantCulture) : "");
        }
    }
}
