using System;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Cloister.Sdk.Verifier;
using Xunit;

namespace Cloister.Monitor.Tests;

/// <summary>What the monitor's image is: small, bounded, and without floating point.</summary>
public sealed class ImageTests(Machines machines, ITestOutputHelper output)
{
    [Fact]
    public void ImageIsSmallAndItsStackIsBounded()
    {
        long size = new FileInfo(machines.Monitor).Length;
        output.WriteLine($"image {size:N0} bytes, worst-case stack {machines.Stack.Bytes:N0} bytes of {Machines.StackSize / Machine.MaxHarts:N0}");
        output.WriteLine(string.Join(Environment.NewLine, machines.Stack.Path));
        Assert.InRange(size, 1, 128 << 10);
        // The frame of a trap lies at the top of each hart's stack.
        Assert.InRange(machines.Stack.Bytes, 1, Machines.StackSize / Machine.MaxHarts - 512);
    }

    [Fact]
    public void SourceIsSmall()
    {
        int code = Directory.GetFiles(Path.Combine(Machines.Home, "Source"), "*.cs", SearchOption.AllDirectories).Sum(file => File.ReadLines(file).Count());
        int assembly = File.ReadLines(Path.Combine(Machines.Home, "Board", "entry.S")).Count();
        output.WriteLine($"{code:N0} lines of C#, {assembly:N0} of assembly");
        Assert.InRange(code, 1, 5000);
        Assert.InRange(assembly, 1, 400);
    }

    [Fact]
    public void BuildsInTwoFoldersAreEqualAndAChangedByteIsMeasured()
    {
        string folder = Directory.CreateDirectory(Path.Combine(machines.Folder, "another", "place")).FullName;
        byte[] first = File.ReadAllBytes(machines.Monitor), second = File.ReadAllBytes(Machines.Compile("Cloister.Monitor", folder).Path);
        Assert.Equal(Convert.ToHexString(first), Convert.ToHexString(second));

        byte[] measurement = MonitorImage.Measure(first);
        int entry = first.AsSpan().IndexOf(MonitorImage.Memory(first).AsSpan(0, 64));
        foreach (int place in (int[])[entry, entry + 4095, entry + 40_000])
        {
            byte[] changed = [.. first];
            changed[place] ^= 1;
            Assert.NotEqual(measurement, MonitorImage.Measure(changed));
        }
    }

    [Fact]
    public void StateFitsWhereEntryCodeHasRoom()
    {
        string entry = File.ReadAllText(Path.Combine(Machines.Home, "Board", "entry.S"));
        Assert.Equal(Machine.Room.ToString(), Regex.Match(entry, @"\.set STATE_SIZE, (\d+)").Groups[1].Value);
        output.WriteLine($"state {Unsafe.SizeOf<Machine>():N0} bytes of {Machine.Room:N0}");
        Assert.InRange(Unsafe.SizeOf<Machine>(), 1, Machine.Room);
        Assert.Equal(Machine.MaxHarts.ToString(), Regex.Match(entry, @"\.set HARTS, (\d+)").Groups[1].Value);
        Assert.Equal(Unsafe.SizeOf<Hardware.TrapFrame>() - 16, int.Parse(Regex.Match(entry, @"\.set PROGRAM_COUNTER, (\d+)").Groups[1].Value));
        Assert.InRange(Unsafe.SizeOf<Hardware.TrapFrame>(), 1, int.Parse(Regex.Match(entry, @"\.set FRAME, (\d+)").Groups[1].Value));
    }

    [Fact]
    public void OnlyTheSwitchUsesFloatingPoint()
    {
        // Registers of the host are in the processor while the monitor runs: an instruction that the compiler chose would leak and destroy them.
        string[] lines = Machines.Run("riscv64-linux-gnu-objdump", ["-d", "--no-show-raw-insn", machines.Monitor]).Split('\n');
        string function = "";
        var users = lines.Select(line =>
        {
            Match name = Regex.Match(line, "<(.*)>:$");
            function = name.Success ? name.Groups[1].Value : function;
            return Regex.IsMatch(line, @":\t(c\.)?f(?!ence)[a-z.0-9]+\s") ? function : null;
        }).OfType<string>().Distinct().ToArray();
        Assert.Equal(["monitor_load_floats", "monitor_save_floats"], users.Order());
    }
}
