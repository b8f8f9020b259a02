using System;
using System.Diagnostics;
using System.IO;
using System.Threading;

namespace Cloister.Programs.Tests;

/// <summary><c>cloister fs</c>.</summary>
public sealed class FileSystemCommandTests : IDisposable
{
    private const int OwnFailure = 125;

    private readonly TestVolume _volume = new();

    public void Dispose() => _volume.Dispose();

    [Fact]
    public void A_new_volume_is_clean_and_sparse()
    {
        Assert.Contains("clean", Succeeds(_volume.Fs("check")).Output);
        Assert.Contains("64 MiB", Succeeds(_volume.Fs("info")).Output);
        Assert.Equal(64 << 20, new FileInfo(_volume.File).Length);
        // A 64th is the journal, which has blocks from the start; 512 bytes each.
        ProgramResult blocks = ProgramResult.Of("/usr/bin/stat", ["-c", "%b", _volume.File]);
        Assert.InRange(int.Parse(blocks.Output, System.Globalization.CultureInfo.InvariantCulture), 1, 4096);
    }

    [Fact]
    public void What_is_imported_is_exported()
    {
        string source = MakeTree();
        string target = _volume.PathOf("target");
        Succeeds(_volume.Fs("import", [source]));
        Succeeds(_volume.Fs("export", [target]));
        AssertSameTrees(source, target);
        Assert.Contains("clean", Succeeds(_volume.Fs("check")).Output);

        string tar = _volume.PathOf("files.tar");
        Succeeds(_volume.Fs("export", [tar]));
        using var second = new TestVolume();
        Succeeds(second.Fs("import", [tar]));
        Succeeds(second.Fs("export", [second.PathOf("again")]));
        AssertSameTrees(source, second.PathOf("again"));
    }

    [Fact]
    public void A_snapshot_keeps_the_files_as_they_were()
    {
        string source = _volume.PathOf("source");
        Directory.CreateDirectory(source);
        File.WriteAllText(Path.Combine(source, "file"), "old");
        Succeeds(_volume.Fs("import", [source]));
        Succeeds(_volume.Fs("snapshot create", ["before"]));
        File.WriteAllText(Path.Combine(source, "file"), "new and longer");
        Succeeds(_volume.Fs("import", [source]));
        Assert.Contains("before", Succeeds(_volume.Fs("snapshot list")).Output);
        Succeeds(_volume.Fs("export", [_volume.PathOf("then"), "--snapshot", "before"]));
        Succeeds(_volume.Fs("export", [_volume.PathOf("now")]));
        Assert.Equal("old", File.ReadAllText(_volume.PathOf("then/file")));
        Assert.Equal("new and longer", File.ReadAllText(_volume.PathOf("now/file")));
        AssertRefused(_volume.Fs("snapshot create", ["before"]), "already");
        Succeeds(_volume.Fs("snapshot remove", ["before"]));
        AssertRefused(_volume.Fs("snapshot remove", ["before"]), "no snapshot");
        Assert.Contains("clean", Succeeds(_volume.Fs("check")).Output);
    }

    [Fact]
    public void A_clone_is_changed_by_itself()
    {
        string source = _volume.PathOf("source");
        Directory.CreateDirectory(source);
        File.WriteAllText(Path.Combine(source, "file"), "old");
        Succeeds(_volume.Fs("import", [source]));
        Succeeds(_volume.Fs("snapshot create", ["before"]));
        Succeeds(_volume.Fs("clone create", ["trial", "--of", "before"]));
        File.WriteAllText(Path.Combine(source, "file"), "of the trial");
        Succeeds(_volume.Fs("import", [source, "--clone", "trial"]));
        Assert.Contains("trial", Succeeds(_volume.Fs("clone list")).Output);
        Assert.DoesNotContain("trial", Succeeds(_volume.Fs("snapshot list")).Output);
        Succeeds(_volume.Fs("export", [_volume.PathOf("trial"), "--clone", "trial"]));
        Succeeds(_volume.Fs("export", [_volume.PathOf("main")]));
        Assert.Equal("of the trial", File.ReadAllText(_volume.PathOf("trial/file")));
        Assert.Equal("old", File.ReadAllText(_volume.PathOf("main/file")));
        Assert.Contains("clean", Succeeds(_volume.Fs("check")).Output);
        AssertRefused(_volume.Fs("import", [source, "--clone", "before"]), "is a snapshot, which never changes");
        AssertRefused(_volume.Fs("import", [source, "--clone", "nothing"]), "no clone or snapshot 'nothing'");
        AssertRefused(_volume.Fs("clone create", ["other", "--of", "nothing"]), "no snapshot or clone 'nothing'");
        AssertRefused(_volume.Fs("clone remove", ["before"]), "no clone 'before'");
        Succeeds(_volume.Fs("clone remove", ["trial"]));
        Assert.DoesNotContain("trial", Succeeds(_volume.Fs("clone list")).Output);
    }

