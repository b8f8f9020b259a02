using System;
using System.Diagnostics;
using System.IO;
using System.Security.Cryptography;
using System.Threading;

namespace Cloister.Programs.Tests;

/// <summary><c>cloister fs</c>: volumes in files, their copies, and the mount.</summary>
public sealed class FileSystemCommandTests : IDisposable
{
    private const int OwnFailure = 125;

    private readonly string _folder = Directory.CreateTempSubdirectory("volumes").FullName;
    private readonly string _key;
    private readonly string _volume;

    public FileSystemCommandTests()
    {
        _key = Path.Combine(_folder, "key");
        _volume = Path.Combine(_folder, "volume");
        File.WriteAllBytes(_key, RandomNumberGenerator.GetBytes(32));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_imported_is_exported_again()
    {
        string source = Directory.CreateDirectory(Path.Combine(_folder, "source", "sub")).Parent!.FullName;
        File.WriteAllBytes(Path.Combine(source, "large"), RandomNumberGenerator.GetBytes(3_000_000));
        File.WriteAllText(Path.Combine(source, "sub", "small"), "text");
        File.CreateSymbolicLink(Path.Combine(source, "link"), "sub/small");
        string archive = Path.Combine(_folder, "in.tar"), copy = Path.Combine(_folder, "out.tar");
        Assert.Equal(0, ProgramResult.Of("/bin/tar", ["-C", source, "-cf", archive, "."]).Status);
        AssertDone(Fs("create", _volume, "64M"));
        AssertDone(Fs("import", _volume, archive));
        AssertDone(Fs("export", _volume, copy));
        Assert.Contains("everything agrees", Fs("check", _volume).Output);
        string target = Directory.CreateDirectory(Path.Combine(_folder, "target")).FullName;
        Assert.Equal(0, ProgramResult.Of("/bin/tar", ["-C", target, "-xf", copy]).Status);
        ProgramResult difference = ProgramResult.Of("/usr/bin/diff", ["-r", source, target]);
        Assert.Equal("", difference.Output);
        Assert.Equal(0, difference.Status);
    }

    [Fact]
    public void A_damaged_volume_is_said_to_be_damaged()
    {
        AssertDone(Fs("create", _volume, "8M"));
        byte[] bytes = File.ReadAllBytes(_volume);
        // Both checkpoints.
        bytes[2 * 4096 + 100] ^= 1;
        bytes[18 * 4096 + 100] ^= 1;
        File.WriteAllBytes(_volume, bytes);
        AssertRefused(Fs("info", _volume), "checkpoint");
    }

    [Fact]
    public void Bad_input()
    {
        AssertDone(Fs("create", _volume, "8M"));
        AssertRefused(Fs("create", _volume, "8M"), "exists already");
        AssertRefused(Fs("create", _volume + "2", "8Q"), "8Q");
        AssertRefused(Fs("create", _volume + "2", "1M"), "at least 4M");
        AssertRefused(Fs("info", _volume + "2"), "There is no file");
        AssertRefused(Fs("info", _key), "too small");
        File.WriteAllBytes(_key, RandomNumberGenerator.GetBytes(32));
        AssertRefused(Fs("info", _volume), "key");
        File.WriteAllText(_key, "short");
        AssertRefused(Fs("info", _volume), "too short");
    }

    [Fact]
    public void Mounted_it_is_a_directory()
    {
        Assert.SkipUnless(Environment.UserName == "root" && File.Exists("/dev/fuse"), "Only root may mount.");
        AssertDone(Fs("create", _volume, "64M"));
        string directory = Directory.CreateDirectory(Path.Combine(_folder, "mount")).FullName;
        byte[] content = RandomNumberGenerator.GetBytes(2_500_000);
        using (Process mount = Process.Start(CloisterCommand.Path, ["fs", "mount", _volume, directory, "--key-file", _key]))
        {
            try
            {
                Assert.True(SpinWait.SpinUntil(() => File.ReadAllText("/proc/mounts").Contains(directory), TimeSpan.FromSeconds(30)));
                File.WriteAllBytes(Path.Combine(directory, "file"), content);
                Directory.CreateDirectory(Path.Combine(directory, "sub"));
                File.Move(Path.Combine(directory, "file"), Path.Combine(directory, "sub", "moved"));
                Assert.Equal(content, File.ReadAllBytes(Path.Combine(directory, "sub", "moved")));
            }
            finally
            {
                ProgramResult.Of("/bin/umount", [directory]);
            }

            Assert.True(mount.WaitForExit(30_000));
            Assert.Equal(0, mount.ExitCode);
        }

        Assert.Contains("3 inodes", Fs("check", _volume).Output);
    }

    private ProgramResult Fs(params string[] arguments) => ProgramResult.Of(CloisterCommand.Path, ["fs", .. arguments, "--key-file", _key]);

    private static void AssertDone(ProgramResult result) => Assert.True(result.Status == 0, result.Error);

    private static void AssertRefused(ProgramResult result, string reason)
    {
        Assert.Equal(OwnFailure, result.Status);
        Assert.Contains(reason, result.Error);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
