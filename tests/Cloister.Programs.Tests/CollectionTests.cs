using System.IO;

namespace Cloister.Programs.Tests;

/// <summary>
/// Garbage collections all the time: the runtime stops the threads of the kernel by signals, which arrive in user mode too, on stacks
/// and with registers of programs.
/// </summary>
public sealed class CollectionTests
{
    [Theory]
    [InlineData("threads")]
    [InlineData("signals")]
    [InlineData("processor")]
    public void Programs_of_the_kernel_tests_pass(string name)
    {
        ProgramResult result = CloisterCommand.Do(["--collect"], [SyscallProgramTests.Compile(name)]);
        Assert.True(result.Status == 0, $"status {result.Status}\n{result.Output}{result.Error}");
    }

    [Fact]
    public void Workers_of_node_pass()
    {
        const string node = "/usr/bin/node";
        Assert.SkipUnless(File.Exists(node), "node is not installed.");
        const string script =
            """
            const { Worker, isMainThread, parentPort } = require('worker_threads');
            if (isMainThread) {
                let sum = 0, left = 4;
                for (let i = 0; i < 4; i++)
                    new Worker(__filename).on('message', m => { sum += m; if (--left === 0) console.log(sum); });
            } else {
                let n = 0;
                for (let i = 0; i < 300000; i++) n += JSON.parse(JSON.stringify({ a: i })).a % 7;
                parentPort.postMessage(n);
            }
            """;
        string file = Path.Combine(CloisterCommand.Cache, "workers.js");
        File.WriteAllText(file, script);
        ProgramResult native = ProgramResult.Of(node, [file]);
        ProgramResult inside = CloisterCommand.Do(["--collect"], [node, file]);
        Assert.Equal((native.Status, native.Output), (inside.Status, inside.Output));
    }

    [Fact]
    public void Java_passes()
    {
        const string java = "/usr/bin/java";
        Assert.SkipUnless(File.Exists(java), "java is not installed.");
        ProgramResult result = CloisterCommand.Do(["--collect"], [java, "-XX:TieredStopAtLevel=1", "-version"]);
        Assert.True(result.Status == 0, result.Output + result.Error);
    }
}
