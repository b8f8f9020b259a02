using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Cloister.Sdk.Verifier;
using Xunit;

namespace Cloister.Monitor.Tests;

/// <summary>Debian's kernel as it is packaged, on the monitor: to a shell and back, with the driver and enclaves.</summary>
public sealed class LinuxTests(Machines machines, ITestOutputHelper output)
{
    [Fact]
    public void DebiansKernelRunsEnclavesByTheDriver()
    {
        string linux = Machines.FetchLinux();
        string driver = machines.BuildDriver(linux);
        string text = Boot(linux, 2, 512, "quiet cloister.pool=64M", $"""
            insmod /cloister_keystone.ko
            /launch /agent 40 pool
            echo launched $?
            rmmod cloister_keystone && insmod /cloister_keystone.ko && echo loaded again
            for i in 1 2; do echo 0 > /sys/devices/system/cpu/cpu1/online; echo 1 > /sys/devices/system/cpu/cpu1/online; done
            echo hart $(cat /sys/devices/system/cpu/cpu1/online) is back
            dmesg | grep -E 'BUG|Oops|Call Trace|INFO: ' && echo trouble
            """, [driver, MakeLauncher(), MakeAgent()]);
        Assert.Contains("launched 0", text, StringComparison.Ordinal);
        Assert.Contains("loaded again", text, StringComparison.Ordinal);
        Assert.Contains("hart 1 is back", text, StringComparison.Ordinal);
        Assert.DoesNotContain("FAILED", text, StringComparison.Ordinal);
        Assert.DoesNotContain("trouble", text, StringComparison.Ordinal);
        Assert.Contains("Restarting system", text, StringComparison.Ordinal);
        string[] words = text.Split('\n').First(line => line.StartsWith("data linux ", StringComparison.Ordinal)).Trim().Split(' ');
        var report = new AttestationReport(Convert.FromHexString(words[2]));
        Assert.Equal("from Linux"u8.ToArray(), report.UserData.ToArray());
        Assert.Equal(ReportProblem.None, report.Verify(AttestationReport.SimulatedDevice, MonitorImage.Measure(File.ReadAllBytes(machines.Monitor)),
            EnclaveMeasurement.Compute(File.ReadAllBytes(MakeAgent()), new byte[4096], new byte[4096])));
    }

    [Fact]
    public void EnclavesInCSharpCallTheirHostAndKeepSecrets()
    {
        string linux = Machines.FetchLinux();
        string hello = machines.Enclave("Cloister.Example.Hello"), secret = machines.Enclave("Cloister.Example.Secret");
        string text = Boot(linux, 1, 512, "quiet cloister.pool=64M", """
            insmod /cloister_keystone.ko
            /host /Cloister.Example.Hello; echo hello $?
            /host /Cloister.Example.Secret first; echo secret $?
            echo report1 $(hexdump -v -e '1/1 "%02x"' report)
            /host /Cloister.Example.Secret second; echo secret $?
            echo report2 $(hexdump -v -e '1/1 "%02x"' report)
            printf x | dd of=sealed bs=1 seek=20 conv=notrunc 2> /dev/null
            /host /Cloister.Example.Secret third; echo changed $?
            """, [machines.BuildDriver(linux), MakeHost(), hello, secret]);
        const string Hello = "Hello from an enclave.\r\nThe host added: 11, 22, 33.\r\nIt has no function 63.\r\nhello 42";
        Assert.Contains(Hello, text, StringComparison.Ordinal);
        Assert.Contains("The secret is new.\r\nsecret 0", text, StringComparison.Ordinal);
        Assert.Contains("The secret is the one of an earlier run.\r\nsecret 0", text, StringComparison.Ordinal);
        Assert.Contains("The host has changed the sealed file.\r\nchanged 1", text, StringComparison.Ordinal);
        byte[] monitor = MonitorImage.Measure(File.ReadAllBytes(machines.Monitor));
        byte[] enclave = EnclaveMeasurement.Compute(File.ReadAllBytes(secret), new byte[1], new byte[1]);
        AttestationReport first = Report("report1"), second = Report("report2");
        Assert.Equal(ReportProblem.None, first.Verify(AttestationReport.SimulatedDevice, monitor, enclave));
        Assert.Equal(ReportProblem.None, second.Verify(AttestationReport.SimulatedDevice, monitor, enclave));
        Assert.Equal("first"u8.ToArray(), first.UserData[..5].ToArray());
        Assert.Equal("second"u8.ToArray(), second.UserData[..6].ToArray());
        Assert.Equal(first.UserData[32..].ToArray(), second.UserData[32..].ToArray());

        AttestationReport Report(string name) => new(Convert.FromHexString(text.Split('\n')
            .First(line => line.StartsWith(name + " ", StringComparison.Ordinal)).Trim()[(name.Length + 1)..]));
    }

