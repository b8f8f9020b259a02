using System;
using System.Buffers.Binary;
using Cloister.Hal;
using Cloister.Hal.HostProtocol;
using Cloister.Platform.Paged.Cpu;
using Cloister.Platform.Paged.Memory;

namespace Cloister.Platform.Keystone;

/// <summary>What of the enclave's memory is used for what: the measured parts, the kernel's heap behind them, frames.</summary>
// SAFETY: entry code keeps what the monitor says, and maps all memory.
internal static unsafe class EnclaveMemory
{
    // The image's alias in the linear map is in one table of the second level.
    private const int HugeShift = 30;

    private static EnclaveStart Start => *MonitorCalls.GetStart();

    /// <summary>Places heap and window. Runs before there is a heap.</summary>
    /// <returns>What is wrong with the memory that the launcher has given; empty where nothing is.</returns>
    public static ReadOnlySpan<byte> Place()
    {
        EnclaveStart start = Start;
        MachineState* machine = CpuInstructions.GetMachine();
        ulong imageLength = (ulong)(CpuInstructions.GetImageEnd() - CpuInstructions.GetImageStart());
        if (start.SharedSize != MachineWindow.Length)
            return "The memory that the enclave shares isn't as large as the window.\n"u8;
        if (start.Configuration - start.Memory < imageLength)
            return "The enclave's first part isn't the kernel's whole image.\n"u8;
        if (start.Memory >> HugeShift != (start.Memory + imageLength) >> HugeShift)
            return "The kernel's image lies across a multiple of 1 GiB.\n"u8;
        ulong room = start.End - start.Free;
        if (room < MemoryPlan.LeastHeap + MemoryPlan.LeastHeap / 2)
            return "The enclave has too little memory for the kernel: give it 64 MiB or more.\n"u8;
        machine->HeapStart = (ulong)LinearMemory.At(start.Free);
        machine->HeapSize = MemoryPlan.HeapOf(room);
        machine->Window = start.Shared;
        machine->WindowSize = start.SharedSize;
        return default;
    }

    /// <summary>The frames: what is behind the heap.</summary>
    public static FrameTable CreateFrames()
    {
        int first = (int)((Start.Free + CpuInstructions.GetMachine()->HeapSize) >> FrameExtent.FrameShift);
        return new FrameTable([new FrameExtent(first, (int)(Start.End >> FrameExtent.FrameShift) - first)]);
    }

    /// <summary>The second part: a length of 64 bits, and what the enclave is to run. Its measurement covers both.</summary>
    public static byte[] ReadConfiguration()
    {
        EnclaveStart start = Start;
        ReadOnlySpan<byte> part = new(LinearMemory.At(start.Configuration), (int)(start.Commitment - start.Configuration));
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(part);
        return length > (ulong)part.Length - sizeof(ulong) ? [] : part.Slice(sizeof(ulong), (int)length).ToArray();
    }

    /// <summary>Where memory of the kernel is for the monitor.</summary>
    public static ulong PhysicalOf(void* place) => (ulong)place - LinearMemory.Start;
}
