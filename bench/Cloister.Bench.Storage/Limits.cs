using System;
using System.Text;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Storage.Volumes;

namespace Cloister.Bench.Storage;

/// <summary>
/// Large numbers of one kind: extents, orphans, attributes, files. On a device in memory and in processor time, which other work on the
/// machine changes little.
/// </summary>
internal static class Limits
{
    private const int Block = IBlockDevice.BlockSize;
    private const int Extents = 1_000_000;
    private const int Orphans = 100_000;
    private const int Attributes = 60_000;
    private const int DirectorySize = 10_000;

    private static readonly NewInode s_file = new(FileModes.S_IFREG | 0x1A4, 0, 0);

    /// <param name="files">How many files are made, listed, looked at and removed.</param>
    /// <param name="report">Gets name, value, unit and goal of each figure.</param>
    public static void Measure(int files, Action<string, double, string, double?> report)
    {
        report("unlink, 1,000,000 extents", RemoveExtents(), "s", 1);
        report("mount, 100,000 orphans", MountOrphans(), "s", 1);
        (double set, double remove) = SetAttributes();
        report("60,000 attributes on a file, set", set, "s", 1);
        report("60,000 attributes on a file, unlink and commit", remove, "s", 1);
        foreach (int count in new[] { files / 10, files })
            MeasureFiles(count, report);
    }

    private static double RemoveExtents()
    {
        Volume volume = Make(4L << 30, out _);
        ulong file = Setup.MakeFile(volume.Files, "file");
        var content = new byte[Block];
        for (int i = 0; i < Extents; i++)
            Setup.Check(volume.Files.Write(file, i * 2L * Block, content, i, out _));
        Setup.Check(volume.Files.Synchronize());
        double seconds = Time(() => Setup.Check(volume.Files.Unlink(IFileStore.RootInode, "file"u8, 1)));
        volume.Abandon();
        return seconds;
    }

    private static double MountOrphans()
    {
        Volume volume = Make(1L << 30, out ForgetfulDevice device);
        for (int i = 0; i < Orphans; i++)
            Setup.Check(volume.Files.CreateTemporary(s_file, 1, out _));
        Setup.Check(volume.Files.Synchronize());
        volume.Abandon();
        return Time(() => Volume.Open(device, Setup.Key, new Setup.Entropy()).Abandon());
    }

    private static (double Set, double Remove) SetAttributes()
    {
        Volume volume = Make(1L << 30, out _);
        ulong file = Setup.MakeFile(volume.Files, "file");
        double set = Time(() =>
        {
            for (int i = 0; i < Attributes; i++)
                Setup.Check(volume.Files.SetExtendedAttribute(file, Encoding.ASCII.GetBytes("user." + i), "value"u8, XattrFlags.None, 1));
        });
        double remove = Time(() =>
        {
            Setup.Check(volume.Files.Unlink(IFileStore.RootInode, "file"u8, 1));
            Setup.Check(volume.Files.Synchronize());
        });
        volume.Abandon();
        return (set, remove);
    }

    // Microseconds for each file, which shall hardly grow with their number, and the memory of it all.
    private static void MeasureFiles(int count, Action<string, double, string, double?> report)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Volume volume = Make(Math.Max(1L << 30, count * 1024L), out ForgetfulDevice device);
        var directories = new ulong[(count + DirectorySize - 1) / DirectorySize];
        string title = FormattableString.Invariant($"{count:#,0} files");
        void Each(string what, Action<int> action) => report(
            $"{what}, {title}", Time(() =>
            {
                for (int i = 0; i < count; i++)
                    action(i);
                Setup.Check(volume.Files.Synchronize());
            }) * 1e6 / count, "us a file", null);

        Each("create", i =>
        {
            if (i % DirectorySize == 0)
            {
                Setup.Check(volume.Files.Create(IFileStore.RootInode, Name(i), new NewInode(FileModes.S_IFDIR | 0x1ED, 0, 0), 1, out StoredAttributes made));
                directories[i / DirectorySize] = made.Inode;
            }

            Setup.Check(volume.Files.Create(directories[i / DirectorySize], Name(i), s_file, 1, out _));
        });
        report($"memory, {title}", (GC.GetTotalMemory(forceFullCollection: true) - before - device.KeptBlocks * (Block + 64L)) / 1048576.0, "MiB", null);
        var counter = new Counter();
        report($"list, {title}", Time(() =>
        {
            foreach (ulong directory in directories)
                Setup.Check(volume.Files.ReadDirectory(directory, 0, counter));
        }) * 1e6 / count, "us a file", null);
        if (counter.Entries != count)
            throw new InvalidOperationException($"{count} files were made, and {counter.Entries} are listed.");
        Each("stat", i => Setup.Check(volume.Files.Lookup(directories[i / DirectorySize], Name(i), out _)));
        Each("delete", i => Setup.Check(volume.Files.Unlink(directories[i / DirectorySize], Name(i), 1)));
        volume.Abandon();
    }

    private static byte[] Name(int number) => Encoding.ASCII.GetBytes("f" + number);

    private static Volume Make(long bytes, out ForgetfulDevice device)
    {
        device = new ForgetfulDevice(bytes / Block * 2);
        Setup.Check(Volume.Create(device, Setup.Key, new Setup.Entropy(), Setup.Root, 1));
        return Volume.Open(device, Setup.Key, new Setup.Entropy());
    }

    private static double Time(Action action)
    {
        TimeSpan start = Environment.CpuUsage.TotalTime;
        action();
        return (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }

    private sealed class Counter : IStoredEntrySink
    {
        public int Entries { get; private set; }

        public bool Add(in StoredEntry entry, ReadOnlySpan<byte> name)
        {
            Entries++;
            return true;
        }
    }
}
