using System;
using System.IO;
using System.Linq;
using Xunit;

namespace Cloister.Aot.Tests;

/// <summary><c>dotnet publish -p:CloisterTarget=NAME</c>.</summary>
public sealed class PublishTests
{
    private static string Repository
    {
        get
        {
            DirectoryInfo? folder = new(Toolbox.Home);
            while (!File.Exists(Path.Combine(folder!.FullName, "Cloister.slnx")))
                folder = folder.Parent;
            return folder.FullName;
        }
    }

    [Fact]
    public void SampleIsPublishedAndRunsInQemu()
    {
        using var toolbox = new Toolbox();
        string sample = Path.Combine(toolbox.Folder, "sample");
        Directory.CreateDirectory(sample);
        foreach (string file in (string[])["Sample.csproj", "Program.cs"])
            File.Copy(Path.Combine(Repository, "tests/aot/sample", file), Path.Combine(sample, file));
        // What the repository's own file gives to all its projects.
        File.WriteAllText(Path.Combine(sample, "Directory.Build.props"), $"""
            <Project>
              <PropertyGroup><TargetFramework>net10.0</TargetFramework><ToolchainFolder>{Repository}/src/toolchain/</ToolchainFolder></PropertyGroup>
            </Project>
            """);
        string published = Path.Combine(toolbox.Folder, "published");
        (string output, string errors, int status) = Toolbox.Run("dotnet", "publish", sample, "-c", "Release", "-nologo", "-nodeReuse:false",
            "-o", published,
            "-p:CloisterTarget=riscv64", "-p:UseSharedCompilation=false", $"-p:CloisterAotFolder={Toolbox.Home}");
        Assert.True(status == 0, output + errors);
        Assert.Equal(42, Driver.Execute(Target.Find("riscv64-qemu-m"), Path.Combine(published, "Sample.riscv64"), out string printed));
        Assert.Equal("Hello from C# without .NET.\n", printed);

        // The map: size, kind and name on each line, the largest first.
        string[][] lines = [.. File.ReadAllLines(Path.Combine(published, "Sample.riscv64.map"))
            .Select(line => line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries))];
        Assert.Contains(lines, line => line[1] == "method" && line[2] == "Program.<Main>$(System.String[])" && int.Parse(line[0]) is > 0 and < 1000);
        Assert.Contains(lines, line => line[1] == "type" && line[2] == "System.String" && int.Parse(line[0]) >= 96);
        Assert.Equal(lines.Select(line => int.Parse(line[0])).OrderDescending(), lines.Select(line => int.Parse(line[0])));
    }

    [Fact]
    public void LibraryIsRefused()
    {
        using var toolbox = new Toolbox();
        File.WriteAllText(Path.Combine(toolbox.Folder, "Library.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <Import Project="{Repository}/src/toolchain/Cloister.Aot/Cloister.Aot.targets" />
            </Project>
            """);
        (string output, _, int status) = Toolbox.Run("dotnet", "publish", toolbox.Folder, "-nologo", "-nodeReuse:false",
            "-p:CloisterTarget=riscv64", "-p:UseSharedCompilation=false");
        Assert.NotEqual(0, status);
        Assert.Contains("CloisterTarget is set for Library, which isn't a console program", output, StringComparison.Ordinal);
    }
}
