using System.IO;

namespace Cloister.Programs.Tests;

/// <summary>Hosts whose filters refuse system calls to the launcher.</summary>
public sealed class FilteredHostTests
{
    /// <summary>io_uring_setup, io_uring_enter (the rings are made, and then can't be used), openat2, faccessat2.</summary>
    [Theory]
    [InlineData(425)]
    [InlineData(426)]
    [InlineData(437)]
    [InlineData(439)]
    public void Without_a_call_there_is_another_way(int number)
    {
        string deny = Path.Combine(CloisterCommand.Cache, $"deny{number}");
        ProgramResult compiled = ProgramResult.Of("gcc", ["-O1", "-o", deny, CloisterCommand.ProgramFile("deny.c")]);
        Assert.True(compiled.Status == 0, compiled.Error);
        using var volume = new TestVolume();
        const string program = "dd if=/dev/zero of=/data/file bs=1M count=20 status=none && sync && wc -c < /data/file";
        ProgramResult result = ProgramResult.Of(
            deny, [$"{number}", CloisterCommand.Path, "do", .. volume.MountAt("/data"), "--", "/bin/sh", "-c", program]);
        Assert.Equal("20971520\n", result.Output);
        Assert.Equal(0, result.Status);
    }
}