    [Theory]
    [InlineData(1, 96)]
    [InlineData(8, 3000)]
    public void DebiansKernelBootsAndEnds(int harts, int megabytes)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("CLOISTER_NIGHTLY") == "1", "One boot is enough by day; ./test.sh --nightly runs it.");
        string text = Boot(Machines.FetchLinux(), harts, megabytes, "quiet", "echo harts $(grep -c ^processor /proc/cpuinfo)", []);
        Assert.Contains($"harts {harts}", text, StringComparison.Ordinal);
        Assert.Contains("Restarting system", text, StringComparison.Ordinal);
    }

    private string MakeHost()
    {
        string program = Path.Combine(machines.Folder, "host"), sources = Path.Combine(Machines.Home, "Host");
        Assert.Equal("", Machines.Run("riscv64-linux-gnu-gcc", ["-O1", "-Wall", "-Wextra", "-Werror", "-static", "-I", sources,
            "-I", Path.Combine(Machines.Home, "Driver"),
            Path.Combine(sources, "host.c"), Path.Combine(sources, "cloister_enclave.c"), "-o", program]));
        return program;
    }

    private string MakeLauncher()
    {
        string program = Path.Combine(machines.Folder, "launch");
        Assert.Equal("", Machines.Run("riscv64-linux-gnu-gcc", ["-O1", "-Wall", "-Wextra", "-Werror", "-static", "-pthread",
            "-I", Path.Combine(Machines.Home, "Kernel"),
            "-I", Path.Combine(Machines.Home, "Driver"), Path.Combine(Machines.Home, "Launcher", "launch.c"), "-o", program]));
        return program;
    }

    private string MakeAgent()
    {
        string agent = Path.Combine(machines.Folder, "agent");
        Assert.Equal("", Machines.Run("riscv64-linux-gnu-objcopy", ["-O", "binary", "-j", ".agent", machines.Kernel, agent]));
        return agent;
    }

    private string Boot(string linux, int harts, int megabytes, string arguments, string script, string[] files)
    {
        string root = Path.Combine(machines.Folder, Guid.NewGuid().ToString());
        Directory.CreateDirectory(Path.Combine(root, "bin"));
        foreach (string name in (string[])["proc", "sys", "dev"])
            Directory.CreateDirectory(Path.Combine(root, name));
        File.Copy(Path.Combine(linux, "usr/bin/busybox"), Path.Combine(root, "bin/busybox"));
        File.CreateSymbolicLink(Path.Combine(root, "bin/sh"), "busybox");
        foreach (string file in files)
            File.Copy(file, Path.Combine(root, Path.GetFileName(file)));
        string init = Path.Combine(root, "init");
        File.WriteAllText(init, "#!/bin/sh\n/bin/busybox --install -s /bin\nmount -t proc proc /proc; mount -t sysfs sys /sys\n" +
            "mount -t devtmpfs dev /dev\n" + script + "\nreboot -f\n");
        File.SetUnixFileMode(init, (UnixFileMode)0b111_101_101);
        string image = root + ".gz";
        Machines.Run("sh", ["-c", $"cd '{root}' && find . | cpio -o -H newc -R 0:0 | gzip -1 > '{image}'"]);
        string text = Machines.Boot(machines.Monitor, Path.Combine(linux, "vmlinux"), harts, megabytes,
            "console=ttyS0 panic=-1 " + arguments, ["-initrd", image]);
        output.WriteLine(text);
        return text;
    }
}
