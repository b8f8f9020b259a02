using System;
using System.Collections.Generic;
using System.IO;

namespace Cloister.Programs.Tests;

/// <summary>An encrypted volume in a folder of its own, with its key.</summary>
internal sealed class TestVolume : IDisposable
{
    public TestVolume(string size = "64M")
    {
        Folder = Directory.CreateTempSubdirectory("volume").FullName;
        File = System.IO.Path.Combine(Folder, "volume");
        Key = WriteKey("key", 1);
        ProgramResult made = Fs("create", ["--size", size]);
        Assert.True(made.Status == 0, made.Error);
    }

    public string Folder { get; }

    public string File { get; }

    public string Key { get; }

    /// <summary>Options of <c>cloister do</c> that mount it.</summary>
    public string[] MountAt(string directory) => ["--volume-enc", $"{File}:{directory}", "--key-file", Key];

    /// <summary>Runs <c>cloister fs COMMAND FILE --key-file KEY ARGUMENTS</c>; the command may have two words.</summary>
    public ProgramResult Fs(string command, params IEnumerable<string> arguments) =>
        ProgramResult.Of(CloisterCommand.Path, ["fs", .. command.Split(' '), File, "--key-file", Key, .. arguments]);

    /// <summary>Makes a key file with a key that depends on the seed.</summary>
    public string WriteKey(string name, int seed)
    {
        byte[] key = new byte[32];
        new Random(seed).NextBytes(key);
        string path = System.IO.Path.Combine(Folder, name);
        System.IO.File.WriteAllText(path, Convert.ToHexString(key) + "\n");
        return path;
    }

    public string PathOf(string name) => System.IO.Path.Combine(Folder, name);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
