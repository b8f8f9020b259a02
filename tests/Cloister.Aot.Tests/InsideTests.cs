using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace Cloister.Aot.Tests;

/// <summary>The inside assemblies by our compiler: every method compiles, and what CoreCLR computes with them, compiled programs compute.</summary>
public sealed class InsideTests
{
    private static readonly string[] s_assemblies = ["Abi", "Contracts", "Hal", "Crypto", "Storage", "Nucleus", "Vfs", "Net", "Linux", "Kernel"];

    public static TheoryData<string> Boards => ["riscv64-qemu-m", "aarch64-qemu", "x86_64-pvh"];

    [Theory]
    [MemberData(nameof(Boards))]
    public void EverythingCompiles(string machine)
    {
        string[] paths = [.. s_assemblies.Select(name => Compiled.Assembly("Cloister." + name)).Prepend(Compiled.Assembly("Cloister.Aot.Volume"))];
        Target target = Target.Find(machine);
        (Compilation compilation, List<(string Name, string Text)> files) = Driver.ToC(Compiled.CoreLibrary, paths, target, isWhole: true);
        foreach (string name in s_assemblies.Except(["Abi", "Contracts", "Hal"]))
            Assert.True(compilation.Methods.Keys.Count(method => method.Record.Module.Name == "Cloister." + name) > 20, name);
        if (Environment.GetEnvironmentVariable("CLOISTER_NIGHTLY") != "1" && machine != "riscv64-qemu-m")
            return;
        string folder = Directory.CreateTempSubdirectory("cloister-aot").FullName;
        try
        {
            Driver.Build(target, files, Path.Combine(AppContext.BaseDirectory, "Runtime"), folder, Path.Combine(folder, "image"),
                new BuildOptions(Optimization: "1"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Boards))]
    public void EveryAlgorithmGivesItsVectorsOnBoards(string machine) =>
        Assert.Equal(Compiled.RunOnCoreClr("Cloister.Aot.Vectors"), Compiled.RunOn(machine, "Cloister.Aot.Vectors", "Cloister.Crypto"));

    [Theory]
    [MemberData(nameof(Boards))]
    public void VolumeComesThroughCrashesOnBoards(string machine) => Assert.Equal(Compiled.RunOnCoreClr("Cloister.Aot.Volume"),
        Compiled.RunOn(machine, "Cloister.Aot.Volume", "Cloister.Storage", "Cloister.Crypto", "Cloister.Contracts", "Cloister.Abi"));

    [Theory]
    [InlineData("generic")]
    [InlineData("haswell")]
    public void EveryAlgorithmGivesItsVectors(string processor)
    {
        bool isHere = System.Runtime.Intrinsics.X86.Aes.IsSupported && System.Runtime.Intrinsics.X86.Pclmulqdq.IsSupported
            && System.Runtime.Intrinsics.X86.Avx2.IsSupported;
        Assert.SkipUnless(processor == "generic" || isHere, "This machine doesn't have the instructions.");
        string expected = Compiled.RunOnCoreClr("Cloister.Aot.Vectors");
        Assert.EndsWith("all right\nstatus 0", expected, StringComparison.Ordinal);
        Assert.Equal(expected, Compiled.Run(Processor.All.Single(candidate => candidate.Name == processor), "Cloister.Aot.Vectors",
            "Cloister.Crypto"));
    }

    [Fact]
    public void VolumeComesThroughCrashes()
    {
        string expected = Compiled.RunOnCoreClr("Cloister.Aot.Volume");
        Assert.EndsWith("all right\nstatus 0", expected, StringComparison.Ordinal);
        Assert.Equal(expected, Compiled.Run(Processor.Generic, "Cloister.Aot.Volume", "Cloister.Storage", "Cloister.Crypto", "Cloister.Contracts",
            "Cloister.Abi"));
    }
}
