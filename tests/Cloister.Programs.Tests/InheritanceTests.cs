using System;
using System.IO;
using System.Text;

namespace Cloister.Programs.Tests;

/// <summary>What a program has of its caller, as natively: a script of the shell calls it in both ways and tells what it sees.</summary>
public sealed class InheritanceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cloister-inherit-").FullName;

    public void Dispose()
    {
        Bash("rm -rf ./*");
        Directory.Delete(_folder);
    }

    [Theory]
    [InlineData("printf 'one\\ntwo\\nthree\\n' > in; $RUN cat < in > out; cat out")]
    [InlineData("printf 'one\\ntwo\\nthree\\n' > in; { $RUN /bin/sh -c 'read x; echo got $x'; read y; echo then $y; } < in")]
    [InlineData("echo first > out; $RUN /bin/sh -c 'echo second; echo third' >> out; cat out")]
    [InlineData("echo content > in; $RUN /usr/bin/cp /dev/stdin copy < in; echo $?")]
    [InlineData("printf 12345678 > in; $RUN /usr/bin/dd bs=1 skip=2 count=3 status=none < in")]
    [InlineData("{ $RUN /bin/echo a & $RUN /bin/echo b & wait; } > out; sort out")]
    [InlineData("printf 'abc' > both; $RUN /bin/sh -c 'cat; echo more >&1' 0<> both 1>> both; cat both")]
    public void Redirected_files_are_themselves(string script) => AssertSame(script);

    [Theory]
    [InlineData("$RUN /bin/cat <&-; echo $?")]
    [InlineData("$RUN /bin/sh -c 'for i in 0 1 2 3 4 5; do [ -e /dev/fd/$i ] && echo $i open; done' 2>&-")]
    [InlineData("$RUN /bin/sh -c 'echo >&2 || exit 7' 0<&- 1>&- 2>&-; echo $?")]
    [InlineData("$RUN /bin/cat <(echo one) <(echo two)")]
    [InlineData("echo three > in; $RUN /bin/sh -c 'cat <&7; echo four >&8' 7< in 8> out; cat out")]
    [InlineData("mkdir folder; echo x > folder/file; $RUN /bin/sh -c 'cat /dev/fd/9/file' 9< folder")]
    public void Descriptors_are_passed_and_closed_ones_stay_closed(string script) => AssertSame(script);

    [Theory]
    [InlineData("umask 077; $RUN /bin/sh -c umask")]
    [InlineData("ulimit -S -s 16384; $RUN /bin/sh -c 'ulimit -s'")]
    [InlineData("ulimit -n 200; $RUN /bin/sh -c 'ulimit -n'")]
    [InlineData("ulimit -S -f 4194304; $RUN /bin/sh -c 'ulimit -f'")]
    [InlineData("trap '' USR1 HUP; $RUN /bin/grep SigIgn /proc/self/status")]
    [InlineData("trap '' INT QUIT; $RUN /usr/bin/python3.11 -c 'import signal; print(signal.getsignal(2), signal.getsignal(3))'")]
    public void Mask_limits_and_ignored_signals_are_the_callers(string script) => AssertSame(script);

    [Theory]
    [InlineData("$RUN /bin/echo $'caf\\xe9' '' $'\\xff\\xfe' @/etc/hostname | od -c")]
    [InlineData("mkdir $'d\\xe9'; cd $'d\\xe9'; $RUN /bin/pwd | od -c")]
    [InlineData("export NAME=$'value\\xff'; $RUN /usr/bin/env | grep -a ^NAME= | od -c")]
    public void Bytes_that_are_no_text_arrive(string script) => AssertSame(script);

    [Fact]
    public void The_mask_counts_for_files_of_the_host_too()
    {
        ProgramResult result = Bash($"umask 077; {CloisterCommand.Path} do -v .:/data -- /bin/sh -c 'echo secret > /data/file'; stat -c %a file");
        Assert.Equal("600\n", result.Output);
    }

    [Fact]
    public void Files_of_the_host_get_no_privileges_unless_asked_for()
    {
        const string program = "cp /bin/true /data/program; chmod 6755 /data/program";
        Assert.Equal("755\n", Bash($"{CloisterCommand.Path} do -v .:/data -- /bin/sh -c '{program}'; stat -c %a program").Output);
        Assert.Equal("6755\n", Bash($"{CloisterCommand.Path} do -v .:/data:suid -- /bin/sh -c '{program}'; stat -c %a program").Output);
    }

    [Theory]
    [InlineData("HUP")]
    [InlineData("INT")]
    [InlineData("QUIT")]
    [InlineData("USR1")]
    [InlineData("USR2")]
    [InlineData("ALRM")]
    [InlineData("TERM")]
    [InlineData("PROF")]
    [InlineData("RTMIN+7")]
    public void Signals_to_the_command_arrive_once(string signal)
    {
        // The program says when it is ready, and after the second signal, which comes after all of the first, what it got.
        const string program = """
            import os, signal, sys
            seen = []
            number = int(sys.argv[1])
            ready, tell = os.pipe()
            for s in (number, signal.SIGWINCH):
                signal.signal(s, lambda n, f: (seen.append(n), os.write(tell, b'x')))
            print('ready', flush=True)
            while signal.SIGWINCH not in seen:
                os.read(ready, 1)
                if seen == [number]:
                    print('first', flush=True)
            print(seen.count(number), flush=True)
            """;
        File.WriteAllText(Path.Combine(_folder, "program.py"), program);
        ProgramResult result = Bash($$"""
            mkfifo pipe
            /usr/bin/env --default-signal=INT,QUIT {{CloisterCommand.Path}} do -- /usr/bin/python3.11 program.py $(kill -l {{signal}}) > pipe &
            exec 3< pipe
            read line <&3; kill -{{signal}} $!
            read line <&3; kill -WINCH $!
            cat <&3
            """);
        Assert.Equal("1\n", result.Output);
    }

    private void AssertSame(string script)
    {
        string native = Bash(script.Replace("$RUN ", "", StringComparison.Ordinal)).Output;
        // By the shell: .NET can't name all of these files.
        Bash("rm -rf ./*");
        Assert.Equal(native, Bash(script.Replace("$RUN", CloisterCommand.Path + " do --", StringComparison.Ordinal)).Output);
    }

    private ProgramResult Bash(string script) =>
        ProgramResult.Of("/usr/bin/env", ["--default-signal=HUP,INT,QUIT,PIPE", "/bin/bash", "-c", $"exec 2>&1; cd {_folder}; {script}"]);
}
