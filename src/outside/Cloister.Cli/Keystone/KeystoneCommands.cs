using System;
using System.CommandLine;
using System.IO;
using Cloister.Host;
using Cloister.Host.Terminal;
using Cloister.Sdk.Verifier;

namespace Cloister.Cli.Keystone;

/// <summary><c>cloister keystone</c>: a machine with enclaves; what enclaves and monitors measure, and whether a report is theirs.</summary>
internal static class KeystoneCommands
{
    // A report that doesn't verify isn't a failure of ours.
    private const int NotVerified = 1;

    public static Command Build()
    {
        var command = new Command("keystone", "Makes and runs a machine with Keystone enclaves, measures enclaves and monitors, verifies reports.");
        command.Subcommands.Add(MachineCommands.BuildImage());
        command.Subcommands.Add(MachineCommands.BuildShell());
        command.Subcommands.Add(BuildMeasure());
        command.Subcommands.Add(BuildVerify());
        return command;
    }

    private static Command BuildMeasure()
    {
        var parts = new PartOptions();
        var command = new Command("measure", "Prints what a report will say of an enclave made of these files, and of a monitor.");
        parts.AddTo(command);
        command.SetAction(result =>
        {
            byte[]? enclave = parts.MeasureEnclave(result), monitor = parts.MeasureMonitor(result);
            if (enclave is null && monitor is null)
                throw new HostException("Name what to measure: an enclave, with --loader, or a --monitor.");
            if (monitor is not null)
                LauncherOutput.WriteOutput($"monitor {Convert.ToHexStringLower(monitor)}\n");
            if (enclave is not null)
                LauncherOutput.WriteOutput($"enclave {Convert.ToHexStringLower(enclave)}\n");
            return 0;
        });
        return command;
    }

    private static Command BuildVerify()
    {
        var parts = new PartOptions();
        var report = new Option<string>("--report") { Description = "The report, 1,352 bytes.", HelpName = "FILE", Required = true };
        var device = new Option<string?>("--device-key")
        {
            Description = "The device's public key, 64 hexadecimal digits [default: that of the simulated device].",
            HelpName = "HEX",
        };
        var command = new Command("verify", "Verifies a report: the device's signature of the monitor, the monitor's of the enclave, what both are.")
        {
            report, device,
        };
        parts.AddTo(command);
        command.SetAction(result =>
        {
            AttestationReport read = Read(result.GetValue(report)!);
            ReportProblem problem = read.Verify(DeviceKey(result.GetValue(device)), parts.MeasureMonitor(result), parts.MeasureEnclave(result));
            string simulated = read.IsSimulated ? " (simulated root of trust)" : "";
            LauncherOutput.WriteOutput(problem != ReportProblem.None ? $"not verified: {Describe(problem)}\n"
                : $"verified{simulated}\nmonitor {Convert.ToHexStringLower(read.MonitorMeasurement)}\n" +
                  $"enclave {Convert.ToHexStringLower(read.Enclave)}\ndata {Convert.ToHexStringLower(read.UserData)}\n");
            return problem == ReportProblem.None ? 0 : NotVerified;
        });
        return command;
    }

    private static string Describe(ReportProblem problem) => problem switch
    {
        ReportProblem.UnknownDevice => "another device made it",
        ReportProblem.MonitorNotSigned => "the device hasn't signed the monitor",
        ReportProblem.OtherMonitor => "it is of another monitor",
        ReportProblem.EnclaveNotSigned => "the monitor hasn't signed the enclave",
        _ => "it is of another enclave",
    };

    private static ReadOnlySpan<byte> DeviceKey(string? digits)
    {
        if (digits is null)
            return AttestationReport.SimulatedDevice;
        try
        {
            byte[] key = Convert.FromHexString(digits);
            if (key.Length == AttestationReport.SimulatedDevice.Length)
                return key;
        }
        catch (FormatException)
        {
        }

        throw new HostException($"'{digits}' is no key of 64 hexadecimal digits.");
    }

    private static AttestationReport Read(string path)
    {
        try
        {
            return new AttestationReport(PartOptions.ReadFile(path));
        }
        catch (InvalidDataException exception)
        {
            throw new HostException($"'{path}' is no report: {exception.Message}", exception);
        }
    }
}
