using System;
using System.IO;

namespace Cloister.Programs.Tests;

/// <summary>Import and export, of what is seldom: names that are no text, ids of 32 bits, holes, attributes, archives of other programs.</summary>
public sealed class FileTransferTests : IDisposable
{
    private const string Make = """
        import os
        os.mkdir(b'd'); open(b'caf\xe8', 'w').write('1'); open(b'caf\xe9', 'w').write('2')
        os.symlink(b'/etc/\x80x', b'ln\xff'); os.link(b'caf\xe8', b'd/hard')
        os.setxattr('d', 'user.bin', b'\x00\xff\x80a\n=b'); os.setxattr('d', 'user.a=b%', b'v')
        f = open('sparse', 'wb'); f.truncate(10 << 20); f.seek(5 << 20); f.write(b'x' * 5000); f.close()
        if os.geteuid() == 0: os.chown('sparse', 4294967294, 5); os.mknod('dev', 0o20600, os.makedev(300, 70000))
        os.chmod('sparse', 0o4755); os.mkfifo('fifo', 0o600); os.utime('d', ns=(1, -1500000000))
        """;

    private const string Describe = """
        import os, sys
        for d, ds, fs in os.walk(b'.'):
            ds.sort()
            for n in [b'.'] + sorted(ds + fs):
                p = os.path.join(d, n); s = os.lstat(p); isdir = os.path.isdir(p) and not os.path.islink(p)
                print(p, oct(s.st_mode), s.st_uid, s.st_gid, 0 if isdir else (s.st_size, s.st_nlink), s.st_rdev, s.st_mtime_ns,
                    os.readlink(p) if os.path.islink(p) else sorted((a, os.getxattr(p, a)) for a in os.listxattr(p)),
                    open(p, 'rb').read().count(b'x') if os.path.isfile(p) and not os.path.islink(p) else '')
        """;

    private readonly TestVolume _volume = new();

    public void Dispose()
    {
        // .NET can't remove files whose names are no text.
        ProgramResult.Of("/bin/rm", ["-rf", _volume.Folder]);
        Directory.CreateDirectory(_volume.Folder);
        _volume.Dispose();
    }

    [Fact]
    public void Everything_arrives_as_it_was()
    {
        string source = NewFolder("source");
        Python(Make, source);
        string expected = Python(Describe, source);
        Succeeds(_volume.Fs("import", [source]));
        Succeeds(_volume.Fs("export", [_volume.PathOf("out")]));
        Assert.Equal(expected, Python(Describe, _volume.PathOf("out")));
        Succeeds(_volume.Fs("export", [_volume.PathOf("out.tar")]));
        Assert.Equal("600", ProgramResult.Of("/usr/bin/stat", ["-c", "%a", _volume.PathOf("out.tar")]).Output.Trim());
        Assert.InRange(new FileInfo(_volume.PathOf("out.tar")).Length, 1, 64 << 10);
        using var second = new TestVolume();
        Succeeds(second.Fs("import", [_volume.PathOf("out.tar")]));
        Succeeds(second.Fs("export", [_volume.PathOf("again")]));
        Assert.Equal(expected, Python(Describe, _volume.PathOf("again")));
        string unpacked = NewFolder("unpacked");
        Assert.Equal(0, ProgramResult.Of("/bin/tar", ["xpf", _volume.PathOf("out.tar"), "-C", unpacked, "--xattrs"]).Status);
        Assert.Equal(expected, Python(Describe, unpacked));
    }

    [Theory]
    [InlineData("--format=posix")]
    [InlineData("--format=gnu", "--sparse")]
    [InlineData("--format=posix", "--sparse", "--sparse-version=0.0")]
    [InlineData("--format=posix", "--sparse", "--sparse-version=0.1")]
    [InlineData("--format=posix", "--sparse", "--sparse-version=1.0")]
    public void Archives_of_GNU_tar_are_read(params string[] options)
    {
        string source = NewFolder("source");
        Python(Make, source);
        string[] xattrs = options[0] == "--format=posix" ? ["--xattrs"] : [];
        Assert.Equal(0, ProgramResult.Of("/bin/tar", ["cf", _volume.PathOf("a.tar"), .. options, .. xattrs, "."], folder: source).Status);
        Succeeds(_volume.Fs("import", [_volume.PathOf("a.tar")]));
        Succeeds(_volume.Fs("export", [_volume.PathOf("out")]));
        if (xattrs.Length > 0)
            Assert.Equal(Python(Describe, source), Python(Describe, _volume.PathOf("out")));
        Assert.Equal(0, ProgramResult.Of("/usr/bin/cmp", [Path.Combine(source, "sparse"), _volume.PathOf("out/sparse")]).Status);
    }

    [Fact]
    public void Nothing_is_written_outside_the_target()
    {
        string victim = NewFolder("victim");
        Assert.Equal(0, ProgramResult.Of("/bin/chmod", ["700", victim]).Status);
        // Made inside, where nobody checks what the names would be in another encoding.
        const string script = """
            import os, sys
            os.symlink(sys.argv[1], b'/data/\x80'); os.mkdir(b'/data/\x81'); open(b'/data/\x81/file', 'w').write('x'); os.mkdir(b'/data/\x82')
            """;
        Succeeds(CloisterCommand.Do(_volume.MountAt("/data"), ["/usr/bin/python3", "-c", script, victim]));
        Succeeds(_volume.Fs("export", [_volume.PathOf("out")]));
        Assert.Empty(Directory.GetFileSystemEntries(victim));
        Assert.Equal("700", ProgramResult.Of("/usr/bin/stat", ["-c", "%a", victim]).Output.Trim());
        Assert.Equal(3, ProgramResult.Of("/bin/ls", [_volume.PathOf("out")]).Output.Trim().Split('\n').Length);
    }

