using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;

namespace Cloister.Programs.Tests;

/// <summary>
/// Threads and rivals that do everything with their memory, checked by a model (tests/syscalls/torture.c); afterwards nothing
/// of it is left: frames, mappings and descriptors of the host.
/// </summary>
public sealed class TortureTests
{
    private static readonly bool s_isNightly = Environment.GetEnvironmentVariable("CLOISTER_NIGHTLY") == "1";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Memory_is_as_the_model_says(int seed)
    {
        string rounds = s_isNightly ? "400" : "8";
        string program = SyscallProgramTests.Compile("torture");
        ProgramResult native = ProgramResult.Of(program, [$"{seed}", rounds, "3"]);
        Assert.True(native.Status == 0, native.Output);
        ProgramResult inside = CloisterCommand.Do(program, $"{seed}", rounds, "3");
        Assert.True(inside.Status == 0, inside.Output + inside.Error);
        // How many checks there are depends on how its threads meet.
        Assert.StartsWith("ok ", native.Output, StringComparison.Ordinal);
        Assert.StartsWith("ok ", inside.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void So_are_the_files_of_a_share()
    {
        string folder = Directory.CreateTempSubdirectory("torture").FullName;
        AssertIsAsTheModelSays("-v", folder + ":/data");
        Assert.Empty(Directory.GetFileSystemEntries(folder));
        Directory.Delete(folder);
    }

    [Fact]
    public void So_are_the_files_of_an_encrypted_volume()
    {
        using var volume = new TestVolume();
        AssertIsAsTheModelSays(volume.MountAt("/data"));
        Assert.Contains("clean: 1 inodes", volume.Fs("check").Output);
    }

    private static void AssertIsAsTheModelSays(params string[] options)
    {
        string program = SyscallProgramTests.Compile("torture");
        ProgramResult inside = CloisterCommand.Do(options, [program, "4", s_isNightly ? "400" : "8", "3", "0", "/data"]);
        Assert.True(inside.Status == 0, inside.Output + inside.Error);
        Assert.StartsWith("ok ", inside.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Families_are_as_their_models_say(int seed)
    {
        // At least 10,000 forks by night: two a round and some of the next generation.
        string rounds = s_isNightly ? "5000" : "40";
        string program = SyscallProgramTests.Compile("families");
        ProgramResult native = ProgramResult.Of(program, [$"{seed}", rounds]);
        Assert.True(native.Status == 0, native.Output);
        ProgramResult inside = CloisterCommand.Do(program, $"{seed}", rounds);
        Assert.True(inside.Status == 0, inside.Output + inside.Error);
        Assert.Equal(native.Output, inside.Output);
    }

    [Theory]
    [InlineData("torture", 4, "2", 40, "2")]
    [InlineData("families", 4, "25", 6, "1000")]
    public void Rivals_leave_nothing_behind(string name, int phases, string rounds, int phasesByNight, string roundsByNight)
    {
        if (s_isNightly)
            (phases, rounds) = (phasesByNight, roundsByNight);
        string program = SyscallProgramTests.Compile(name);
        var start = new ProcessStartInfo(CloisterCommand.Path, ["do", "--", program, "phases", $"{phases}", rounds])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        var frames = new List<long>();
        var mappings = new List<int>();
        var descriptors = new List<int>();
        var threads = new List<int>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (!line.StartsWith("free ", StringComparison.Ordinal))
                continue; // of the rivals
            frames.Add(long.Parse(line[5..], CultureInfo.InvariantCulture));
            mappings.Add(File.ReadAllLines($"/proc/{process.Id}/maps").Length);
            descriptors.Add(Directory.GetFiles($"/proc/{process.Id}/fd").Length);
            threads.Add(Directory.GetDirectories($"/proc/{process.Id}/task").Length);
            process.StandardInput.WriteLine();
            process.StandardInput.Flush();
        }

        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        Assert.Equal(phases, frames.Count);
        // The first phases bring in what is kept: threads, pages of files.
        string all = $"frames {string.Join(' ', frames)}; mappings {string.Join(' ', mappings)}; descriptors {string.Join(' ', descriptors)}; "
            + $"threads {string.Join(' ', threads)}";
        Assert.True(Math.Abs(frames[^1] - frames[1]) < 64, all);
        Assert.True(mappings[^1] - mappings[1] < 64, all);
        Assert.True(descriptors[^1] <= descriptors[1], all);
        Assert.True(threads[^1] - threads[1] < 16, all);
    }

    /// <summary>tests/syscalls/bomb.c: its processes are refused more, a program beside it works on, and all is there again when it has been killed.</summary>
    [Fact]
    public void A_fork_bomb_ends_in_an_error_for_the_bomb()
    {
        ProgramResult inside = CloisterCommand.Do(["-m", "1G"], [SyscallProgramTests.Compile("bomb")]);
        Assert.True(inside.Status == 0, inside.Output + inside.Error);
        Assert.Equal("ok\n", inside.Output);
    }
}
