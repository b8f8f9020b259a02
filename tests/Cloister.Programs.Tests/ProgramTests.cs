using System.IO;

namespace Cloister.Programs.Tests;

/// <summary>Programs of Debian's packages: inside they print what they print natively.</summary>
public sealed class ProgramTests
{
    private const string Python = "/usr/bin/python3.11";

    [Theory]
    [InlineData("echo", "hello")]
    [InlineData("sha256sum", "/etc/passwd")]
    [InlineData("wc", "/etc/services")]
    [InlineData("sort", "-r", "/etc/passwd")]
    [InlineData("ash", "-c", "i=0; while [ $i -lt 100 ]; do i=$((i+1)); done; echo $i")]
    [InlineData("sed", "-n", "s/root/ROOT/p", "/etc/passwd")]
    [InlineData("awk", "BEGIN { for (i = 0; i < 5; i++) print i * i }")]
    [InlineData("grep", "-c", ".", "/etc/passwd")]
    [InlineData("find", "/etc/apt", "-type", "f")]
    [InlineData("tar", "-tf", "/does/not/exist.tar")]
    [InlineData("cat", "/does/not/exist")]
    [InlineData("seq", "1", "1000")]
    public void Busybox(params string[] arguments) => CloisterCommand.AssertSame(["/bin/busybox", .. arguments]);

    [Theory]
    [InlineData("/bin/ls", "-l", "/etc/passwd", "/bin/sh", "/usr/bin/python3.11")]
    [InlineData("/bin/ls", "-la", "/etc/apt")]
    [InlineData("/usr/bin/sort", "-k3", "-t:", "/etc/passwd")]
    [InlineData("/usr/bin/sha512sum", "/bin/ls")]
    [InlineData("/usr/bin/md5sum", "/bin/bash", "/does/not/exist")]
    [InlineData("/usr/bin/cut", "-d:", "-f1,7", "/etc/passwd")]
    [InlineData("/usr/bin/stat", "-c", "%n %s %a %U %F", "/etc/passwd", "/bin/sh", "/dev/null")]
    [InlineData("/usr/bin/od", "-A", "x", "-t", "x1", "-N", "100", "/bin/ls")]
    [InlineData("/usr/bin/factor", "123456789012345678901")]
    [InlineData("/usr/bin/numfmt", "--to=iec", "123456789")]
    [InlineData("/usr/bin/date", "-u", "-d", "@1000000000")]
    [InlineData("/usr/bin/expr", "6", "*", "7")]
    [InlineData("/usr/bin/test", "-d", "/etc/passwd")]
    [InlineData("/usr/bin/readlink", "-f", "/bin/sh")]
    [InlineData("/usr/bin/head", "-c", "1000", "/dev/zero")]
    [InlineData("/usr/bin/id")]
    [InlineData("/usr/bin/env", "-i", "A=1", "/usr/bin/printenv")]
    [InlineData("/usr/bin/nice", "-n", "19", "/usr/bin/nice")]
    [InlineData("/usr/bin/timeout", "5", "/bin/true")]
    public void Coreutils(params string[] command) => CloisterCommand.AssertSame(command);

    [Fact]
    public void A_large_input_passes_through()
        => CloisterCommand.AssertSame(["/usr/bin/sha256sum"], new string('x', 3_000_000));

    [Theory]
    [InlineData("/bin/dash")]
    [InlineData("/bin/bash")]
    public void Shell_scripts(string shell) => CloisterCommand.AssertSame([shell, CloisterCommand.ProgramFile("script.sh")]);

    [Theory]
    [InlineData("/bin/bash")]
    [InlineData("/bin/dash")]
    [InlineData("/bin/busybox", "sh")]
    public void Shell_pipelines(params string[] shell) => CloisterCommand.AssertSame([.. shell, CloisterCommand.ProgramFile("pipelines.sh")]);

    [Theory]
    [InlineData("repository.sh", "/usr/bin/git")]
    [InlineData("build.sh", "/usr/bin/make")]
    public void Real_work_of_shells(string script, string needed)
    {
        Assert.SkipUnless(File.Exists(needed), $"{needed} is not installed.");
        CloisterCommand.AssertSame(["/bin/bash", CloisterCommand.ProgramFile(script)]);
    }

