using System;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
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
