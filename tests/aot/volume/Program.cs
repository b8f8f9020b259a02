using System;
using System.Collections.Generic;
using System.Text;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Crypto;
using Cloister.Storage;
using Cloister.Storage.Checking;
using Cloister.Storage.Volumes;

namespace Cloister.Aot.Volume;

/// <summary>An encrypted volume on a RAM disk: files, a crash in the middle of writing, mounting again, and what a check finds.</summary>
internal static class Program
{
    private const int Files = 40;
    private static readonly NewInode s_directory = new(0x41ED, 0, 0);
    private static readonly NewInode s_file = new(0x81A4, 0, 0);
    private static readonly byte[] s_key = new byte[32];

    private sealed class Counter(byte start) : IEntropySource
    {
        private byte _next = start;

        public void Fill(Span<byte> destination)
        {
            foreach (ref byte b in destination)
                b = (byte)(_next += 7);
        }
    }

    private sealed class Findings : ICheckObserver
    {
        public int Count { get; private set; }

        public void OnFinding(in CheckFinding finding)
        {
            if (Count++ < 5)
                Console.WriteLine("  found: " + finding.Object + ": " + finding.Problem);
        }

        public void OnProgress(long done, long total)
        {
        }
    }

    private sealed class Names : IStoredEntrySink
    {
        public List<(string Name, ulong Inode)> Entries { get; } = [];

        public bool Add(in StoredEntry entry, ReadOnlySpan<byte> name)
        {
            Entries.Add((Encoding.UTF8.GetString(name), entry.Inode));
            return true;
        }
    }

    public static int Main()
    {
        for (int i = 0; i < s_key.Length; i++)
            s_key[i] = (byte)(i * 11);
        var disk = new RamDisk(16384);
        Expect(Storage.Volumes.Volume.Create(disk, s_key, new Counter(1), s_directory, 1), "create");
        RamDisk[] crashes = FillAndCrash(disk, out ulong[] inodes);
        bool isRight = true;
        for (int i = 0; i < crashes.Length; i++)
        {
            Console.WriteLine("crash " + i);
            isRight &= LookAfter(crashes[i], inodes);
        }

        isRight &= Tamper(crashes[0]);
        Console.WriteLine(isRight ? "all right" : "something is wrong");
        return isRight ? 0 : 1;
    }

    private static VolumeOptions Options => new() { DeltaBytes = 1 << 20, CacheBytes = 1 << 20, PageBytes = 1 << 20, CachedInodes = 100 };

    // Synchronizes half way and goes on; crashes come at boundaries of writes.
    private static RamDisk[] FillAndCrash(RamDisk disk, out ulong[] inodes)
    {
        Storage.Volumes.Volume volume = Storage.Volumes.Volume.Open(disk, s_key, new Counter(2), Options);
        IFileStore files = volume.Files;
        inodes = new ulong[Files];
        Expect(files.Create(IFileStore.RootInode, "directory"u8, s_directory, 2, out StoredAttributes made), "mkdir");
        ulong directory = made.Inode;
        for (int i = 0; i < Files; i++)
        {
            Expect(files.Create(directory, Encoding.UTF8.GetBytes($"file {i:D2} äß"), s_file, 3 + i, out made), "create a file");
            inodes[i] = made.Inode;
            byte[] content = Content(i, 0);
            Expect(files.Write(made.Inode, 0, content, 100 + i, out int count), "write");
            Require(count == content.Length);
        }

        Expect(files.SetExtendedAttribute(inodes[3], "user.note"u8, "remember"u8, default, 200), "set an attribute");
        Expect(files.CreateSymbolicLink(directory, "link"u8, "file 00"u8, s_file, 201, out _), "symlink");
        Expect(files.Unlink(directory, Encoding.UTF8.GetBytes("file 39 äß"), 202), "unlink");
        Expect(files.Synchronize(), "synchronize");
        disk.Crashing = true;
        Console.WriteLine("synchronized: " + disk.Counters + ", unflushed " + disk.Unflushed);
        for (int i = 0; i < Files - 1; i++)
            Expect(files.Write(inodes[i], 5000, Content(i, 1), 300 + i, out _), "write again");
        Expect(files.Rename(directory, "link"u8, directory, "moved"u8, default, 400), "rename");
        // A checkpoint writes without making the last records durable.
        Expect(volume.Checkpoint(), "checkpoint");
        for (int i = 0; i < 10; i++)
            Expect(files.Create(directory, Encoding.UTF8.GetBytes("late " + i), s_file, 500, out _), "create late");
        for (int i = 0; i < Files - 1; i++)
            Expect(files.Write(inodes[i], 9000, Content(i, 2), 600 + i, out _), "write late");
        Console.WriteLine("before the crash: " + disk.Counters + ", unflushed " + disk.Unflushed);
        volume.Abandon();
        return [disk.Crash(0), .. disk.Crashes];
    }

