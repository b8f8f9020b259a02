using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Text;
using Cloister.Host;
using Cloister.Host.Machines;
using Cloister.Host.Terminal;

namespace Cloister.Cli.Machines;

/// <summary><c>cloister image</c>: the kernel's image, which virtual machines start.</summary>
internal static class ImageCommands
{
    public static Command Build()
    {
        var command = new Command("image", "Makes and shows the kernel's image, which virtual machines start.");
        var output = new Option<string?>("--output", "-o") { Description = "Where it goes [default: where 'do --tee vm' looks for it].", HelpName = "FILE" };
        var architecture = new Option<string>("--arch")
        {
            Description = "Its processor: x86_64 or riscv64.",
            HelpName = "NAME",
            DefaultValueFactory = _ => MachineArchitecture.X64.Name,
        };
        var build = new Command("build", "Compiles the kernel. Needs the sources, the .NET SDK and gcc.") { output, architecture };
        build.SetAction(result => Compile(result.GetValue(output), MachineArchitecture.Find(result.GetValue(architecture)!)));
        command.Subcommands.Add(build);
        Add(command, "hash", "Prints the image's SHA-256, which its user has to expect.", image => $"{image.Hash}  {PlainText.Escape(image.Path)}\n");
        Add(command, "info", "Shows the image's size, hash and parts.", Describe);
        return command;
    }

    private static void Add(Command parent, string name, string description, Func<KernelImage, string> describe)
    {
        var file = new Argument<string?>("IMAGE") { Description = "The image [default: the one that 'do --tee vm' uses].", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command(name, description) { file };
        command.SetAction(result =>
        {
            LauncherOutput.WriteOutput(describe(KernelImage.Open(ImageLocation.Find(result.GetValue(file), MachineArchitecture.X64))));
            return 0;
        });
        parent.Subcommands.Add(command);
    }

    private static string Describe(KernelImage image)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"file      {PlainText.Escape(image.Path)}\nsize      {image.Length} bytes\nsha256    {image.Hash}\n");
        text.Append(CultureInfo.InvariantCulture, $"cpu       {image.Architecture.Title}\nboot      {image.Architecture.Boot}\n");
        foreach (ImagePart part in image.Parts)
            text.Append(CultureInfo.InvariantCulture, $"{part.Name,-9} {part.Length,9} bytes at 0x{part.Address:x}\n");
        return text.ToString();
    }

    private static int Compile(string? output, MachineArchitecture architecture)
    {
        string repository = ImageLocation.FindRepository()
            ?? throw new HostException("The kernel's sources aren't here: 'cloister image build' runs from a clone of the repository.");
        string target = Path.GetFullPath(output ?? ImageLocation.InRepository(repository, architecture));
        ImageCompiler.Compile(repository, target, architecture, isQuiet: false);
        LauncherOutput.WriteOutput(Describe(KernelImage.Open(target)));
        return 0;
    }
}