    [Fact]
    public void A_new_key_replaces_the_old()
    {
        string newKey = _volume.WriteKey("new", 2);
        Succeeds(_volume.Fs("rekey", ["--new-key-file", newKey]));
        AssertRefused(_volume.Fs("info"), "key");
        Succeeds(ProgramResult.Of(CloisterCommand.Path, ["fs", "info", _volume.File, "--key-file", newKey]));
    }

    [Fact]
    public void A_volume_grows_and_gives_space_back()
    {
        Succeeds(_volume.Fs("grow", ["128M"]));
        Assert.Contains("128 MiB", Succeeds(_volume.Fs("info")).Output);
        AssertRefused(_volume.Fs("grow", ["32M"]), "can't shrink");
        Assert.Contains("given back", Succeeds(_volume.Fs("trim")).Output);
        Assert.Contains("clean", Succeeds(_volume.Fs("check")).Output);
    }

    [Fact]
    public void The_bench_leaves_nothing_behind()
    {
        Assert.Contains("random", Succeeds(_volume.Fs("bench")).Output);
        Assert.Contains("clean: 1 inodes", Succeeds(_volume.Fs("check")).Output);
    }

    [Fact]
    public void Every_changed_block_of_a_file_is_found_and_named()
    {
        string source = _volume.PathOf("source");
        Directory.CreateDirectory(source);
        byte[] content = new byte[1 << 20];
        new Random(3).NextBytes(content);
        File.WriteAllBytes(Path.Combine(source, "file"), content);
        Succeeds(_volume.Fs("import", [source]));
        byte[] bytes = File.ReadAllBytes(_volume.File);
        bytes[FindLongestRun(bytes)] ^= 1;
        File.WriteAllBytes(_volume.File, bytes);
        ProgramResult check = _volume.Fs("check");
        Assert.NotEqual(0, check.Status);
        Assert.DoesNotContain("defect", check.Error);
        Assert.Contains("inode", check.Output + check.Error);
        AssertRefused(_volume.Fs("export", [_volume.PathOf("target")]), "file");
    }

    [Fact]
    public void An_old_copy_is_refused_where_there_is_an_anchor()
    {
        string anchor = _volume.PathOf("anchor");
        Directory.CreateDirectory(anchor);
        Succeeds(_volume.Fs("snapshot create", ["one", "--anchor", anchor]));
        string old = _volume.PathOf("old");
        File.Copy(_volume.File, old);
        Succeeds(_volume.Fs("snapshot create", ["two", "--anchor", anchor]));
        Succeeds(_volume.Fs("info", ["--anchor", anchor]));
        File.Copy(old, _volume.File, overwrite: true);
        AssertRefused(_volume.Fs("info", ["--anchor", anchor]), "older");
        Assert.DoesNotContain("two", Succeeds(_volume.Fs("snapshot list")).Output);
        AssertRefused(_volume.Fs("info", ["--anchor", "/does/not/exist"]), "not a directory");
    }

    [Fact]
    public void Bad_input_gets_a_sentence()
    {
        AssertRefused(_volume.Fs("create", ["--size", "64M"]), "exists already");
        AssertRefused(ProgramResult.Of(CloisterCommand.Path, ["fs", "info", "/does/not/exist", "--key-file", _volume.Key]), "/does/not/exist");
        AssertRefused(ProgramResult.Of(CloisterCommand.Path, ["fs", "info", _volume.File]), "--key-file");
        AssertRefused(ProgramResult.Of(CloisterCommand.Path, ["fs", "info", _volume.File, "--key-file", _volume.WriteKey("other", 9)]), "key");
        AssertRefused(ProgramResult.Of(CloisterCommand.Path, ["fs", "info", _volume.File, "--key-file", "/etc/passwd"]), "32 bytes");
        AssertRefused(ProgramResult.Of(CloisterCommand.Path, ["fs", "info", _volume.Key, "--key-file", _volume.Key]), "volume");
        AssertRefused(_volume.Fs("import", ["/does/not/exist"]), "/does/not/exist");
        AssertRefused(_volume.Fs("import", ["/etc/passwd"]), "tar");
        AssertRefused(_volume.Fs("export", ["/etc"]), "empty directory");
        AssertRefused(_volume.Fs("mount", ["/does/not/exist"]), "not a directory");
        AssertRefused(_volume.Fs("grow", ["large"]), "size");
    }

