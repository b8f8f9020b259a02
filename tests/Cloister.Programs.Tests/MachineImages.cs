using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;

namespace Cloister.Programs.Tests;

/// <summary>The kernel's images, which tests of machines share.</summary>
internal static class MachineImages
{
    /// <summary>Makes an image where it is older than its assemblies, which have been built with this test.</summary>
    /// <param name="cpu">The processor.</param>
    /// <param name="project">The image's project.</param>
    public static string Build(string cpu, string project)
    {
        string image = Path.Combine(CloisterCommand.Cache, "cloister-kernel." + cpu);
        string configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
        string folder = Path.Combine(CloisterCommand.Repository, "src", "inside", project, "bin", configuration, "net10.0");
        DateTime newest = default;
        foreach (string assembly in Directory.GetFiles(folder, "Cloister.*.dll"))
            newest = File.GetLastWriteTimeUtc(assembly) is var time && time > newest ? time : newest;
        if (File.Exists(image) && File.GetLastWriteTimeUtc(image) > newest)
            return image;
        // Takes as long as it takes: a minute, on a busy machine more than a program that hangs is given.
        string script = Path.Combine(CloisterCommand.Repository, "eng", "kernel-image.sh");
        var start = new ProcessStartInfo(script, [image, configuration]);
        start.Environment["CLOISTER_IMAGE_CPU"] = cpu;
        using Process build = Process.Start(start)!;
        build.WaitForExit();
        Assert.Equal(0, build.ExitCode);
        return image;
    }
}
