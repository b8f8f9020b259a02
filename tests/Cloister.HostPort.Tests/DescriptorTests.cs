using System;
using System.IO;
using System.Text;
using Cloister.Abi;
using Cloister.Contracts;
using Xunit;

namespace Cloister.HostPort.Tests;

/// <summary>Handles without end on few descriptors.</summary>
[Collection("descriptors of this process")]
public sealed class DescriptorTests
{
    private const int Few = 40;
    private const int Files = 500;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Many_more_files_than_descriptors_are_read_again_and_again(int share)
    {
        using var bench = new Bench(descriptors: Few);
        MakeFiles(bench);
        int before = CountDescriptors();
        uint root = bench.Root(share, 1);
        for (uint i = 0; i < Files; i++)
        {
            uint folder = 2 + (i / 50);
            if (i % 50 == 0)
                Assert.Equal(Errno.Success, bench.Files.Lookup(root, Name("folder", i / 50), folder, out _));
            Assert.Equal(Errno.Success, bench.Files.Lookup(folder, Name("file", i), 100 + i, out _));
        }

        for (int round = 0; round < 2; round++)
        {
            for (uint i = 0; i < Files; i++)
                AssertContent(bench, 100 + i, $"content {i}");
        }

        Assert.InRange(CountDescriptors() - before, 0, Few);
        for (uint handle = 1; handle < 100 + Files; handle++)
            bench.Files.Forget(handle);
        Assert.InRange(CountDescriptors() - before, -Few, 2);
    }

    [Fact]
    public void Renamed_and_removed_files_keep_their_handles()
    {
        using var bench = new Bench(descriptors: 100);
        MakeFiles(bench);
        uint root = bench.Root(0, 1);
        for (uint i = 0; i < 10; i++)
            Assert.Equal(Errno.Success, bench.Files.Lookup(root, Name("folder", i), 2 + i, out _));
        for (uint i = 0; i < Files; i++)
            Assert.Equal(Errno.Success, bench.Files.Lookup(2 + (i / 50), Name("file", i), 100 + i, out _));

        // Folders too, while most of what is in them is closed.
        Assert.Equal(Errno.Success, bench.Files.Rename(root, "folder3"u8, 2, "moved"u8, 0));
        for (uint i = 0; i < Files; i++)
        {
            uint folder = 2 + (i / 50);
            if (i % 3 == 0 && i % 50 is not (1 or 2 or 4))
                Assert.Equal(Errno.Success, bench.Files.Rename(folder, Name("file", i), 2 + (i % 10), Name("renamed", i), 0));
            if (i % 50 == 1)
                Assert.Equal(Errno.Success, bench.Files.Unlink(folder, Name("file", i)));
            if (i % 50 == 2)
                Assert.Equal(Errno.Success, bench.Files.Rename(folder, Name("file", i + 2), folder, Name("file", i), 0));
        }

        for (uint i = 0; i < Files; i++)
            AssertContent(bench, 100 + i, $"content {i}");
    }

    [Fact]
    public void A_file_that_the_host_has_replaced_is_not_taken_for_the_old_one()
    {
        using var bench = new Bench(descriptors: Few);
        MakeFiles(bench);
        uint root = bench.Root(0, 1);
        Assert.Equal(Errno.Success, bench.Files.Lookup(root, "folder0"u8, 2, out _));
        for (uint i = 0; i < 50; i++)
            Assert.Equal(Errno.Success, bench.Files.Lookup(2, Name("file", i), 100 + i, out _));
        string path = bench.PathOf("folder0/file0");
        File.WriteAllText(path + ".new", "another file");
        File.Move(path + ".new", path, overwrite: true);
        Errno error = bench.Files.Read(100, 0, new byte[100], out _);
        Assert.Equal(Errno.ESTALE, error);
    }

    private static void MakeFiles(Bench bench)
    {
        for (int i = 0; i < Files; i++)
        {
            string folder = bench.PathOf($"folder{i / 50}");
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, $"file{i}"), $"content {i}");
        }
    }

    private static void AssertContent(Bench bench, uint handle, string content)
    {
        byte[] text = new byte[100];
        Assert.Equal(Errno.Success, bench.Files.Read(handle, 0, text, out int count));
        Assert.Equal(content, Encoding.UTF8.GetString(text, 0, count));
    }

    private static byte[] Name(string stem, uint number) => Encoding.UTF8.GetBytes(stem + number);

    private static int CountDescriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;
}
