using System;
using System.Buffers.Binary;
using System.IO;
using System.Text;
using Cloister.Monitor.Boot;
using Cloister.Monitor.Enclaves;
using Xunit;

namespace Cloister.Monitor.Tests;

/// <summary>What the monitor reads when it boots: the device tree of QEMU's machine, damaged ones, and command lines.</summary>
public sealed class BootTests(Machines machines)
{
    private const ulong Start = 0x8000_0000, Megabyte = 1 << 20;

    private byte[] Tree(int harts, int megabytes, string arguments, string processor = "rv64")
    {
        string path = Path.Combine(machines.Folder, Guid.NewGuid() + ".dtb");
        Machines.Run("qemu-system-riscv64", ["-M", "virt,dumpdtb=" + path, "-cpu", processor, "-smp", $"{harts}", "-m", $"{megabytes}", "-nographic",
            "-kernel", machines.Kernel, "-append", arguments]);
        byte[] file = File.ReadAllBytes(path);
        return file[..(int)DeviceTree.SizeOf(file)];
    }

    private static MemoryRange Range(ulong start, ulong size)
    {
        Assert.True(MemoryRange.TryCreate(start, size, out MemoryRange range));
        return range;
    }

    private static string? Read(byte[] tree, out Configuration configuration, ulong place = Start + 400 * Megabyte)
    {
        configuration = default;
        return configuration.Read(new DeviceTree(tree), place, (uint)tree.Length, Range(Start, 2 * Megabyte));
    }

    private static byte[] Memory(byte[] tree)
    {
        int place = 0;
        Assert.True(new DeviceTree(tree).TryFind(ref place, 1, "memory"u8, "reg"u8, out Span<byte> value));
        return value.ToArray();
    }

    [Theory]
    [InlineData(1, 96)]
    [InlineData(3, 512)]
    [InlineData(8, 3000)]
    public void MonitorTakesItsMemoryOutOfTheTree(int harts, int megabytes)
    {
        byte[] tree = Tree(harts, megabytes, "console=ttyS0");
        Assert.Null(Read(tree, out Configuration configuration));
        Assert.Equal(harts, configuration.HartCount);
        Assert.Equal(Range(Start, (ulong)megabytes * Megabyte), configuration.Memory);
        Assert.True(configuration.HasTimeCompare);
        Assert.True(configuration.Pool.IsEmpty);
        Assert.False(configuration.LogsRefusals);
        byte[] memory = Memory(tree);
        Assert.Equal(Start + 2 * Megabyte, BinaryPrimitives.ReadUInt64BigEndian(memory));
        Assert.Equal(((ulong)megabytes - 2) * Megabyte, BinaryPrimitives.ReadUInt64BigEndian(memory.AsSpan(8)));
    }

    [Fact]
    public void PoolIsTakenFromTheEnd()
    {
        byte[] tree = Tree(1, 512, "console=ttyS0 cloister.pool=64M cloister.log", "rv64,sstc=off");
        Assert.Null(Read(tree, out Configuration configuration, Start + 510 * Megabyte));
        Assert.Equal(Range(Start + 448 * Megabyte, 64 * Megabyte), configuration.Pool);
        Assert.True(configuration.LogsRefusals);
        Assert.False(configuration.HasTimeCompare);
        Assert.Equal(446 * Megabyte, BinaryPrimitives.ReadUInt64BigEndian(Memory(tree).AsSpan(8)));
        Assert.Equal(Start + 446 * Megabyte, configuration.DeviceTree);
    }

    [Theory]
    [InlineData("cloister.pool=600M")]
    [InlineData("cloister.pool=500M")]
    [InlineData("cloister.pool=18446744073709551615")]
    [InlineData("cloister.pool=M")]
    [InlineData("cloister.pool=1T")]
    [InlineData("nocloister.pool=64M")]
    public void PoolThatCantBeIsNone(string arguments)
    {
        byte[] tree = Tree(1, 512, arguments);
        Assert.Null(Read(tree, out Configuration configuration));
        Assert.True(configuration.Pool.IsEmpty);
        Assert.Equal(510 * Megabyte, BinaryPrimitives.ReadUInt64BigEndian(Memory(tree).AsSpan(8)));
    }

    [Fact]
    public void DamagedTreesAreReadWithoutHarm()
    {
        byte[] good = Tree(2, 256, "cloister.pool=32M");
        var random = new Random(14);
        for (int round = 0; round < 3000; round++)
        {
            byte[] tree = [.. good];
            for (int i = random.Next(1, 8); i > 0; i--)
            {
                if (random.Next(2) == 0)
                    tree[random.Next(tree.Length)] = (byte)random.Next(256);
                else
                    BinaryPrimitives.WriteUInt32BigEndian(tree.AsSpan(random.Next(tree.Length / 4) * 4), (uint)random.NextInt64(uint.MaxValue));
            }

            Read(tree[..random.Next(1, tree.Length + 1)], out _);
        }
    }

    [Fact]
    public void NoHostMemoryIsTheMonitorsOrAnEnclaves()
    {
        Assert.Null(Read(Tree(1, 256, ""), out Configuration configuration));
        EnclaveTable table = default;
        Assert.Equal(KeystoneError.Success, table.Reserve(configuration.Memory, configuration.Monitor, Range(Start + 16 * Megabyte, 4096),
            Range(Start + 17 * Megabyte, 4096), out _));
        Assert.True(configuration.IsHostMemory(ref table, Start + 2 * Megabyte, 4096));
        Assert.True(configuration.IsHostMemory(ref table, Start + 17 * Megabyte, 4096));
        Assert.False(configuration.IsHostMemory(ref table, Start + 2 * Megabyte - 1, 2));
        Assert.False(configuration.IsHostMemory(ref table, Start + 16 * Megabyte + 4095, 1));
        Assert.False(configuration.IsHostMemory(ref table, Start + 16 * Megabyte - 8, 4096 * 3));
        Assert.False(configuration.IsHostMemory(ref table, Start + 256 * Megabyte - 1, 2));
        Assert.False(configuration.IsHostMemory(ref table, 0x1000_0000, 8));
        Assert.False(configuration.IsHostMemory(ref table, ulong.MaxValue - 4, 16));
    }

    [Fact]
    public void WordsOfTheCommandLine()
    {
        byte[] line = Encoding.ASCII.GetBytes("a=1K bb  c=2M\0");
        Assert.True(CommandLine.Has(line, "bb"u8));
        Assert.False(CommandLine.Has(line, "b"u8));
        Assert.Equal(1024ul, CommandLine.Size(line, "a="u8));
        Assert.Equal(2 * Megabyte, CommandLine.Size(line, "c="u8));
        Assert.Equal(0ul, CommandLine.Size(line, "d="u8));
    }
}
