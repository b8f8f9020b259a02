using System;
using System.CommandLine;
using System.IO;
using Cloister.Host;
using Cloister.Sdk.Verifier;

namespace Cloister.Cli.Keystone;

/// <summary>The options that name what an enclave is made of, and a monitor.</summary>
internal sealed class PartOptions
{
    private readonly Option<string?> _loader = File("--loader", "The part that runs first.");
    private readonly Option<string?> _runtime = File("--runtime", "The runtime [default: none, a page of zeros].");
    private readonly Option<string?> _application = File("--application", "The application [default: none, a page of zeros].");
    private readonly Option<string?> _monitor = File("--monitor", "The monitor's ELF file.");

    public void AddTo(Command command)
    {
        command.Options.Add(_loader);
        command.Options.Add(_runtime);
        command.Options.Add(_application);
        command.Options.Add(_monitor);
    }

    /// <summary>The measurement of the enclave; nothing where no part is named.</summary>
    public byte[]? MeasureEnclave(ParseResult result)
    {
        string? loader = result.GetValue(_loader), runtime = result.GetValue(_runtime), application = result.GetValue(_application);
        if (loader is null && runtime is null && application is null)
            return null;
        if (loader is null)
            throw new HostException("An enclave has a part that runs first: name it with --loader.");
        return EnclaveMeasurement.Compute(ReadFile(loader), ReadPart(runtime), ReadPart(application));
    }

    // A part that an enclave doesn't have is a page of zeros, as src/sdk/host makes it.
    private static byte[] ReadPart(string? path) => path is null ? [0] : ReadFile(path);

    /// <summary>The measurement of the monitor; nothing where none is named.</summary>
    public byte[]? MeasureMonitor(ParseResult result)
    {
        if (result.GetValue(_monitor) is not { } path)
            return null;
        try
        {
            return MonitorImage.Measure(ReadFile(path));
        }
        catch (InvalidDataException exception)
        {
            throw new HostException($"'{path}': {exception.Message}", exception);
        }
    }

    public static byte[] ReadFile(string path)
    {
        try
        {
            return System.IO.File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"'{path}' can't be read: {exception.Message}", exception);
        }
    }

    private static Option<string?> File(string name, string description) => new(name) { Description = description, HelpName = "FILE" };
}
