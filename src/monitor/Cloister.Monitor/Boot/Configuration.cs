using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Cloister.Monitor.Enclaves;

namespace Cloister.Monitor.Boot;

/// <summary>What the monitor learns when it boots, and what doesn't change afterwards.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Configuration
{
    /// <summary>Memory of enclaves that Linux doesn't know, by the host's wish; empty where there is none.</summary>
    public MemoryRange Pool;

    /// <summary>All RAM, with the monitor's part.</summary>
    public MemoryRange Memory;

    public MemoryRange Monitor;

    public ulong KernelEntry;

    /// <summary>Where the host finds the device tree.</summary>
    public ulong DeviceTree;

    public int HartCount;

    /// <summary>Whether there is stimecmp (extension Sstc).</summary>
    public bool HasTimeCompare;

    public bool HasHypervisor;

    /// <summary>Bytes of a vector register; 0 where there are none (extension V).</summary>
    public ulong VectorSize;

    /// <summary>Whether the console says why calls were refused: "cloister.log" on the host's command line.</summary>
    public bool LogsRefusals;

    /// <summary>Whether a range is RAM that the host may use. Calls that take physical addresses ask this.</summary>
    public readonly bool IsHostMemory(ref EnclaveTable enclaves, ulong address, ulong size) =>
        MemoryRange.TryCreate(address, size, out MemoryRange range) && Memory.Contains(range) && !Monitor.Overlaps(range) &&
        !enclaves.HasSecret(range);

    /// <summary>
    /// Reads the tree, and takes the monitor's memory and the pool out of it. The pool is at the end of RAM, where the boot loader may have put the
    /// tree: then <see cref="DeviceTree"/> is a place before the pool, to which the caller copies it.
    /// </summary>
    /// <returns>What is wrong with the tree; null where nothing is.</returns>
    public string? Read(DeviceTree tree, ulong place, uint size, MemoryRange monitor)
    {
        Monitor = monitor;
        DeviceTree = place;
        int at = 0;
        if (!tree.TryFind(ref at, 1, "memory"u8, "reg"u8, out Span<byte> memory) || memory.Length < 16)
            return "The device tree names no memory.";
        if (!MemoryRange.TryCreate(BinaryPrimitives.ReadUInt64BigEndian(memory), BinaryPrimitives.ReadUInt64BigEndian(memory[8..]), out Memory) ||
            !Memory.Contains(monitor) || Memory.Start != monitor.Start)
            return "The device tree's memory doesn't begin with the monitor.";
        at = 0;
        while (tree.TryFind(ref at, 2, "cpu"u8, "reg"u8, out _))
            HartCount++;
        if (HartCount is 0 or > Machine.MaxHarts)
            return "The device tree has no harts, or more than eight.";
        at = 0;
        HasTimeCompare = tree.TryFind(ref at, 2, "cpu"u8, "riscv,isa"u8, out Span<byte> isa) && HasExtension(isa, "_sstc"u8);
        at = 0;
        tree.TryFind(ref at, 1, "chosen"u8, "bootargs"u8, out Span<byte> arguments);
        LogsRefusals = CommandLine.Has(arguments, "cloister.log"u8);
        TakePool(tree, size, CommandLine.Size(arguments, "cloister.pool="u8));
        ulong end = Pool.IsEmpty ? Memory.End : Pool.Start;
        BinaryPrimitives.WriteUInt64BigEndian(memory, monitor.End);
        BinaryPrimitives.WriteUInt64BigEndian(memory[8..], end - monitor.End);
        return null;
    }

    // Extensions of several letters follow each other with an underscore before each.
    private static bool HasExtension(ReadOnlySpan<byte> isa, ReadOnlySpan<byte> name)
    {
        int at = isa.IndexOf(name);
        return at >= 0 && (at + name.Length == isa.Length || isa[at + name.Length] is 0 or (byte)'_');
    }

    // The pool must not reach into what the boot loader has put into memory: it puts the initial file system behind the kernel.
    private void TakePool(DeviceTree tree, uint size, ulong wanted)
    {
        const ulong Large = 2 << 20;
        ulong room = (size + Large - 1) & ~(Large - 1);
        ulong rounded = wanted & ~(Large - 1);
        ulong end = Memory.End & ~(Large - 1);
        if (rounded == 0 || rounded > Memory.Size || room > Memory.Size - rounded)
            return;
        ulong start = end - rounded, copy = start - room, used = Math.Max(InitialFileSystemEnd(tree), Monitor.End + (64ul << 20));
        if (start >= end || copy < used || copy > start)
            return;
        MemoryRange.TryCreate(start, end - start, out Pool);
        if (DeviceTree + size > copy)
            DeviceTree = copy;
    }

    private static ulong InitialFileSystemEnd(DeviceTree tree)
    {
        int at = 0;
        if (!tree.TryFind(ref at, 1, "chosen"u8, "linux,initrd-end"u8, out Span<byte> value))
            return 0;
        return value.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(value) : value.Length == 8 ? BinaryPrimitives.ReadUInt64BigEndian(value) : 0;
    }
}
