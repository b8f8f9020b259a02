using System;
using System.Diagnostics;
using System.IO;
using System.Text;

namespace Cloister.Programs.Tests;

/// <summary>Programs with a terminal, which <c>script</c> of util-linux provides.</summary>
public sealed class TerminalTests
{
    private const string Script = "/usr/bin/script";

    [Fact]
    public void The_window_size_is_the_terminals()
        => Assert.Contains("37 123", OnTerminal("stty rows 37 cols 123; {0} do -- /bin/stty size").Output);

    [Fact]
    public void Standard_streams_are_terminals()
        => Assert.Contains("tty:yes", OnTerminal("{0} do -- /bin/sh -c '[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo tty:yes'").Output);

    [Fact]
    public void Control_C_interrupts_the_program()
    {
        // The program says when it is ready, so that the key can't come too early.
        const string program = "import signal\nsignal.signal(2, lambda s, f: (print('interrupted', flush=True), exit(5)))\nprint('ready', flush=True)\nsignal.pause()";
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, program);
            using Process process = StartOnTerminal($"{{0}} do -- /usr/bin/python3.11 {file}; echo status $?");
            var seen = new StringBuilder();
            ReadUntil(process, seen, "ready");
            process.StandardInput.Write('\u0003');
            process.StandardInput.Flush();
            ReadUntil(process, seen, "status 5");
            Assert.Contains("interrupted", seen.ToString());
            process.StandardInput.Close();
            Assert.True(process.WaitForExit(ProgramResult.Limit));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Control_C_ends_a_program_that_does_not_care()
    {
        using Process process = StartOnTerminal("{0} do -- /bin/sh -c 'echo ready; exec sleep 100'; echo status $?");
        var seen = new StringBuilder();
        ReadUntil(process, seen, "ready");
        process.StandardInput.Write('\u0003');
        process.StandardInput.Flush();
        ReadUntil(process, seen, "status 130");
        process.StandardInput.Close();
        Assert.True(process.WaitForExit(ProgramResult.Limit));
    }

    [Fact]
    public void Control_Z_leads_back_to_the_shell_and_fg_to_the_program()
    {
        // With job control, as at a prompt; "read" keeps the shell from going on before the key.
        const string program = "/bin/sh -c 'echo ready; read line; echo got $line'";
        using Process process = StartOnTerminal($"set -m; {{0}} do -- {program}; echo status $?; fg; echo status $?");
        var seen = new StringBuilder();
        ReadUntil(process, seen, "ready");
        process.StandardInput.Write('\u001A');
        process.StandardInput.Flush();
        // 128 + SIGSTOP or SIGTSTP, and the name of the job from fg.
        ReadUntil(process, seen, "status 14");
        ReadUntil(process, seen, "do -- ");
        process.StandardInput.Write("again\n");
        process.StandardInput.Flush();
        ReadUntil(process, seen, "status 0");
        Assert.Contains("got again", seen.ToString());
        process.StandardInput.Close();
        Assert.True(process.WaitForExit(ProgramResult.Limit));
    }

    private static ProgramResult OnTerminal(string command)
    {
        Assert.SkipUnless(File.Exists(Script), "script (package bsdutils) is not installed.");
        return ProgramResult.Of("/usr/bin/env", ["--default-signal=HUP,INT,QUIT,PIPE", Script, "-qec", string.Format(System.Globalization.CultureInfo.InvariantCulture, command, CloisterCommand.Path), "/dev/null"]);
    }

    private static Process StartOnTerminal(string command)
    {
        Assert.SkipUnless(File.Exists(Script), "script (package bsdutils) is not installed.");
        // Signals that who runs the tests ignores (nohup, a job in the background) couldn't be caught by any program below. The
        // shell ignores the key, so that it can print the status.
        string line = "trap : INT; " + string.Format(System.Globalization.CultureInfo.InvariantCulture, command, CloisterCommand.Path);
        return ProgramResult.Start("/usr/bin/env", ["--default-signal=HUP,INT,QUIT,PIPE", Script, "-qec", line, "/dev/null"]);
    }

    private static void ReadUntil(Process process, StringBuilder seen, string wanted)
    {
        using var limit = new System.Threading.CancellationTokenSource(ProgramResult.Limit);
        char[] buffer = new char[256];
        while (!seen.ToString().Contains(wanted, StringComparison.Ordinal))
        {
            int count = process.StandardOutput.ReadAsync(buffer, limit.Token).AsTask().GetAwaiter().GetResult();
            Assert.True(count > 0, $"The terminal was closed before '{wanted}': {seen}");
            seen.Append(buffer, 0, count);
        }
    }
}
