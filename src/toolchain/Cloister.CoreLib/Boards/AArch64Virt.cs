namespace Cloister.Runtime.Boards;

/// <summary>QEMU's Arm machine "virt" with semihosting: a PL011 serial port, memory as the device tree says.</summary>
// SAFETY: addresses of devices are those of QEMU's machine, mapped one to one, and used through Processor alone. Entry code passes the device
// tree's address to Start before anything else runs. Write gets a pointer to count bytes; the semihosting call reads the block of two words.
internal static unsafe class AArch64Virt
{
    private const uint SysExitExtended = 0x20;
    private const ulong ApplicationExit = 0x20026;

    private static byte* s_heapStart;
    private static nint s_heapSize;

    private static byte* SerialPort => (byte*)0x900_0000;

    public static byte* HeapStart => s_heapStart;

    public static nint HeapSize => s_heapSize;

    public static long Time
    {
        get
        {
            ulong frequency = Processor.ReadCounterFrequency();
            ulong counter = Processor.ReadCounter();
            return (long)(counter / frequency * 1_000_000_000 + counter % frequency * 1_000_000_000 / frequency);
        }
    }

    public static void Start(byte* information)
    {
        // Control register: transmitter and device on.
        Processor.Write32(SerialPort + 0x30, 0x101);
        var tree = new DeviceTree(information);
        if (!tree.IsValid || !tree.FindMemory(out ulong address, out ulong size))
        {
            Report.Write("The boot loader gave no device tree with memory.\n");
            Exit(1);
            return;
        }

        Image.HeapAfter(address, size, out s_heapStart, out s_heapSize);
    }

    public static void Write(byte* bytes, int count)
    {
        for (int i = 0; i < count; i++)
        {
            // Flag register, bit 5: the transmitter is full.
            while ((Processor.Read32(SerialPort + 0x18) & 0x20) != 0)
            {
            }

            Processor.Write32(SerialPort, bytes[i]);
        }
    }

    public static void WriteError(byte* bytes, int count) => Write(bytes, count);

    /// <summary>No interrupt would end a wait, so it returns at once; who waits asks the clock.</summary>
    public static void Pause(long nanoseconds)
    {
    }

    public static void Exit(int status)
    {
        ulong* block = stackalloc ulong[2];
        block[0] = ApplicationExit;
        block[1] = (uint)status;
        Processor.Semihosting(SysExitExtended, (byte*)block);
        while (true)
        {
        }
    }

    /// <param name="cause">The syndrome register ESR.</param>
    /// <param name="detail">The exception level.</param>
    /// <param name="counter">Where.</param>
    /// <param name="address">The fault address register FAR.</param>
    public static void Trap(nuint cause, nuint detail, nuint counter, nuint address) => Report.Trap(Class(cause >> 26 & 63), cause, counter, address);

    // Arm Architecture Reference Manual, ESR_ELx.EC.
    private static string Class(nuint number)
    {
        switch (number)
        {
            case 0x00: return "unknown instruction";
            case 0x07: return "floating point is off";
            case 0x0e: return "illegal execution state";
            case 0x15: return "supervisor call";
            case 0x16: return "hypervisor call";
            case 0x17: return "secure monitor call";
            case 0x20 or 0x21: return "instruction abort";
            case 0x22: return "misaligned pc";
            case 0x24 or 0x25: return "data abort";
            case 0x26: return "misaligned stack pointer";
            case 0x2f: return "system error";
            case 0x3c: return "breakpoint instruction";
            default: return "unknown";
        }
    }
}
