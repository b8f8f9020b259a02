using System.Diagnostics;
using System.IO;
using Cloister.Host;
using Cloister.Host.Machines;

namespace Cloister.Cli.Machines;

/// <summary>Makes the kernel's image from the sources: eng/kernel-image.sh.</summary>
internal static class ImageCompiler
{
    /// <summary>Makes it, in place of an old one.</summary>
    /// <param name="repository">The clone of the sources.</param>
    /// <param name="target">Where the image goes.</param>
    /// <param name="architecture">Its processor.</param>
    /// <param name="isQuiet">Whether what the compilers say goes to a file beside the image.</param>
    /// <exception cref="HostException">It can't be made.</exception>
    public static void Compile(string repository, string target, MachineArchitecture architecture, bool isQuiet)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        string log = target + ".log";
        var start = new ProcessStartInfo(Path.Combine(repository, "eng", "kernel-image.sh"), [target, "Release", "build"]);
        start.Environment["CLOISTER_IMAGE_CPU"] = architecture.Name;
        if (isQuiet)
            start.Environment["CLOISTER_IMAGE_LOG"] = log;
        try
        {
            using Process process = Process.Start(start)!;
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new HostException($"The kernel can't be compiled: eng/kernel-image.sh ended with status {process.ExitCode}"
                    + (isQuiet ? $"; what it said is in {log}." : "."));
        }
        catch (System.ComponentModel.Win32Exception problem)
        {
            throw new HostException($"The kernel can't be compiled: {problem.Message}.", problem);
        }
    }
}
