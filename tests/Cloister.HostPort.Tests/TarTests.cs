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

    [Theory]
    [InlineData("gnu")]
    [InlineData("posix")]
    public void Sparse_files_have_their_holes(string format)
    {
        Assert.SkipUnless(File.Exists("/bin/tar"), "tar is not installed.");
        string sparse = Path.Combine(_folder, "sparse");
        byte[] content = new byte[3 << 20];
        new Random(4).NextBytes(content.AsSpan(1 << 20, 5000));
        new Random(5).NextBytes(content.AsSpan((2 << 20) + 1, 70_000));
        using (FileStream file = File.Create(sparse))
        {
            foreach ((int start, int length) in (ReadOnlySpan<(int, int)>)[(1 << 20, 5000), ((2 << 20) + 1, 70_000)])
            {
                file.Position = start;
                file.Write(content, start, length);
            }

            file.SetLength(content.Length);
        }

        foreach (string version in format == "gnu" ? (string[])[""] : ["--sparse-version=0.0", "--sparse-version=0.1", "--sparse-version=1.0"])
        {
            Unix.Run("/bin/tar", $"-C {_folder} --format={format} {version} -S -cf {Tar} sparse");
            Assert.InRange(new FileInfo(Tar).Length, 0, 1 << 20);
            using var bench = new Bench(Tar);
            uint root = bench.Root(2, 1);
            Assert.Equal(Errno.Success, bench.Files.Lookup(root, "sparse"u8, 2, out HostFileStatus status));
            Assert.Equal(content.Length, status.Size);
            byte[] back = new byte[content.Length + 1];
            Assert.Equal(Errno.Success, bench.Files.Read(2, 0, back, out int count));
            Assert.True(content.AsSpan().SequenceEqual(back.AsSpan(0, count)));
            Assert.Equal(Errno.Success, bench.Files.Read(2, (1 << 20) + 4000, back.AsSpan(0, 3000), out count));
            Assert.True(content.AsSpan((1 << 20) + 4000, 3000).SequenceEqual(back.AsSpan(0, count)));
        }
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("xz")]
    [InlineData("bzip2")]
    [InlineData("gzip")]
    public void Compressed_archives_are_unpacked(string tool)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/" + tool) || File.Exists("/bin/" + tool), tool + " is not installed.");
        WriteTar(new byte[100_000]);
        Unix.Run("/bin/sh", $"-c \"{tool} -c < {Tar} > {Tar}.packed\"");
        using var bench = new Bench(Tar + ".packed");
        Assert.Equal(["bin", "etc", "usr"], bench.List(bench.Root(2, 1)).Keys);
        byte[] packed = File.ReadAllBytes(Tar + ".packed");
        File.WriteAllBytes(Tar + ".packed", packed[..(packed.Length / 2)]);
        Assert.Contains(".packed", Assert.Throws<HostException>(() => HostShare.OpenTar(Tar + ".packed")).Message);
    }

    [Fact]
    public void Names_numbers_and_times_are_what_the_archive_says()
    {
        using (FileStream file = File.Create(Tar))
        {
            file.Write(Pax("path=caf\u00e9-long", "uid=4294967294", "gid=3000000000", "mtime=-1.5"));
            file.Write(Member("x", '0', "content"u8));
            file.Write(Member(new string('n', 99), '0', default));
            file.Write(Member([0x80, 0x81], '0', "first"u8));
            file.Write(Member([0x80, 0x82], '0', "second"u8));
            file.Write(Pax("mtime=99999999999999999999", "SCHILY.xattr.user.a=value"));
            file.Write(Member("late", '0', default));
            file.Write(new byte[1024]);
        }

        using var bench = new Bench(Tar);
        uint root = bench.Root(2, 1);
        Assert.Equal(5, bench.List(root).Count);
        Assert.Equal(Errno.Success, bench.Files.Lookup(root, "caf\u00e9-long"u8, 2, out HostFileStatus status));
        Assert.Equal((4294967294u, 3000000000u, -1_500_000_000L), (status.UserId, status.GroupId, status.ModifyTime));
        Assert.Equal(Errno.Success, bench.Files.Lookup(root, [0x80, 0x82], 3, out _));
        byte[] back = new byte[10];
        Assert.Equal(Errno.Success, bench.Files.Read(3, 0, back, out int count));
        Assert.Equal("second", Encoding.UTF8.GetString(back, 0, count));
        Assert.Equal(Errno.Success, bench.Files.Lookup(root, "late"u8, 4, out status));
        Assert.Equal(long.MaxValue, status.ModifyTime);
        Assert.Equal(Errno.Success, bench.Files.GetExtendedAttribute(4, "user.a"u8, back, out count));
        Assert.Equal("value", Encoding.UTF8.GetString(back, 0, count));
    }

    [Fact]
    public void Members_below_links_go_where_the_links_lead()
    {
        using (FileStream file = File.Create(Tar))
        {
            file.Write(Member("usr/lib/a", '0', default));
            file.Write(Member("lib", '2', default, "usr/lib"));
            file.Write(Member("lib/b", '0', default));
            file.Write(Member("absolute", '2', default, "/usr/../usr/lib"));
            file.Write(Member("absolute/c", '0', default));
            file.Write(Member("again", '1', default, "lib/b"));
            file.Write(Member("again", '1', default, "again"));
            file.Write(new byte[1024]);
        }

        using var bench = new Bench(Tar);
        uint root = bench.Root(2, 1);
        Assert.Equal(Errno.Success, bench.Files.Lookup(root, "lib"u8, 2, out HostFileStatus status));
        Assert.Equal(0xA000u, status.Mode & 0xF000);
        Assert.Equal(Errno.Success, bench.Files.Lookup(root, "usr"u8, 3, out _));
        Assert.Equal(Errno.Success, bench.Files.Lookup(3, "lib"u8, 4, out _));
        Assert.Equal(["a", "b", "c"], bench.List(4).Keys);
        Assert.Equal(Errno.Success, bench.Files.Lookup(root, "again"u8, 5, out status));
        Assert.Equal(2ul, status.LinkCount);
    }

    [Theory]
    [InlineData("below a file", "file", "file/x")]
    [InlineData("is truncated", "size=9223372036854775807")]
    [InlineData("impossible value", "uid=-1")]
    [InlineData("impossible value", "mtime=nan")]
    [InlineData("none that Linux has", "uid=4294967296")]
    [InlineData("damaged map", "GNU.sparse.size=100", "GNU.sparse.map=0,90,50,20")]
    [InlineData("without its length", "")]
    [InlineData("no directory", "LINK", "x -> x")]
    [InlineData("without a target", "EMPTY")]
    [InlineData("unsupported kind", "KIND")]
    [InlineData("longer than Linux allows", "LONG")]
    public void What_is_wrong_is_said(string expected, params string[] what)
    {
        using (FileStream file = File.Create(Tar))
        {
            byte[][] blocks = what[0] switch
            {
                "file" => [Member("file", '0', default), Member("file/x", '0', default)],
                "LINK" => [Member("x", '2', default, "x"), Member("x/y", '0', default)],
                "EMPTY" => [Member("x", '2', default)],
                "KIND" => [Member("\u001b[2J", 'M', default)],
                "LONG" => [Pax("path=" + new string('d', 250) + string.Concat(System.Linq.Enumerable.Repeat("/" + new string('d', 250), 17))), Member("x", '0', default)],
                "" => [Member("h", 'x', "no record"u8), Member("x", '0', default)],
                _ => [Pax(what), Member("x", '0', "content"u8)],
            };
            foreach (byte[] block in blocks)
                file.Write(block);
            file.Write(new byte[1024]);
        }

        string message = Assert.Throws<HostException>(() => HostShare.OpenTar(Tar)).Message;
        Assert.Contains(expected == "below a file" ? "no directory" : expected, message);
        Assert.Contains(Tar, message);
    }

    [Fact]
    public void Many_names_twice_and_deep_paths_take_no_time_and_memory_out_of_proportion()
    {
        const int count = 80_000;
        using (FileStream file = File.Create(Tar))
        {
            for (int round = 0; round < 2; round++)
            {
                for (int i = 0; i < count; i++)
                    file.Write(Member($"f{i}", '0', default));
            }

            file.Write(Pax("path=" + string.Concat(System.Linq.Enumerable.Repeat("a/", 2000)) + "f"));
            file.Write(Member("x", '0', default));
            file.Write(new byte[1024]);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        using HostShare share = HostShare.OpenTar(Tar);
        // Quadratic, it was minutes; the limit on memory is what the index of this many files may take.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 400L << 20);
    }

    [Fact]
    public void What_is_no_root_file_system_is_named()
    {
        foreach ((string name, byte[] head) in ((string, byte[])[])[("squashfs", "hsqs"u8.ToArray()), ("zip", "PK\u0003\u0004"u8.ToArray()), ("program", File.ReadAllBytes("/bin/true"))])
        {
            File.WriteAllBytes(Tar, [.. head, .. new byte[2000]]);
            Assert.Contains(name, Assert.Throws<HostException>(() => HostShare.OpenRoot(Tar)).Message);
        }

        string pipe = Path.Combine(_folder, "pipe");
        Unix.Run("/usr/bin/mkfifo", pipe);
        Assert.Contains("no regular file", Assert.Throws<HostException>(() => HostShare.OpenRoot(pipe)).Message);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("layout")]
    [InlineData("layout in an archive")]
    [InlineData("docker without its layers")]
    public void Images_are_their_layers_on_each_other(string kind)
    {
        byte[] lower = [
            .. Member("etc/", '5', default), .. Member("etc/a", '0', "lower"u8), .. Member("etc/b", '0', "b"u8), .. Member("gone/x", '0', default),
            .. Member("full/x", '0', default), .. Member("bin", '2', default, "usr/bin"), .. Member("usr/bin/tool", '0', "tool"u8), .. new byte[1024]];
        byte[] upper = [
            .. Member("etc/a", '0', "upper"u8), .. Member("etc/.wh.b", '0', default), .. Member(".wh.gone", '0', default), .. Member("full/y", '0', default),
            .. Member("full/.wh..wh..opq", '0', default), .. Member("bin/other", '1', default, "usr/bin/tool"), .. new byte[1024]];
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            zip.Write(upper);
        var files = new Dictionary<string, byte[]>
        {
            ["blobs/sha256/1"] = lower,
            ["blobs/sha256/2"] = packed.ToArray(),
            ["blobs/sha256/m"] = """{"layers":[{"digest":"sha256:1"},{"digest":"sha256:2"}]}"""u8.ToArray(),
            ["index.json"] = """{"manifests":[{"digest":"sha256:none","platform":{"os":"linux","architecture":"arm64"}},{"digest":"sha256:m","platform":{"os":"linux","architecture":"amd64"}}]}"""u8.ToArray(),
            ["oci-layout"] = "{}"u8.ToArray(),
        };
        if (kind.StartsWith("docker", StringComparison.Ordinal))
            files["manifest.json"] = """[{"Config":"c","Layers":["blobs/sha256/1","blobs/sha256/2"]}]"""u8.ToArray();
        if (kind.EndsWith("layers", StringComparison.Ordinal))
            files.Remove("blobs/sha256/2");
        string path = kind == "layout" ? Path.Combine(_folder, "image") : Tar;
        using (var file = new MemoryStream())
        {
            foreach ((string name, byte[] content) in files)
            {
                file.Write(Member(name, '0', content));
                if (kind == "layout")
                {
                    Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(path, name))!);
                    File.WriteAllBytes(Path.Combine(path, name), content);
                }
            }

            file.Write(new byte[1024]);
            if (kind != "layout")
                File.WriteAllBytes(path, file.ToArray());
        }

        if (kind.EndsWith("layers", StringComparison.Ordinal))
        {
            Assert.Contains("without its layer", Assert.Throws<HostException>(() => HostShare.OpenRoot(path)).Message);
            return;
        }

        using var bench = new Bench(path);
        uint root = bench.Root(2, 1);
        Assert.Equal(["bin", "etc", "full", "usr"], System.Linq.Enumerable.Order(bench.List(root).Keys));
        uint handle = 10;
        Assert.Equal(["a"], bench.List(Enter("etc")).Keys);
        Assert.Equal("upper", Read("etc", "a"));
        Assert.Equal(["y"], bench.List(Enter("full")).Keys);
        Assert.Equal("tool", Read("usr", "bin", "other"));

        uint Enter(params string[] names)
        {
            uint at = root;
            foreach (string name in names)
            {
                Assert.Equal(Errno.Success, bench.Files.Lookup(at, Encoding.UTF8.GetBytes(name), ++handle, out _));
                at = handle;
            }

            return at;
        }

        string Read(params string[] names)
        {
            byte[] text = new byte[100];
            Assert.Equal(Errno.Success, bench.Files.Read(Enter(names), 0, text, out int count));
            return Encoding.UTF8.GetString(text, 0, count);
        }
    }

    private static byte[] Pax(params string[] records)
    {
        var text = new List<byte>();
        foreach (string record in records)
        {
            byte[] bytes = Encoding.UTF8.GetBytes($" {record}\n");
            int length = bytes.Length + 1;
            while (length != bytes.Length + length.ToString(System.Globalization.CultureInfo.InvariantCulture).Length)
                length = bytes.Length + length.ToString(System.Globalization.CultureInfo.InvariantCulture).Length;
            text.AddRange(Encoding.UTF8.GetBytes(length.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            text.AddRange(bytes);
        }

        return Member("pax", 'x', text.ToArray());
    }

    private static byte[] Member(string name, char type, ReadOnlySpan<byte> data, string target = "") =>
        Member(Encoding.UTF8.GetBytes(name), type, data, target);

    private static byte[] Member(ReadOnlySpan<byte> name, char type, ReadOnlySpan<byte> data, string target = "")
    {
        byte[] member = new byte[512 + ((data.Length + 511) / 512 * 512)];
        name.CopyTo(member);
        "0000644\00000000\00000000\0"u8.CopyTo(member.AsSpan(100));
        Encoding.ASCII.GetBytes(Convert.ToString(data.Length, 8).PadLeft(11, '0')).CopyTo(member.AsSpan(124));
        "00000000000\0        "u8.CopyTo(member.AsSpan(136));
        member[156] = (byte)type;
        Encoding.UTF8.GetBytes(target).CopyTo(member.AsSpan(157));
        "ustar\000"u8.CopyTo(member.AsSpan(257));
        int sum = 0;
        foreach (byte value in member.AsSpan(0, 512))
            sum += value;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(member.AsSpan(148));
        data.CopyTo(member.AsSpan(512));
        return member;
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