    [Fact]
    public void A_file_may_be_a_second_name_of_itself_and_come_after_its_names()
    {
        string source = NewFolder("source");
        File.WriteAllText(Path.Combine(source, "a"), "content");
        Assert.Equal(0, ProgramResult.Of("/bin/tar", ["cf", _volume.PathOf("a.tar"), "a", "a"], folder: source).Status);
        Succeeds(_volume.Fs("import", [_volume.PathOf("a.tar")]));
        Succeeds(_volume.Fs("import", [_volume.PathOf("a.tar")]));
        Succeeds(_volume.Fs("export", [_volume.PathOf("out")]));
        Assert.Equal("content", File.ReadAllText(_volume.PathOf("out/a")));
    }

    [Fact]
    public void Damaged_archives_get_a_sentence_and_leave_no_part_of_a_file()
    {
        string source = NewFolder("source");
        File.WriteAllText(Path.Combine(source, "large"), new string('x', 3 << 20));
        string archive = _volume.PathOf("a.tar");
        Assert.Equal(0, ProgramResult.Of("/bin/tar", ["cf", archive, "large"], folder: source).Status);
        byte[] whole = File.ReadAllBytes(archive);
        foreach (int length in (int[])[100, 512, 700, 2 << 20, (3 << 20) + 512])
        {
            File.WriteAllBytes(archive, whole[..length]);
            ProgramResult result = _volume.Fs("import", [archive]);
            Assert.Equal(125, result.Status);
            Assert.Contains("tar", result.Error);
            Assert.DoesNotContain("defect", result.Error);
        }

        File.WriteAllBytes(archive, whole);
        var random = new Random(1);
        for (int i = 0; i < 20; i++)
        {
            byte[] damaged = (byte[])whole.Clone();
            damaged[random.Next(512)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(archive, damaged);
            Assert.DoesNotContain("defect", _volume.Fs("import", [archive]).Error);
        }
    }

    [Fact]
    public void Devices_that_this_machine_cannot_have_are_left_out()
    {
        // Seven octal digits of an archive are more than Linux's twelve bits.
        const string make = """
            import tarfile
            t = tarfile.open('t.tar', 'w'); d = tarfile.TarInfo('dev'); d.type = b'3'; d.devmajor = 0o7777777
            t.addfile(d); t.addfile(tarfile.TarInfo('file')); t.close()
            """;
        using var small = new TestVolume("4M");
        Python(make, small.Folder);
        Succeeds(small.Fs("import", [small.PathOf("t.tar")]));
        Assert.Contains("'dev' is left out", Succeeds(small.Fs("export", [small.PathOf("out")])).Error);
        Assert.True(File.Exists(Path.Combine(small.PathOf("out"), "file")));
    }

    [Fact]
    public void A_volume_is_encrypted_anew()
    {
        string source = NewFolder("source");
        File.WriteAllText(Path.Combine(source, "file"), new string('x', 1 << 20));
        Succeeds(_volume.Fs("import", [source]));
        string key = _volume.WriteKey("new", 2);
        Succeeds(_volume.Fs("rekey", ["--reencrypt", "--new-key-file", key]));
        Assert.Equal(125, _volume.Fs("info").Status);
        File.Copy(key, _volume.Key, overwrite: true);
        Assert.Contains("clean", Succeeds(_volume.Fs("check")).Output);
        Assert.Contains("found", Succeeds(_volume.Fs("compact")).Output);
    }

    [Fact]
    public void The_anchor_is_for_programs_too()
    {
        string anchor = NewFolder("anchor");
        string[] mount = [.. _volume.MountAt("/data"), "--anchor", anchor, "--anchor-strict"];
        Succeeds(CloisterCommand.Do(mount, ["/bin/sh", "-c", "echo one > /data/file; sync /data/file"]));
        string old = _volume.PathOf("old");
        File.Copy(_volume.File, old);
        // Without it in between: the volume goes on from what the anchor knows.
        Succeeds(CloisterCommand.Do(_volume.MountAt("/data"), ["/bin/sh", "-c", "echo two > /data/file"]));
        Succeeds(_volume.Fs("info", ["--anchor", anchor]));
        Succeeds(CloisterCommand.Do(mount, ["/bin/sh", "-c", "echo three > /data/file; sync /data/file"]));
        File.Copy(old, _volume.File, overwrite: true);
        ProgramResult refused = CloisterCommand.Do(mount, ["/bin/cat", "/data/file"]);
        Assert.Equal(125, refused.Status);
        Assert.Contains("older", refused.Error);
    }

    private static string Python(string script, string folder)
    {
        ProgramResult result = ProgramResult.Of("/usr/bin/python3", ["-c", script], folder: folder);
        Assert.True(result.Status == 0, result.Error);
        return result.Output;
    }

    private static ProgramResult Succeeds(ProgramResult result)
    {
        Assert.True(result.Status == 0, $"status {result.Status}\n{result.Output}{result.Error}");
        return result;
    }

    private string NewFolder(string name) => Directory.CreateDirectory(_volume.PathOf(name)).FullName;
}
