namespace Cloister.Programs.Tests;

/// <summary>Exit statuses and options of <c>cloister do</c>.</summary>
public sealed class StatusTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(125)]
    [InlineData(255)]
    public void The_status_is_the_programs(int status)
        => Assert.Equal(status, CloisterCommand.Do("/bin/sh", "-c", $"exit {status}").Status);

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("KILL", 137)]
    [InlineData("SEGV", 139)]
    [InlineData("ABRT", 134)]
    [InlineData("HUP", 129)]
    public void A_signal_ends_with_128_and_its_number(string signal, int status)
        => Assert.Equal(status, CloisterCommand.Do("/bin/sh", "-c", $"kill -{signal} $$").Status);

    [Fact]
    public void A_variable_is_set_or_passed_on()
    {
        ProgramResult result = CloisterCommand.Do(["-e", "ONE=1", "-e", "TWO=two words", "-e", "LANG"],
            ["/bin/sh", "-c", "echo $ONE-$TWO-$LANG"]);
        Assert.Equal("1-two words-C.UTF-8\n", result.Output);
    }

    [Fact]
    public void The_working_directory_is_chosen()
        => Assert.Equal("/usr/lib\n", CloisterCommand.Do(["-w", "/usr/lib"], ["/bin/pwd"]).Output);

    [Fact]
    public void The_user_is_chosen()
    {
        Assert.Equal("1000\n", CloisterCommand.Do(["-u", "1000:1000"], ["/usr/bin/id", "-u"]).Output);
        Assert.Equal("1001\n", CloisterCommand.Do(["-u", "1000:1001"], ["/usr/bin/id", "-g"]).Output);
        Assert.Equal(1, CloisterCommand.Do(["-u", "1000:1000"], ["/bin/cat", "/etc/shadow"]).Status);
    }

    [Fact]
    public void A_volume_is_read_and_written()
    {
        string folder = System.IO.Directory.CreateTempSubdirectory("volume").FullName;
        try
        {
            System.IO.File.WriteAllText(folder + "/in", "from the host\n");
            ProgramResult result = CloisterCommand.Do(["-v", folder + ":/data"], ["/bin/sh", "-c", "read -r line < /data/in; echo \"$line\" back > /data/out"]);
            Assert.True(result.Status == 0, result.Error);
            Assert.Equal("from the host back\n", System.IO.File.ReadAllText(folder + "/out"));
            result = CloisterCommand.Do(["-v", folder + ":/data:ro"], ["/bin/sh", "-c", "echo x > /data/second"]);
            Assert.NotEqual(0, result.Status);
            Assert.Contains("Read-only file system", result.Error);
            Assert.False(System.IO.File.Exists(folder + "/second"));
        }
        finally
        {
            System.IO.Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Changes_stay_inside()
    {
        string file = System.IO.Path.Combine("/tmp", "cloister-test-" + System.Guid.NewGuid().ToString("N"));
        ProgramResult result = CloisterCommand.Do("/bin/sh", "-c", $"echo text > {file}; read -r line < {file}; echo $line");
        Assert.Equal("text\n", result.Output);
        Assert.False(System.IO.File.Exists(file));
    }

    [Fact]
    public void Strace_names_the_calls()
    {
        ProgramResult result = CloisterCommand.Do(["--strace=write"], ["/bin/echo", "hello"]);
        Assert.Equal("hello\n", result.Output);
        Assert.Matches(@"write\(1, .*, 6\) = 6", result.Error);
    }

    [Fact]
    public void Standard_input_is_the_callers()
        => Assert.Equal("line one\n", CloisterCommand.Do([], ["/usr/bin/head", "-n", "1"], "line one\nline two\n").Output);
}
