using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Cloister.Monitor.Boot;
using Cloister.Monitor.Enclaves;
using Cloister.Sdk.Verifier;
using Xunit;

namespace Cloister.Monitor.Tests;

/// <summary>The monitor on QEMU's machine, with a kernel of ours that calls, attacks and measures (tests/monitor).</summary>
public sealed class MachineTests(Machines machines, ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, 128, "rv64")]
    [InlineData(2, 256, "rv64")]
    [InlineData(8, 128, "rv64")]
    [InlineData(2, 128, "rv64,sstc=off")]
    [InlineData(1, 128, "rv64,h=off")]
    [InlineData(1, 128, "rv64,v=true,vext_spec=v1.0")]
    [InlineData(1, 128, "rv64,v=true,vext_spec=v1.0,vlen=1024")]
    public void EveryCheckOfTheKernelHolds(int harts, int megabytes, string processor)
    {
        string[] lines = Boot(harts, megabytes, processor, "fuzz=1000");
        Assert.Equal(processor.Contains("v=true", StringComparison.Ordinal), lines.Contains("ok     an enclave keeps its vectors"));
        Assert.Equal($"harts {harts}", lines[0]);
        Assert.DoesNotContain(lines, line => line.StartsWith("monitor:", StringComparison.Ordinal));
        Assert.Contains("fuzzed 1000", lines);

        // What a report says is what was signed, whatever another hart made of the data meanwhile.
        string[][] raced = [.. lines.Select(line => line.Split(' ')).Where(words => words is ["data", "raced", _])];
        Assert.Equal(harts == 1 ? 0 : 4, raced.Length);
        byte[] monitor = MonitorImage.Measure(File.ReadAllBytes(machines.Checked));
        Assert.All(raced, words => Assert.Equal(ReportProblem.None,
            new AttestationReport(Convert.FromHexString(words[2])).Verify(AttestationReport.SimulatedDevice, monitor, default)));
    }

    [Fact]
    public void RefusalsAreExplainedWhereTheCommandLineSaysSo()
    {
        string[] lines = Boot(1, 128, "rv64", "cloister.log");
        Assert.Contains("monitor: Cloister.Monitor, simulated root of trust", lines);
        Assert.Contains("monitor: call 2003 refused (100001): there is no such enclave", lines);
        Assert.Contains("monitor: call 2001 refused (100006): memory is the monitor's, another enclave's, or named twice", lines);
        Assert.Contains("monitor: call 3003 refused (100007): an address isn't the enclave's, or a number is too large", lines);
    }

    [Fact]
    public void AMillionCallsBreakNothing()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("CLOISTER_NIGHTLY") == "1", "Long; ./test.sh --nightly runs it.");
        string text = Machines.Boot(machines.Checked, machines.Kernel, 1, 128, "fuzz=1000000", [], TimeSpan.FromHours(3));
        Assert.Contains("fuzzed 1000000", text);
        Assert.Contains("failures 0", text);
    }

    private string[] Boot(int harts, int megabytes, string processor, string arguments)
    {
        // Several harts run at once, which is what is to be tested; one has its own time.
        string text = Machines.Boot(machines.Checked, machines.Kernel, harts, megabytes, arguments,
            ["-cpu", processor, .. harts == 1 ? Machines.CountedTime : []]);
        string[] lines = text.Split('\n', StringSplitOptions.TrimEntries);
        foreach (string line in lines.Where(line => !line.StartsWith("ok ", StringComparison.Ordinal) &&
            !line.StartsWith("data ", StringComparison.Ordinal)).Take(60))
            output.WriteLine(line);
        Assert.DoesNotContain(lines, line => line.StartsWith("FAILED", StringComparison.Ordinal));
        Assert.Contains("failures 0", lines);
        Assert.Contains("end", lines);
        return lines;
    }

    [Fact]
    public void ReportsVerifyAndKeysAreWhatTheSecretSays()
    {
        var data = new Dictionary<string, byte[]>();
        foreach (string[] words in Boot(1, 128, "rv64", "").Select(line => line.Split(' ')).Where(words => words[0] == "data"))
            data[words[1]] = Convert.FromHexString(words[2]);
        byte[] measurement = Measure(data["image"]);
        byte[] image = File.ReadAllBytes(machines.Checked);

        // The same stage, run here with the same secret and the image's bytes from its file.
        var identity = default(Identity);
        byte[] secret = "Cloister simulated device key 01"u8.ToArray();
        FirstStage.Run(MonitorImage.Memory(image), secret, ref identity);
        Assert.All(secret, value => Assert.Equal(0, value));
        byte[] expected = new byte[1352];
        "sixteen letters!"u8.CopyTo(expected.AsSpan(72));
        Attestation.WriteReport(measurement, in identity, 16, expected);
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(data["report"]));
        Verify(data["report"], measurement);
        Verify(data["empty"], measurement);
        Assert.Equal(data["empty"], data["moved"]);
        byte[] changed = [.. data["image"]];
        changed[^1]++;
        Verify(data["changed"], Measure(changed));

        byte[] sealing = new byte[192];
        Attestation.WriteSealingKey(measurement, in identity, "name"u8, sealing);
        Assert.Equal(sealing, data["seal"]);
    }

    private static byte[] Measure(byte[] image) => EnclaveMeasurement.Compute(image, new byte[4096], new byte[1]);

    private void Verify(byte[] bytes, byte[] measurement)
    {
        byte[] monitor = MonitorImage.Measure(File.ReadAllBytes(machines.Checked)), other = new byte[64];
        var report = new AttestationReport(bytes);
        Assert.True(report.IsSimulated);
        Assert.Equal(ReportProblem.None, report.Verify(AttestationReport.SimulatedDevice, monitor, measurement));
        Assert.Equal(ReportProblem.OtherEnclave, report.Verify(AttestationReport.SimulatedDevice, monitor, other));
        Assert.Equal(ReportProblem.OtherMonitor, report.Verify(AttestationReport.SimulatedDevice, other, measurement));
        Assert.Equal(ReportProblem.UnknownDevice, report.Verify(other.AsSpan(0, 32), monitor, measurement));
        // A changed bit is found wherever a signature covers it; behind the data nothing is signed, and nothing is read.
        // The length is at 64; another in its low byte is one that a report can have.
        foreach (int place in (int[])[0, 63, 64, 1096, 1160, 1224, 1256, 1320])
        {
            byte[] changed = [.. bytes];
            changed[place] ^= 1;
            Assert.NotEqual(ReportProblem.None, new AttestationReport(changed).Verify(AttestationReport.SimulatedDevice, monitor, measurement));
        }

        byte[] impossible = [.. bytes];
        impossible[71] = 1;
        Assert.Throws<InvalidDataException>(() => new AttestationReport(impossible));
    }
}