    [Fact]
    public void A_volume_that_is_too_full_says_so_and_stays_whole()
    {
        string source = _volume.PathOf("source");
        Directory.CreateDirectory(source);
        byte[] content = new byte[80 << 20];
        new Random(3).NextBytes(content);
        File.WriteAllBytes(Path.Combine(source, "large"), content);
        AssertRefused(_volume.Fs("import", [source]), "full");
        Assert.Contains("clean", Succeeds(_volume.Fs("check")).Output);
    }

    [Fact]
    public void Mounts_by_fuse()
    {
        Assert.SkipUnless(File.Exists("/dev/fuse") && File.Exists("/usr/bin/fusermount3"), "FUSE (package fuse3) is not there.");
        string directory = _volume.PathOf("mounted");
        Directory.CreateDirectory(directory);
        using Process process = ProgramResult.Start(CloisterCommand.Path, ["fs", "mount", _volume.File, directory, "--key-file", _volume.Key]);
        string? line = process.StandardError.ReadLine();
        Assert.SkipWhen(line is null || !line.Contains("is mounted", StringComparison.Ordinal), $"FUSE doesn't mount here: {line}");
        try
        {
            string tree = MakeTree();
            Assert.Equal(0, ProgramResult.Of("/bin/cp", ["-a", tree + "/.", directory]).Status);
            AssertSameTrees(tree, directory);
            AssertRefused(_volume.Fs("info"), "in use");
            AssertRefused(CloisterCommand.Do(_volume.MountAt("/data"), ["/bin/true"]), "in use");
        }
        finally
        {
            Assert.Equal(0, ProgramResult.Of("/usr/bin/fusermount3", ["-u", directory]).Status);
        }

        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(3)));
        Assert.Equal(0, process.ExitCode);
        Assert.Contains("clean", Succeeds(_volume.Fs("check")).Output);
    }

    /// <summary>A place in the middle of the longest run of blocks in use: the large file.</summary>
    private static int FindLongestRun(byte[] volume)
    {
        const int block = 4096;
        int start = 0, best = 0, length = 0;
        for (int at = 0; at < volume.Length; at += block)
        {
            if (!volume.AsSpan(at, block).ContainsAnyExcept((byte)0))
                start = at + block;
            else if (at + block - start > length)
                (best, length) = (start, at + block - start);
        }

        return best + (length / 2);
    }

    private static ProgramResult Succeeds(ProgramResult result)
    {
        Assert.True(result.Status == 0, $"status {result.Status}\n{result.Output}{result.Error}");
        return result;
    }

    private static void AssertRefused(ProgramResult result, string part)
    {
        Assert.Equal(OwnFailure, result.Status);
        string[] lines = Array.FindAll(result.Error.Split('\n'), line => line.StartsWith("cloister: ", StringComparison.Ordinal));
        Assert.Single(lines);
        Assert.Contains(part, lines[0]);
        Assert.DoesNotContain("defect", lines[0]);
    }

    // Everything that the two have in common: names, types, rights, times of files, content, links.
    private static void AssertSameTrees(string expected, string actual)
    {
        ProgramResult difference = ProgramResult.Of("/usr/bin/diff", ["-r", "--no-dereference", "--exclude=pipe", expected, actual]);
        Assert.True(difference.Status == 0, difference.Output + difference.Error);
        string[] format = [".", "-mindepth", "1", "-printf", "%P %M %n %U:%G %l\\n"];
        Assert.Equal(List(expected), List(actual));

        string List(string folder)
        {
            string[] lines = ProgramResult.Of("/usr/bin/find", format, folder: folder).Output.Split('\n');
            Array.Sort(lines, StringComparer.Ordinal);
            return string.Join('\n', lines);
        }
    }

    private string MakeTree()
    {
        string folder = _volume.PathOf("tree");
        const string script = """
            mkdir -p sub/deeper empty; echo text > sub/file; head -c 100000 /dev/zero | tr '\0' x > sub/deeper/large; : > nothing
            ln -s ../file sub/deeper/link; ln -s /does/not/exist dangling; ln sub/file second; chmod 640 sub/file; chmod 700 empty
            mkfifo pipe; printf 'a b' > 'name with spaces'; printf x > "$(printf 'n%0200d' 7)"; touch -d '2001-02-03 04:05:06' nothing
            """;
        Directory.CreateDirectory(folder);
        ProgramResult made = ProgramResult.Of("/bin/sh", ["-ec", script], folder: folder);
        Assert.True(made.Status == 0, made.Error);
        return folder;
    }
}
