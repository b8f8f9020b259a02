using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text.Json;

namespace Cloister.Programs.Tests;

/// <summary>Enclaves in the background, and programs that join them.</summary>
public sealed class BackgroundTests : IDisposable
{
    private const string Patient = "echo begun; echo aside >&2; exec /bin/sleep 1000";

    private readonly string _folder = Directory.CreateTempSubdirectory("cloister-background-").FullName;

    public void Dispose()
    {
        string[] left = Cloister("ps", "-aq").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (left.Length > 0)
            Cloister(["rm", "-f", .. left]);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void An_enclave_lives_until_it_is_stopped()
    {
        string id = Start("one", "/bin/sh", "-c", Patient);
        Assert.Matches("^[0-9a-f]{12}$", id);
        Assert.Contains("one", Cloister("ps").Output);
        Assert.Equal(id + "\n", Cloister("ps", "-q").Output);
        Assert.Equal("one\n", Cloister("stop", "-t", "60", "one").Output);
        Assert.DoesNotContain("one", Cloister("ps").Output);
        Assert.Contains("Exited (143)", Cloister("ps", "-a").Output);
        Assert.Equal("143\n", Cloister("wait", id[..6]).Output);

        ProgramResult logs = Cloister("logs", "one");
        Assert.Equal(("begun\n", "aside\n"), (logs.Output, logs.Error));
        Assert.Equal("one\n", Cloister("rm", "one").Output);
        Assert.Equal("", Cloister("ps", "-aq").Output);
    }

    [Fact]
    public void Programs_that_join_have_streams_and_a_status_of_their_own()
    {
        Start("shared", "-e", "SHARED=yes", "/bin/sh", "-c", "echo content > /tmp/file; " + Patient);
        Assert.Equal("content\nyes\n", Cloister("exec", "shared", "--", "/bin/sh", "-c", "cat /tmp/file; echo $SHARED").Output);
        Assert.Equal(("out\n", "err\n", 7), Describe(Cloister("exec", "shared", "/bin/sh", "-c", "echo out; echo err >&2; exit 7")));
        Assert.Equal(("input", "", 0), Describe(CloisterWith("input", "exec", "-i", "shared", "/bin/cat")));
        Assert.Equal(("", "", 0), Describe(CloisterWith("input", "exec", "shared", "/bin/cat")));
        Assert.Equal("/usr 1000 1 set\n", Cloister("exec", "-w", "/usr", "-u", "1000:1000", "-e", "A=set", "shared", "/bin/sh", "-c", "echo $PWD $(id -u) $PPID $A").Output);
        Assert.Equal(137, Cloister("exec", "shared", "/bin/sh", "-c", "kill -9 $$").Status);
        ProgramResult missing = Cloister("exec", "shared", "/bin/missing");
        Assert.Equal(127, missing.Status);
        Assert.StartsWith("cloister: /bin/missing: not found", missing.Error);
        Assert.Equal(126, Cloister("exec", "shared", "/etc/passwd").Status);
        Assert.Equal(125, Cloister("exec", "-w", "/missing", "shared", "/bin/true").Status);
    }

    [Fact]
    public void Redirected_files_are_files_inside()
    {
        Start("files", "/bin/sh", "-c", Patient);
        string input = Path.Combine(_folder, "in"), output = Path.Combine(_folder, "out");
        File.WriteAllText(input, "many words\n");
        ProgramResult result = Shell($"\"$0\" exec -i files /bin/cat < {input} > {output}");
        Assert.Equal(("", "", 0), Describe(result));
        Assert.Equal("many words\n", File.ReadAllText(output));
    }

    [Fact]
    public void A_reader_of_a_program_that_joined_finds_its_end_also_when_others_stay()
    {
        Start("pipes", "/bin/sh", "-c", Patient);
        // What stays in the background has the pipe of the first; that of the second is closed with it.
        Assert.Equal("one\n", Shell("\"$0\" exec pipes /bin/sh -c 'echo one; /bin/sleep 1000 >/dev/null 2>&1 &' | cat").Output);
        Assert.Equal("two\n", Shell("\"$0\" exec pipes /bin/echo two | cat").Output);
    }

    [Fact]
    public void More_programs_join_than_may_at_a_time()
    {
        Start("many", "/bin/sh", "-c", Patient);
        Assert.Equal("100\n", Shell("for i in $(seq 70); do \"$0\" exec many /bin/true || exit 1; done; echo 100").Output);
    }

    [Fact]
    public void Signals_reach_the_first_program_and_a_command_hands_its_own_on()
    {
        Start("signals", "/bin/sh", "-c", "trap 'echo got; exit 3' USR1; echo begun; while :; do /bin/sleep 0.01; done");
        using Process joined = ProgramResult.Start("/usr/bin/env", Arguments("exec", "signals", "/bin/sh", "-c", "trap 'echo term; exit 4' TERM; echo ready; while :; do /bin/sleep 0.01; done"));
        Assert.Equal("ready", joined.StandardOutput.ReadLine());
        Process.Start("/bin/kill", ["-TERM", joined.Id.ToString(CultureInfo.InvariantCulture)])!.WaitForExit();
        Assert.Equal("term", joined.StandardOutput.ReadLine());
        Assert.True(joined.WaitForExit(ProgramResult.Limit));
        Assert.Equal(4, joined.ExitCode);

        Cloister("kill", "-s", "USR1", "signals");
        Assert.Equal("3\n", Cloister("wait", "signals").Output);
        Assert.Equal("begun\ngot\n", Cloister("logs", "signals").Output);
    }

    [Fact]
    public void The_end_of_the_enclave_ends_those_that_have_joined()
    {
        Start("ending", "/bin/sh", "-c", Patient);
        using Process joined = ProgramResult.Start("/usr/bin/env", Arguments("exec", "ending", "/bin/sh", "-c", "echo ready; exec /bin/sleep 1000"));
        Assert.Equal("ready", joined.StandardOutput.ReadLine());
        Cloister("kill", "ending");
        Assert.True(joined.WaitForExit(ProgramResult.Limit));
        Assert.Equal(137, joined.ExitCode);
        Assert.Equal("137\n", Cloister("wait", "ending").Output);
    }

    [Fact]
    public void Logs_are_followed_to_the_end_and_cut()
    {
        Start("log", "/bin/sh", "-c", "for i in $(seq 50); do echo line $i; done; echo -n unfinished");
        Assert.EndsWith("line 50\nunfinished", Cloister("logs", "-f", "log").Output);
        Assert.Equal("line 50\nunfinished", Cloister("logs", "--tail", "2", "log").Output);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT[0-9:.]+Z line 1\n", Cloister("logs", "--timestamps", "log").Output);
        Assert.Equal("", Cloister("logs", "--since", "2100-01-01T00:00:00Z", "log").Output);
    }

    [Fact]
    public void Who_attaches_talks_to_the_first_program()
    {
        Cloister("run", "-d", "-i", "--name", "asked", "--rootfs", "/", "--", "/bin/sh", "-c", "while read x; do echo got $x; [ $x = end ] && exit 5; done");
        Assert.Equal(("got one\ngot end\n", "", 5), Describe(CloisterWith("one\nend\n", "attach", "asked")));
        Start("mute", "/bin/sh", "-c", Patient);
        ProgramResult refused = Cloister("attach", "mute");
        Assert.Equal(125, refused.Status);
        Assert.Contains("has no input", refused.Error);
    }

    [Fact]
    public void A_dead_launcher_is_recognised()
    {
        string id = Start("dead", "/bin/sh", "-c", Patient);
        using JsonDocument record = JsonDocument.Parse(Cloister("inspect", "dead").Output);
        int launcher = record.RootElement[0].GetProperty("pid").GetInt32();
        Process.Start("/bin/kill", ["-KILL", launcher.ToString(CultureInfo.InvariantCulture)])!.WaitForExit();
        Assert.Equal("137\n", Cloister("wait", "dead").Output);
        Assert.Contains("Dead", Cloister("ps", "-a").Output);
        Assert.Equal(125, Cloister("exec", "dead", "/bin/true").Status);
        Assert.Equal(id + "\n", Cloister("rm", id).Output);
    }

    [Fact]
    public void What_cannot_start_says_so_and_leaves_nothing()
    {
        ProgramResult result = Cloister("do", "-d", "--name", "none", "--", "/bin/missing");
        Assert.Equal((127, ""), (result.Status, result.Output));
        Assert.StartsWith("cloister: /bin/missing: not found", result.Error);
        Assert.Equal("", Cloister("ps", "-aq").Output);
        Start("taken", "/bin/sh", "-c", Patient);
        Assert.Contains("is taken", Cloister("do", "-d", "--name", "taken", "--", "/bin/true").Error);
    }

    [Fact]
    public void With_rm_nothing_is_kept()
    {
        string id = Start("brief", "--rm", "/bin/sh", "-c", Patient);
        Cloister("stop", "-t", "60", id);
        Assert.Equal("", Cloister("ps", "-aq").Output);
    }

    [Fact]
    public void An_enclave_may_refuse_to_be_joined()
    {
        Start("closed", "--allow-exec", "false", "/bin/sh", "-c", Patient);
        ProgramResult result = Cloister("exec", "closed", "/bin/true");
        Assert.Equal(125, result.Status);
        Assert.Contains("--allow-exec", result.Error);
    }

    [Theory]
    [InlineData("needs an enclave and a command", "exec", "one")]
    [InlineData("There is no enclave 'missing'", "exec", "missing", "true")]
    [InlineData("There is no enclave 'missing'", "logs", "missing")]
    [InlineData("There is no signal", "kill", "-s", "FROB", "missing")]
    [InlineData("is not a number of lines", "logs", "--tail", "x", "missing")]
    [InlineData("is not a time", "logs", "--since", "x", "missing")]
    [InlineData("for enclaves in the background", "do", "--name", "x", "true")]
    [InlineData("is not a name", "do", "-d", "--name", "a/b", "true")]
    [InlineData("is not known", "ps", "--format", "xml")]
    public void Mistakes_are_named(string expected, params string[] command)
    {
        ProgramResult result = Cloister(command);
        Assert.Contains(expected, result.Error);
        Assert.Equal(125, result.Status);
        Assert.Single(result.Error.Trim().Split('\n'));
    }

    private static (string Output, string Error, int Status) Describe(ProgramResult result) => (result.Output, result.Error, result.Status);

    private string Start(string name, params string[] rest)
    {
        // Options come before the program, which begins with a slash.
        int program = Array.FindIndex(rest, word => word.StartsWith('/'));
        ProgramResult result = Cloister(["do", "-d", "--name", name, .. rest[..program], "--", .. rest[program..]]);
        Assert.Equal((0, ""), (result.Status, result.Error));
        return result.Output.TrimEnd('\n');
    }

    private ProgramResult Shell(string script) =>
        ProgramResult.Of("/usr/bin/env", [$"CLOISTER_STATE={_folder}", "/bin/bash", "-c", script, CloisterCommand.Path]);

    private ProgramResult Cloister(params string[] arguments) => CloisterWith("", arguments);

    private ProgramResult CloisterWith(string input, params string[] arguments) => ProgramResult.Of("/usr/bin/env", Arguments(arguments), input);

    private string[] Arguments(params string[] arguments) => [$"CLOISTER_STATE={_folder}", CloisterCommand.Path, .. arguments];
}
