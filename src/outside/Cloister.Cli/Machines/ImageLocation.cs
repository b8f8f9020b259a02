using System;
using System.IO;

namespace Cloister.Cli.Machines;

/// <summary>Where the kernel's image is, if the user doesn't say: beside the command, or where 'cloister image build' puts it.</summary>
internal static class ImageLocation
{
    private const string Name = "cloister-kernel.x86_64";

    /// <summary>The image to use.</summary>
    public static string Find(string? given)
    {
        if ((given ?? Environment.GetEnvironmentVariable("CLOISTER_IMAGE")) is { Length: > 0 } chosen)
            return Path.GetFullPath(chosen);
        string beside = Path.Combine(AppContext.BaseDirectory, Name);
        return File.Exists(beside) || FindRepository() is not { } repository ? beside : InRepository(repository);
    }

    /// <summary>Where the image of a clone of the sources is.</summary>
    public static string InRepository(string repository) => Path.Combine(repository, ".build", Name);

    /// <summary>The clone of the sources that the command was built in; null where it was installed without.</summary>
    public static string? FindRepository()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Cloister.slnx")))
                return folder.FullName;
        }

        return null;
    }
}
