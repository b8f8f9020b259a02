using System;
using System.IO;
using System.Linq;
using Cloister.Host.Machines;
using Cloister.Host.Terminal;

namespace Cloister.Cli.Machines;

/// <summary>Where the kernel's image is, if the user doesn't say: beside the command, or where 'cloister image build' puts it.</summary>
internal static class ImageLocation
{
    // What the image is made from, and what changes of it look like.
    private static readonly string[] s_sources = ["src/inside", "src/toolchain/Cloister.Aot", "src/toolchain/Cloister.CoreLib", "src/toolchain/Cloister.Generators"];
    private static readonly string[] s_kinds = [".cs", ".c", ".h", ".S", ".ld", ".template", ".csproj"];

    /// <summary>The image to use. In a clone of the sources it is made where it is missing or older than they are.</summary>
    public static string FindOrMake(string? given, MachineArchitecture architecture)
    {
        string image = Find(given, architecture);
        if (FindRepository() is { } repository && image == InRepository(repository, architecture) && !IsCurrent(image, repository))
        {
            LauncherOutput.WriteError("cloister: compiling the kernel (needed once after each change of its sources)...\n");
            ImageCompiler.Compile(repository, image, architecture, isQuiet: true);
        }

        return image;
    }

    /// <summary>The image to use, whether it is there or not.</summary>
    public static string Find(string? given, MachineArchitecture architecture)
    {
        if ((given ?? Environment.GetEnvironmentVariable("CLOISTER_IMAGE")) is { Length: > 0 } chosen)
            return Path.GetFullPath(chosen);
        string beside = Path.Combine(AppContext.BaseDirectory, NameOf(architecture));
        return File.Exists(beside) || FindRepository() is not { } repository ? beside : InRepository(repository, architecture);
    }

    /// <summary>Whether what was made of the sources is newer than they are.</summary>
    /// <param name="image">What was made.</param>
    /// <param name="repository">The clone of the sources.</param>
    /// <param name="others">Folders of the clone that it was made from too.</param>
    public static bool IsCurrent(string image, string repository, params string[] others)
    {
        if (!File.Exists(image))
            return false;
        DateTime made = File.GetLastWriteTimeUtc(image);
        return !s_sources.Concat(others).Any(folder => HasNewer(new DirectoryInfo(Path.Combine(repository, folder)), made));
    }

    private static bool HasNewer(DirectoryInfo folder, DateTime made) => folder.EnumerateFileSystemInfos().Any(item => item switch
    {
        DirectoryInfo inner => inner.Name is not ("obj" or "bin") && HasNewer(inner, made),
        _ => s_kinds.Contains(item.Extension) && item.LastWriteTimeUtc > made,
    });

    /// <summary>Where the image of a clone of the sources is.</summary>
    public static string InRepository(string repository, MachineArchitecture architecture) => Path.Combine(repository, ".build", NameOf(architecture));

    private static string NameOf(MachineArchitecture architecture) => "cloister-kernel." + architecture.Name;

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
