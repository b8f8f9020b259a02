using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;

namespace Cloister.Programs.Tests;

/// <summary>Encrypted volumes inside enclaves.</summary>
public sealed class EncryptedVolumeTests : IDisposable
{
    private const int OwnFailure = 125;

    private readonly TestVolume _volume = new("256M");

    private static bool IsNightly => Environment.GetEnvironmentVariable("CLOISTER_NIGHTLY") == "1";

    public void Dispose() => _volume.Dispose();

    [Fact]
    public void What_one_enclave_writes_the_next_one_reads_and_the_host_cannot()
    {
        const string secret = "a sentence that nobody outside may read";
        Assert.Equal(0, Do("/bin/sh", "-c", $"mkdir /data/d && echo {secret} > /data/d/file && ln -s d/file /data/link").Status);
        ProgramResult read = Do("/bin/cat", "/data/link");
        Assert.Equal(secret + "\n", read.Output);
        Assert.DoesNotContain(secret, File.ReadAllText(_volume.File, System.Text.Encoding.Latin1));
        Assert.DoesNotContain("file", File.ReadAllText(_volume.File, System.Text.Encoding.Latin1));
        Assert.Contains("clean", _volume.Fs("check").Output);
    }

    [Theory]
    [InlineData("files")]
    [InlineData("memory")]
    [InlineData("events")]
    public void Programs_that_check_the_file_system_pass_on_a_volume(string name)
    {
        // They work in /tmp, which the volume covers; so the program itself comes by another way.
        string folder = Path.GetDirectoryName(SyscallProgramTests.Compile(name))!;
        ProgramResult result = CloisterCommand.Do([.. _volume.MountAt("/tmp"), "-v", folder + ":/mnt:ro"], ["/mnt/" + name]);
        Assert.True(result.Status == 0, $"status {result.Status}\n{result.Output}{result.Error}");
        Assert.Matches(@"ok \d+ checks\n$", result.Output);
        Assert.Contains("clean", _volume.Fs("check").Output);
    }

    [Fact]
    public void A_tree_of_files_SQLite_and_LevelDB_work_on_a_volume()
    {
        string script = Path.Combine(CloisterCommand.Repository, "bench", "files.py");
        ProgramResult result = Do("/usr/bin/python3", script, "/data", IsNightly ? "100000" : "3000");
        Assert.True(result.Status == 0, result.Output + result.Error);
        foreach (string part in (string[])["create", "stat", "rename", "delete", "sqlite", "leveldb"])
            Assert.Contains(part + "\t", result.Output);
        Assert.Contains("clean: 1 inodes", _volume.Fs("check").Output);
    }

    [Fact]
    public void A_read_only_volume_stays_as_it_is()
    {
        Assert.Equal(0, Do("/bin/sh", "-c", "echo old > /data/file").Status);
        byte[] before = File.ReadAllBytes(_volume.File);
        string[] options = ["--volume-enc", $"{_volume.File}:/data:ro", "--key-file", _volume.Key];
        ProgramResult result = CloisterCommand.Do(options, ["/bin/sh", "-c", "cat /data/file; echo new > /data/file"]);
        Assert.Equal("old\n", result.Output);
        Assert.Contains("Read-only file system", result.Error);
        Assert.True(before.AsSpan().SequenceEqual(File.ReadAllBytes(_volume.File)));
    }

    [Fact]
    public void A_clone_is_mounted_instead_of_the_main_files()
    {
        Assert.Equal(0, Do("/bin/sh", "-c", "echo main > /data/file").Status);
        Assert.Equal(0, _volume.Fs("clone create", ["trial"]).Status);
        string[] options = ["--volume-enc", $"{_volume.File}:/data:clone=trial", "--key-file", _volume.Key];
        ProgramResult result = CloisterCommand.Do(options, ["/bin/sh", "-c", "cat /data/file; echo trial > /data/file"]);
        Assert.Equal("main\n", result.Output);
        Assert.Equal("main\n", Do("/bin/cat", "/data/file").Output);
        options[1] = $"{_volume.File}:/data:ro:clone=trial";
        Assert.Equal("trial\n", CloisterCommand.Do(options, ["/bin/cat", "/data/file"]).Output);
        options[1] = $"{_volume.File}:/data:clone=other";
        AssertRefused(CloisterCommand.Do(options, ["/bin/true"]), "'other'");
        Assert.Contains("clean", _volume.Fs("check").Output);
    }

    [Fact]
    public void A_full_volume_gives_ENOSPC_and_room_again_after_a_removal()
    {
        ProgramResult result = Do("/bin/sh", "-c", "head -c 400000000 /dev/zero > /data/large; rm /data/large; echo small > /data/small && cat /data/small");
        Assert.Contains("No space left on device", result.Error);
        Assert.Equal("small\n", result.Output);
        Assert.Contains("clean", _volume.Fs("check").Output);
    }

    [Fact]
    public void A_wrong_key_or_no_volume_is_one_sentence()
    {
        AssertRefused(CloisterCommand.Do(["--volume-enc", $"{_volume.File}:/data", "--key-file", _volume.WriteKey("other", 5)], ["/bin/true"]), "key");
        AssertRefused(CloisterCommand.Do(["--volume-enc", $"{_volume.File}:/data"], ["/bin/true"]), "--key-file");
        AssertRefused(CloisterCommand.Do(["--volume-enc", "/does/not/exist:/data", "--key-file", _volume.Key], ["/bin/true"]), "/does/not/exist");
        AssertRefused(CloisterCommand.Do(["--volume-enc", $"{_volume.Key}:/data", "--key-file", _volume.Key], ["/bin/true"]), "volume");
    }

