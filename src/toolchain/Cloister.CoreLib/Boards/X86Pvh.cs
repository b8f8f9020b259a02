namespace Cloister.Runtime.Boards;

/// <summary>
/// A PC started by the PVH protocol (Xen's hvm_start_info, version 1): serial port COM1, the high precision event timer, QEMU's isa-debug-exit at
/// port 0xf4. Only memory below 4 GiB is used, as only that is mapped.
/// </summary>
// SAFETY: entry code maps the first 4 GiB one to one, with the timer, which is used through Processor alone. The start structure has the magic
// number and version 1 before its memory map is read; the map is compared with what is mapped. Write gets a pointer to count bytes.
internal static unsafe class X86Pvh
{
    private const uint StartMagic = 0x336ec578;
    private const ushort SerialPort = 0x3f8, ExitPort = 0xf4;
    private const uint Usable = 1;
    private const ulong MappedEnd = 1ul << 32;

    // Of the memory map; loaders give a few ranges.
    private const uint MostRanges = 1024, RangeSize = 24;

    private static byte* s_heapStart;
    private static nint s_heapSize;
    private static ulong s_period;

    private static byte* EventTimer => (byte*)0xfed0_0000;

    public static byte* HeapStart => s_heapStart;

    public static nint HeapSize => s_heapSize;

    public static long Time
    {
        get
        {
            // The period is in femtoseconds; the main counter has 64 bits.
            ulong counter = Processor.Read64(EventTimer + 0xf0);
            return (long)(counter / 1_000_000 * s_period + counter % 1_000_000 * s_period / 1_000_000);
        }
    }

    public static void Start(byte* information)
    {
        Processor.Out8(SerialPort + 1, 0);
        Processor.Out8(SerialPort + 3, 0x80);
        Processor.Out8(SerialPort, 1);
        Processor.Out8(SerialPort + 1, 0);
        Processor.Out8(SerialPort + 3, 3);
        Processor.Out8(SerialPort + 2, 7);
        s_period = Processor.Read64(EventTimer) >> 32;
        Processor.Write64(EventTimer + 0x10, Processor.Read64(EventTimer + 0x10) | 1);
        if (information == null || *(uint*)information != StartMagic || *(uint*)(information + 4) == 0)
        {
            Report.Write("The boot loader gave no PVH start structure of version 1.\n");
            Exit(1);
            return;
        }

        ulong map = *(ulong*)(information + 40);
        uint count = *(uint*)(information + 48);
        if (count > MostRanges || map > MappedEnd - MostRanges * RangeSize)
        {
            Report.Write("The boot loader's memory map is too long, or above 4 GiB.\n");
            Exit(1);
            return;
        }

        byte* entry = (byte*)map;
        ulong address = 0, size = 0;
        for (; count > 0; count--, entry += RangeSize)
        {
            ulong start = *(ulong*)entry, length = *(ulong*)(entry + 8);
            if (*(uint*)(entry + 16) != Usable || start >= MappedEnd)
                continue;
            if (length > MappedEnd - start)
                length = MappedEnd - start;
            if (length <= size)
                continue;
            address = start;
            size = length;
        }

        Image.HeapAfter(address, size, out s_heapStart, out s_heapSize);
    }

    public static void Write(byte* bytes, int count)
    {
        for (int i = 0; i < count; i++)
        {
            // Line status register, bit 5: the transmitter takes another byte.
            while ((Processor.In8(SerialPort + 5) & 0x20) == 0)
            {
            }

            Processor.Out8(SerialPort, bytes[i]);
        }
    }

    public static void WriteError(byte* bytes, int count) => Write(bytes, count);

    /// <summary>No interrupt would end a wait, so it returns at once; who waits asks the clock.</summary>
    public static void Pause(long nanoseconds)
    {
    }

    /// <summary>The device makes QEMU exit with twice the value plus one, of which eight bits count: statuses above 127 become 127.</summary>
    public static void Exit(int status)
    {
        Processor.Out8(ExitPort, (byte)((uint)status > 127 ? 127 : status));
        while (true)
        {
        }
    }

    /// <param name="cause">The vector.</param>
    /// <param name="detail">The error code.</param>
    /// <param name="counter">Where.</param>
    /// <param name="address">CR2, which counts for page faults.</param>
    public static void Trap(nuint cause, nuint detail, nuint counter, nuint address) =>
        Report.Trap(Cause(cause), cause, counter, cause == 14 ? address : 0);

    private static string Cause(nuint vector)
    {
        switch (vector)
        {
            case 0: return "divide error";
            case 1: return "debug exception";
            case 2: return "non-maskable interrupt";
            case 3: return "breakpoint";
            case 6: return "invalid opcode";
            case 7: return "floating point is off";
            case 8: return "double fault";
            case 13: return "general protection";
            case 14: return "page fault";
            case 16 or 19: return "floating point exception";
            case 17: return "alignment check";
            case 18: return "machine check";
            default: return "exception";
        }
    }
}
