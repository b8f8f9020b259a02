using System;
using System.IO;

namespace Cloister.Programs.Tests;

/// <summary>Programs with less memory than they would like to have.</summary>
public sealed class MemoryTests : IDisposable
{
    private const int FileSize = 192 << 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("cloister-memory-").FullName;

    public MemoryTests()
    {
        // A hole, but for bytes that tell pages apart.
        using FileStream file = File.Create(Path.Combine(_folder, "large"));
        file.SetLength(FileSize);
        for (long at = 0; at < FileSize; at += 1 << 16)
        {
            file.Position = at;
            file.Write(BitConverter.GetBytes(at));
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void FileLargerThanMemoryIsRead() => AssertSame([], Path.Combine(_folder, "large"));

    [Fact]
    public void FileOfAShareLargerThanMemoryIsRead() => AssertSame(["-v", _folder + ":/mnt"], "/mnt/large");

    private void AssertSame(string[] options, string file)
    {
        ProgramResult native = ProgramResult.Of("/usr/bin/sha256sum", [Path.Combine(_folder, "large")]);
        ProgramResult inside = CloisterCommand.Do(["-m", "64M", .. options], ["/usr/bin/sha256sum", file]);
        Assert.True(inside.Status == 0, inside.Error);
        Assert.Equal(native.Output[..64], inside.Output[..64]);
    }
}