    [Fact]
    public void A_key_may_come_by_a_descriptor()
    {
        string command = $"exec 9< '{_volume.Key}'; exec '{CloisterCommand.Path}' do --volume-enc '{_volume.File}:/data' --key-fd 9 -- /bin/sh -c 'echo yes > /data/x; cat /data/x'";
        Assert.Equal("yes\n", ProgramResult.Of("/bin/sh", ["-c", command]).Output);
    }

    /// <summary>What sqlite has acknowledged survives the sudden end of the enclave.</summary>
    [Fact]
    public void Acknowledged_transactions_survive_kill()
    {
        const string writer = """
            import os, sqlite3, sys
            c = sqlite3.connect('/data/k.db', isolation_level=None)
            c.execute('pragma journal_mode=' + sys.argv[1])
            c.execute('pragma synchronous=extra')
            c.execute('create table if not exists k(a integer primary key, b blob)')
            n = c.execute('select coalesce(max(a), 0) from k').fetchone()[0]
            print(n, flush=True)
            while True:
                c.execute('begin')
                for i in range(5):
                    n += 1
                    c.execute('insert into k values(?, ?)', (n, os.urandom(500)))
                c.execute('commit')
                print(n, flush=True)
            """;
        const string reader = """
            import sqlite3
            c = sqlite3.connect('/data/k.db')
            print(*c.execute('select count(*), coalesce(max(a), 0) from k').fetchone(), c.execute('pragma integrity_check').fetchone()[0])
            """;
        string script = _volume.PathOf("writer.py");
        File.WriteAllText(script, writer);
        var random = new Random(11);
        int acknowledged = 0;
        for (int round = 0; round < (IsNightly ? 200 : 6); round++)
        {
            string[] command = ["do", .. _volume.MountAt("/data"), "--", "/usr/bin/python3", script, round % 2 == 0 ? "wal" : "delete"];
            using Process process = ProgramResult.Start(CloisterCommand.Path, command);
            string first = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException(process.StandardError.ReadToEnd());
            Assert.True(int.Parse(first, CultureInfo.InvariantCulture) >= acknowledged, $"round {round}: {first} rows are left of {acknowledged}.");
            for (int i = random.Next(1, 40); i > 0; i--)
                acknowledged = int.Parse(process.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
            process.Kill();
            // The last line may have been cut; whole ones were acknowledged.
            string rest = process.StandardOutput.ReadToEnd();
            int end = rest.LastIndexOf('\n');
            if (end >= 0)
                acknowledged = int.Parse(rest[..end].Split('\n')[^1], CultureInfo.InvariantCulture);
            process.WaitForExit();
        }

        string[] seen = Do("/usr/bin/python3", "-c", reader).Output.Trim().Split(' ');
        Assert.Equal("ok", seen[2]);
        Assert.Equal(seen[0], seen[1]);
        Assert.True(int.Parse(seen[0], CultureInfo.InvariantCulture) >= acknowledged);
        Assert.Contains("clean", _volume.Fs("check").Output);
    }

    /// <summary>Each file that was copied with fsync is there with all its content.</summary>
    [Fact]
    public void Synchronised_files_survive_kill()
    {
        const string writer = """
            import os, sys
            base = '/data/' + sys.argv[1]
            os.mkdir(base)
            for i in range(100000):
                path = base + '/%d' % (i // 50)
                os.makedirs(path, exist_ok=True)
                f = os.open(path + '/f%d' % i, os.O_CREAT | os.O_WRONLY, 0o644)
                os.write(f, (b'%08d' % i) * (i * 37 % 3000))
                os.fsync(f)
                os.close(f)
                print(i, flush=True)
            """;
        const string reader = """
            import sys
            base = '/data/' + sys.argv[1]
            for i in range(int(sys.argv[2]) + 1):
                with open(base + '/%d/f%d' % (i // 50, i), 'rb') as f:
                    assert f.read() == (b'%08d' % i) * (i * 37 % 3000), i
            print('ok')
            """;
        var random = new Random(12);
        for (int round = 0; round < (IsNightly ? 50 : 2); round++)
        {
            string[] command = ["do", .. _volume.MountAt("/data"), "--", "/usr/bin/python3", "-c", writer, $"r{round}"];
            using Process process = ProgramResult.Start(CloisterCommand.Path, command);
            string last = "0";
            for (int i = random.Next(5, 200); i > 0; i--)
                last = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException(process.StandardError.ReadToEnd());
            process.Kill();
            process.WaitForExit();
            ProgramResult read = Do("/usr/bin/python3", "-c", reader, $"r{round}", last);
            Assert.True(read.Output == "ok\n", $"round {round}: {read.Output}{read.Error}");
            Assert.Equal(0, Do("/bin/rm", "-r", $"/data/r{round}").Status);
        }

        Assert.Contains("clean", _volume.Fs("check").Output);
    }

    private static void AssertRefused(ProgramResult result, string part)
    {
        Assert.Equal(OwnFailure, result.Status);
        Assert.Matches(@"^cloister: [^\n]+\n$", result.Error);
        Assert.Contains(part, result.Error);
        Assert.DoesNotContain("defect", result.Error);
    }

    private ProgramResult Do(params string[] command) => CloisterCommand.Do(_volume.MountAt("/data"), command);
}
