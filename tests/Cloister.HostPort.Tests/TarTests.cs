using System;
using System.Collections.Generic;
using System.Formats.Tar;
using System.IO;
using System.IO.Compression;
using System.Text;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Host;
using Cloister.Host.Files;
using Xunit;

namespace Cloister.HostPort.Tests;

/// <summary>Tar files as shares.</summary>
public sealed class TarTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cloister-tar-").FullName;

    private string Tar => Path.Combine(_folder, "root.tar");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Presents_the_files_of_a_tar(bool compressed)
    {
        byte[] big = new byte[200_000];
        new Random(2).NextBytes(big);
        WriteTar(big);
        string path = Tar;
        if (compressed)
        {
            path += ".gz";
            using FileStream file = File.Create(path);
            using var zip = new GZipStream(file, CompressionLevel.Fastest);
            zip.Write(File.ReadAllBytes(Tar));
        }

        using var bench = new Bench(path);
        uint root = bench.Root(2, 1);
        Dictionary<string, HostFileStatus> names = bench.List(root, 400);
        Assert.Equal(["bin", "etc", "usr"], names.Keys);
        Assert.Equal(Errno.Success, bench.Files.Lookup(root, "etc"u8, 2, out HostFileStatus status));
        Assert.Equal(0x41C0u, status.Mode);
        Assert.Equal(Errno.Success, bench.Files.Lookup(2, "big"u8, 3, out status));
        Assert.Equal(200_000, status.Size);
        Assert.Equal(2ul, status.LinkCount);
        Assert.Equal(1000u, status.UserId);
        Assert.Equal(1_700_000_000_000_000_000, status.ModifyTime);
        byte[] back = new byte[300_000];
        Assert.Equal(Errno.Success, bench.Files.Read(3, 1, back, out int count));
        Assert.True(big.AsSpan(1).SequenceEqual(back.AsSpan(0, count)));
        Assert.Equal(Errno.Success, bench.Files.Lookup(2, "again"u8, 4, out HostFileStatus again));
        Assert.Equal(status.Inode, again.Inode);
        Assert.Equal(Errno.Success, bench.Files.Lookup(root, "bin"u8, 5, out _));
        Assert.Equal(Errno.Success, bench.Files.ReadLink(5, back, out count));
        Assert.Equal("usr/bin", Encoding.UTF8.GetString(back, 0, count));
        Assert.Equal(Errno.EROFS, bench.Files.Create(root, "n"u8, 0x1A4, 6, out _));
        Assert.Equal(Errno.ENOENT, bench.Files.Lookup(root, "none"u8, 6, out _));
        Assert.Equal(Errno.Success, bench.Files.GetFileSystemStatus(root, out _));
    }

    [Fact]
    public void A_truncated_tar_is_refused_at_every_length()
    {
        WriteTar(new byte[1000]);
        byte[] all = File.ReadAllBytes(Tar);
        // The last 1,024 bytes are the two end blocks, of which one is enough.
        for (int length = 0; length < all.Length - 512; length += 173)
        {
            string path = Path.Combine(_folder, "cut.tar");
            File.WriteAllBytes(path, all[..length]);
            string message = Assert.Throws<HostException>(() => HostShare.OpenTar(path)).Message;
            Assert.Contains(path, message);
            Assert.EndsWith(".", message);
        }
    }

    [Fact]
    public void Damage_never_crashes()
    {
        WriteTar(new byte[1000]);
        byte[] all = File.ReadAllBytes(Tar);
        var random = new Random(3);
        string path = Path.Combine(_folder, "damaged.tar");
        for (int round = 0; round < 500; round++)
        {
            byte[] copy = (byte[])all.Clone();
            for (int i = random.Next(1, 20); i > 0; i--)
                copy[random.Next(copy.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(path, copy);
            try
            {
                HostShare.OpenTar(path).Dispose();
            }
            catch (HostException)
            {
            }
        }
    }

    [Fact]
    public void Paths_that_lead_out_are_refused()
    {
        using (FileStream file = File.Create(Tar))
        using (var writer = new TarWriter(file))
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "../evil"));
        Assert.Contains("leads out", Assert.Throws<HostException>(() => HostShare.OpenTar(Tar)).Message);
        Assert.Contains("no directory or tar file", Assert.Throws<HostException>(() => HostShare.OpenRoot(Tar + "x")).Message);
    }

    private void WriteTar(byte[] big)
    {
        using FileStream file = File.Create(Tar);
        using var writer = new TarWriter(file);
        writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "./bin") { LinkName = "usr/bin" });
        writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "./etc/") { Mode = (UnixFileMode)0x1C0 });
        writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "etc/big")
        {
            DataStream = new MemoryStream(big),
            Uid = 1000,
            ModificationTime = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000),
        });
        writer.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "etc/again") { LinkName = "etc/big" });
        writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "usr/bin/true") { DataStream = new MemoryStream([1, 2, 3]) });
    }
}