    [Theory]
    [InlineData("threads.py")]
    [InlineData("processes.py")]
    [InlineData("libraries.py")]
    [InlineData("children.py")]
    [InlineData("matrices.py")]
    public void Python_programs(string name) => CloisterCommand.AssertSame([Python, CloisterCommand.ProgramFile(name)]);

    [Fact]
    public void Python_ends_by_an_exception()
        => CloisterCommand.AssertSame([Python, "-c", "raise ValueError('wrong')"]);

    [Theory]
    [InlineData("/usr/bin/perl", "-MList::Util=sum", "-e", "print sum(map { $_ ** 2 } 1..1000), qq(\\n)")]
    [InlineData("/usr/bin/perl", "-e", "open(F, '</etc/passwd'); @l = <F>; print scalar(@l); die 'dead'")]
    [InlineData("/usr/bin/sqlite3", ":memory:", "with recursive n(i) as (select 1 union all select i+1 from n where i<10000) select sum(i*i) from n;")]
    [InlineData("/usr/bin/jq", "-n", "[range(100)] | map(. * .) | add")]
    [InlineData("/usr/bin/gawk", "BEGIN { for (i = 0; i < 1000; i++) s += sin(i); printf \"%.6f\\n\", s }")]
    [InlineData("/usr/bin/gawk", "-F:", "{ print $1 }", "/etc/passwd")]
    [InlineData("/usr/bin/openssl", "sha256", "/etc/services")]
    [InlineData("/usr/bin/openssl", "enc", "-aes-256-ctr", "-pbkdf2", "-S", "0011223344556677", "-k", "key", "-a", "-in", "/etc/passwd")]
    [InlineData("/usr/bin/rg", "--sort", "path", "deb", "/etc/apt")]
    [InlineData("/usr/bin/rg", "-j4", "-c", "localhost", "/etc/hosts")]
    public void Tools(params string[] command) => CloisterCommand.AssertSame(command);

    [Fact]
    public void Xz_with_two_threads()
    {
        // Its output is no text, so a file is compared by its checksum, inside and natively.
        const string program = "import subprocess, hashlib; print(hashlib.sha256(subprocess.run(['/usr/bin/xz', '-T2', '--block-size=300000', '-kc', "
            + "'/bin/bash'], stdout=subprocess.PIPE, check=True).stdout).hexdigest())";
        CloisterCommand.AssertSame([Python, "-c", program]);
    }

    [Fact]
    public void Restic_written_in_Go()
    {
        CloisterCommand.AssertSame(["/usr/bin/restic", "version"]);
        CloisterCommand.AssertSame(["/usr/bin/restic", "-r", "/does/not/exist", "--password-file", "/etc/hostname", "--no-cache", "snapshots"]);
    }

    [Fact]
    public void Node_with_worker_threads() => CloisterCommand.AssertSame(["/usr/bin/node", CloisterCommand.ProgramFile("workers.js")]);

    [Fact]
    public void Node_ends_by_an_exception()
        => Assert.Equal(1, CloisterCommand.AssertSame(["/usr/bin/node", "-e", "throw new Error('wrong')"], compareError: false).Status);

    [Fact]
    public void Java_with_threads()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/javac"), "javac is not installed.");
        string source = CloisterCommand.ProgramFile("Threads.java");
        string compiled = Path.Combine(CloisterCommand.Cache, "Threads.class");
        if (!File.Exists(compiled) || File.GetLastWriteTimeUtc(compiled) < File.GetLastWriteTimeUtc(source))
        {
            ProgramResult result = ProgramResult.Of("/usr/bin/javac", ["-d", CloisterCommand.Cache, source]);
            Assert.True(result.Status == 0, result.Error);
        }

        CloisterCommand.AssertSame(["/usr/bin/java", "-Xmx256m", "-cp", CloisterCommand.Cache, "Threads"]);
    }

    [Fact]
    public void Dotnet()
    {
        string program = Path.Combine(CloisterCommand.Repository, "tests", "programs", "Hello", "bin", "Release", "net10.0", "Hello.dll");
        Assert.SkipUnless(File.Exists(program), "Built by a release build only.");
        CloisterCommand.AssertSame(["/usr/bin/dotnet", program]);
    }
}
