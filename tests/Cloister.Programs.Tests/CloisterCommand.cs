using System;
using System.Collections.Generic;
using System.IO;

namespace Cloister.Programs.Tests;

/// <summary>The <c>cloister</c> command under test, and the files of this repository.</summary>
internal static class CloisterCommand
{
    private static readonly Lazy<string> Command = new(Find);

    /// <summary>The repository's folder.</summary>
    public static string Repository { get; } = FindRepository();

    public static string Path => Command.Value;

    /// <summary>Folder of what the tests compile.</summary>
    public static string Cache { get; } = Directory.CreateDirectory(System.IO.Path.Combine(AppContext.BaseDirectory, "programs")).FullName;

    public static string ProgramFile(string name) => System.IO.Path.Combine(Repository, "tests", "programs", name);

    /// <summary>Runs <c>cloister do OPTIONS -- COMMAND</c>.</summary>
    public static ProgramResult Do(IEnumerable<string> options, IEnumerable<string> command, string? input = null)
        => ProgramResult.Of(Path, ["do", .. options, "--", .. command], input);

    /// <summary>Runs <c>cloister do -- COMMAND</c>.</summary>
    public static ProgramResult Do(params string[] command) => Do([], command);

    /// <summary>Runs a command natively and inside, and asserts that both print the same and end in the same way.</summary>
    public static ProgramResult AssertSame(IReadOnlyList<string> command, string? input = null, bool compareError = true)
    {
        Assert.SkipUnless(File.Exists(command[0]), $"{command[0]} is not installed.");
        string[] arguments = [.. System.Linq.Enumerable.Skip(command, 1)];
        ProgramResult native = ProgramResult.Of(command[0], arguments, input);
        ProgramResult inside = Do([], command, input);
        // One assertion, so that a failure shows everything that differs.
        Assert.Equal(Describe(native, compareError), Describe(inside, compareError));
        return inside;
    }

    private static string Describe(ProgramResult result, bool withError)
        => $"{result.Output}\nstatus {result.Status}\n{(withError ? result.ErrorOfProgram : "")}";

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("CLOISTER") is { Length: > 0 } given)
            return given;
        // The script builds the command where it is missing or older than the sources.
        ProgramResult version = ProgramResult.Of(System.IO.Path.Combine(Repository, "cloister"), ["version"], limit: TimeSpan.FromMinutes(20));
        if (version.Status != 0)
            throw new InvalidOperationException($"cloister can't be built: {version.Error}");
        return System.IO.Path.Combine(Repository, ".build", "cloister", "cloister");
    }

    private static string FindRepository()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Cloister.slnx")))
                return folder.FullName;
        throw new InvalidOperationException("These tests run from within the repository.");
    }
}