    private static bool LookAfter(RamDisk disk, ulong[] inodes)
    {
        Storage.Volumes.Volume volume = Storage.Volumes.Volume.Open(disk, s_key, new Counter(3), Options);
        IFileStore files = volume.Files;
        Expect(files.Lookup(IFileStore.RootInode, "directory"u8, out StoredAttributes found), "look up");
        var names = new Names();
        Expect(files.ReadDirectory(found.Inode, 0, names), "list");
        Console.WriteLine("  " + names.Entries.Count + " entries: " + names.Entries[0].Name + ", " + names.Entries[^1].Name);
        int old = 0, changed = 0, wrong = 0;
        ulong hash = 14695981039346656037;
        for (int i = 0; i < Files - 1; i++)
        {
            Expect(files.GetAttributes(inodes[i], out StoredAttributes attributes), "attributes");
            byte[] content = new byte[attributes.Size];
            Expect(files.Read(inodes[i], 0, content, out int count), "read");
            foreach (byte b in content)
                hash = (hash ^ b) * 1099511628211;
            byte[] first = Content(i, 0);
            int kept = Math.Min(5000, first.Length);
            if (count != content.Length || (content.Length >= kept && !content.AsSpan(0, kept).SequenceEqual(first.AsSpan(0, kept)))
                || content.Length < kept)
                wrong++;
            else if (content.AsSpan().SequenceEqual(first))
                old++;
            else
                changed++;
        }

        Console.WriteLine($"  files as synchronized {old}, written again {changed}, wrong {wrong}, content {hash:x16}");
        byte[] note = new byte[20];
        Expect(files.GetExtendedAttribute(inodes[3], "user.note"u8, note, out int length), "read an attribute");
        Console.WriteLine("  note " + Encoding.UTF8.GetString(note, 0, length) + ", status " + files.GetStatus());
        var findings = new Findings();
        Expect(volume.Check(readsData: true, findings, out CheckSummary summary), "check");
        Console.WriteLine("  check: " + findings.Count + " findings, " + summary);
        Expect(files.Write(inodes[0], 0, "new"u8, 900, out _), "write after the crash");
        Expect(volume.Close(), "close");
        return wrong == 0 && findings.Count == 0;
    }

    // Every changed block is noticed, or nothing needs it any more.
    private static bool Tamper(RamDisk disk)
    {
        int refused = 0, found = 0, unused = 0;
        foreach (long block in disk.Blocks)
        {
            if (block % 5 != 0)
                continue;
            disk.Flush();
            RamDisk copy = disk.Crash(0);
            copy.Damage(block, 100);
            try
            {
                Storage.Volumes.Volume volume = Storage.Volumes.Volume.Open(copy, s_key, new Counter(4), Options);
                var counting = new Quiet();
                Errno error = volume.Check(readsData: true, counting, out _);
                if (error != Errno.Success || counting.Count > 0)
                    found++;
                else
                    unused++;
                volume.Abandon();
            }
            catch (VolumeException)
            {
                refused++;
            }
        }

        Console.WriteLine("changed blocks: mounting refused " + refused + ", found by the check " + found + ", not in use " + unused);
        return refused + found > 0;
    }

    private sealed class Quiet : ICheckObserver
    {
        public int Count { get; private set; }

        public void OnFinding(in CheckFinding finding) => Count++;

        public void OnProgress(long done, long total)
        {
        }
    }

    private static byte[] Content(int file, int version)
    {
        byte[] content = new byte[1000 + file * 777 % 20000];
        uint state = (uint)(file * 2654435761 + version + 1);
        foreach (ref byte b in content.AsSpan())
        {
            state = state * 1664525 + 1013904223;
            b = (byte)(state >> 24);
        }

        return content;
    }

    private static void Expect(Errno result, string what)
    {
        if (result != Errno.Success)
            throw new InvalidOperationException(what + ": " + result);
    }

    private static void Require(bool condition)
    {
        if (!condition)
            throw new InvalidOperationException("A condition doesn't hold.");
    }
}
