using Cloister.Platform.Paged.Cpu.X64;

namespace Cloister.Platform.Vm;

/// <summary>The 16550 serial port COM1: bells each way, and text of last resort.</summary>
internal static class SerialLine
{
    private const ushort Port = 0x3f8;
    private const ushort InterruptEnable = Port + 1;
    private const ushort FifoControl = Port + 2;
    private const ushort LineControl = Port + 3;
    private const ushort ModemControl = Port + 4;
    private const ushort LineStatus = Port + 5;
    private const byte DataReady = 1;
    private const byte TransmitterEmpty = 0x20;

    /// <summary>Sets it up, without interrupts.</summary>
    public static void Start()
    {
        X64Instructions.Out8(InterruptEnable, 0);
        X64Instructions.Out8(LineControl, 0x80);
        X64Instructions.Out8(Port, 1);
        X64Instructions.Out8(InterruptEnable, 0);
        X64Instructions.Out8(LineControl, 3);
        X64Instructions.Out8(FifoControl, 7);
    }

    /// <summary>Makes received bytes interrupt; the line of OUT2 lets the interrupt through.</summary>
    public static void EnableInterrupts()
    {
        X64Instructions.Out8(ModemControl, 0xb);
        X64Instructions.Out8(InterruptEnable, 1);
        Drain();
    }

    /// <summary>Sends a byte.</summary>
    public static void Send(byte value)
    {
        while ((X64Instructions.In8(LineStatus) & TransmitterEmpty) == 0)
            X64Instructions.Pause();
        X64Instructions.Out8(Port, value);
    }

    /// <summary>Takes what has been received: a bell more or less doesn't matter.</summary>
    public static void Drain()
    {
        const int most = 64;
        for (int i = 0; i < most; i++)
        {
            if ((X64Instructions.In8(LineStatus) & DataReady) == 0)
                return;
            X64Instructions.In8(Port);
        }

        // A host that sends on and on doesn't get the processor by it. But the line must fall, as only its rising interrupts.
        X64Instructions.Out8(InterruptEnable, 0);
        X64Instructions.Out8(InterruptEnable, 1);
    }
}
