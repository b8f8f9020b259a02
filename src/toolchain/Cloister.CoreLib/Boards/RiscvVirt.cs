namespace Cloister.Runtime.Boards;

/// <summary>QEMU's RISC-V machine "virt": a 16550 serial port, the SiFive test device, memory as the device tree says.</summary>
// SAFETY: addresses of devices are those of QEMU's machine, mapped one to one, and used through Processor alone. Entry code passes the device
// tree's address to Start before anything else runs. Write gets a pointer to count bytes.
internal static unsafe class RiscvVirt
{
    private const uint TestPass = 0x5555, TestFail = 0x3333;

    private static byte* s_heapStart;
    private static nint s_heapSize;
    private static ulong s_frequency;

    private static byte* SerialPort => (byte*)0x1000_0000;

    private static byte* TestDevice => (byte*)0x10_0000;

    public static byte* HeapStart => s_heapStart;

    public static nint HeapSize => s_heapSize;

    public static long Time
    {
        get
        {
            ulong counter = Processor.ReadCounter();
            // In two parts, so that the product doesn't overflow.
            return (long)(counter / s_frequency * 1_000_000_000 + counter % s_frequency * 1_000_000_000 / s_frequency);
        }
    }

    public static void Start(byte* information)
    {
        var tree = new DeviceTree(information);
        if (!tree.IsValid || !tree.FindMemory(out ulong address, out ulong size))
        {
            Report.Write("The boot loader gave no device tree with memory.\n");
            Exit(1);
            return;
        }

        s_frequency = tree.TimebaseFrequency();
        if (s_frequency == 0)
            s_frequency = 10_000_000;
        Image.HeapAfter(address, size, out s_heapStart, out s_heapSize);
    }

    public static void Write(byte* bytes, int count)
    {
        for (int i = 0; i < count; i++)
        {
            // Line status register, bit 5: the transmitter takes another byte.
            while ((Processor.Read8(SerialPort + 5) & 0x20) == 0)
            {
            }

            Processor.Write8(SerialPort, bytes[i]);
        }
    }

    public static void WriteError(byte* bytes, int count) => Write(bytes, count);

    /// <summary>No interrupt would end a wait, so it returns at once; who waits asks the clock.</summary>
    public static void Pause(long nanoseconds)
    {
    }

    public static void Exit(int status)
    {
        Processor.Write32(TestDevice, status == 0 ? TestPass : (uint)status << 16 | TestFail);
        while (true)
        {
        }
    }

    /// <param name="cause">mcause or scause.</param>
    /// <param name="detail">The mode of the trap handler: 3 machine, 1 supervisor.</param>
    /// <param name="counter">Where.</param>
    /// <param name="address">mtval or stval.</param>
    public static void Trap(nuint cause, nuint detail, nuint counter, nuint address) => Report.Trap(Cause(cause), cause, counter, address);

    // Privileged architecture, table 3.6.
    private static string Cause(nuint cause)
    {
        switch (cause)
        {
            case 0: return "instruction address misaligned";
            case 1: return "instruction access fault";
            case 2: return "illegal instruction";
            case 3: return "breakpoint";
            case 4: return "load address misaligned";
            case 5: return "load access fault";
            case 6: return "store address misaligned";
            case 7: return "store access fault";
            case 8 or 9 or 11: return "environment call";
            case 12: return "instruction page fault";
            case 13: return "load page fault";
            case 15: return "store page fault";
            default: return (nint)cause < 0 ? "interrupt" : "unknown";
        }
    }
}
