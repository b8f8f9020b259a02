using System;
using System.Collections.Generic;
using System.Text;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Crypto;
using Cloister.Storage.Devices;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Tests;

/// <summary>Entropy from a seed: tests run the same way every time.</summary>
internal sealed class SeededEntropy(int seed) : IEntropySource
{
    private readonly Random _random = new(seed);

    public void Fill(Span<byte> destination) => _random.NextBytes(destination);
}

/// <summary>Short ways to use a volume in tests.</summary>
internal static class Support
{
    public static readonly byte[] Key = Encoding.ASCII.GetBytes("a key of the tests, 32 bytes....");

    public static readonly NewInode RootNode = new(0x1ED, 0, 0);

    public static readonly NewInode FileNode = new(FileModes.S_IFREG | 0x1A4, 0, 0);

    public static readonly NewInode DirectoryNode = new(FileModes.S_IFDIR | 0x1ED, 0, 0);

    /// <summary>Little memory, so that its limits are met.</summary>
    public static VolumeOptions SmallOptions => new() { DeltaBytes = 256 * 1024, CacheBytes = 1 << 20, PageBytes = 256 * 4096, CachedInodes = 128, DirectWriteBytes = 8192 };

    public static IBlockDevice NewVolume(long blocks, int seed = 1)
    {
        var device = new MemoryBlockDevice(blocks);
        Assert.Equal(Errno.Success, Volume.Create(device, Key, new SeededEntropy(seed), RootNode, 1));
        return device;
    }

    public static Volume Open(IBlockDevice device, VolumeOptions? options = null, int seed = 2) =>
        Volume.Open(device, Key, new SeededEntropy(seed), options);

    public static byte[] Name(string name) => Encoding.UTF8.GetBytes(name);

    public static ulong MakeFile(this IFileStore files, ulong directory, string name)
    {
        Assert.Equal(Errno.Success, files.Create(directory, Name(name), FileNode, 2, out StoredAttributes attributes));
        return attributes.Inode;
    }

    public static ulong MakeDirectory(this IFileStore files, ulong directory, string name)
    {
        Assert.Equal(Errno.Success, files.Create(directory, Name(name), DirectoryNode, 2, out StoredAttributes attributes));
        return attributes.Inode;
    }

    public static void WriteAll(this IFileStore files, ulong inode, long offset, ReadOnlySpan<byte> bytes)
    {
        Assert.Equal(Errno.Success, files.Write(inode, offset, bytes, 3, out int count));
        Assert.Equal(bytes.Length, count);
    }

    public static byte[] ReadAll(this IFileStore files, ulong inode)
    {
        Assert.Equal(Errno.Success, files.GetAttributes(inode, out StoredAttributes attributes));
        var bytes = new byte[attributes.Size];
        Assert.Equal(Errno.Success, files.Read(inode, 0, bytes, out int count));
        Assert.Equal(bytes.Length, count);
        return bytes;
    }

    public static ulong Find(this IFileStore files, ulong directory, string name)
    {
        Errno error = files.Lookup(directory, Name(name), out StoredAttributes attributes);
        return error == Errno.Success ? attributes.Inode : error == Errno.ENOENT ? 0UL : throw new InvalidOperationException($"{name}: {error}");
    }

    public static List<string> List(this IFileStore files, ulong directory)
    {
        var sink = new ListSink();
        Assert.Equal(Errno.Success, files.ReadDirectory(directory, 0, sink));
        sink.Names.Sort(StringComparer.Ordinal);
        return sink.Names;
    }

    public static byte[] Pattern(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Asserts that a check finds nothing.</summary>
    public static void AssertSound(Volume volume)
    {
        var findings = new Findings();
        Assert.Equal(Errno.Success, volume.Check(readsData: true, findings, out _));
        Assert.Empty(findings.All);
    }

    private sealed class ListSink : IStoredEntrySink
    {
        public List<string> Names { get; } = [];

        public bool Add(in StoredEntry entry, ReadOnlySpan<byte> name)
        {
            Names.Add(Encoding.UTF8.GetString(name));
            return true;
        }
    }
}

/// <summary>Keeps the findings of a check.</summary>
internal sealed class Findings : Checking.ICheckObserver
{
    public List<string> All { get; } = [];

    public void OnFinding(in Checking.CheckFinding finding) => All.Add($"{finding.Object} {finding.Problem}");

    public void OnProgress(long blocks, long of)
    {
    }
}
