using System;
using Cloister.Hal.HostProtocol;
using Cloister.Platform.Paged.Cpu;

namespace Cloister.Platform.Paged.Host;

/// <summary>Where a board has the serial port's registers.</summary>
public interface IUartRegisters
{
    /// <summary>Reads a register.</summary>
    static abstract byte Read(int number);

    /// <summary>Writes a register.</summary>
    static abstract void Write(int number, byte value);
}

/// <summary>The 16550 serial port: bells each way, and text of last resort.</summary>
/// <typeparam name="TRegisters">Its registers.</typeparam>
public static class Uart16550<TRegisters>
    where TRegisters : IUartRegisters
{
    private const int Data = 0;
    private const int InterruptEnable = 1;
    private const int FifoControl = 2;
    private const int LineControl = 3;
    private const int ModemControl = 4;
    private const int LineStatus = 5;
    private const byte DataReady = 1;
    private const byte TransmitterEmpty = 0x20;

    /// <summary>Sets it up, without interrupts.</summary>
    public static void Start()
    {
        TRegisters.Write(InterruptEnable, 0);
        TRegisters.Write(LineControl, 0x80);
        TRegisters.Write(Data, 1);
        TRegisters.Write(InterruptEnable, 0);
        TRegisters.Write(LineControl, 3);
        TRegisters.Write(FifoControl, 7);
        Send(MachineWindow.Start);
    }

    /// <summary>Makes received bytes interrupt; the line of OUT2 lets the interrupt through.</summary>
    public static void EnableInterrupts()
    {
        TRegisters.Write(ModemControl, 0xb);
        TRegisters.Write(InterruptEnable, 1);
        Drain();
    }

    /// <summary>Sends a byte.</summary>
    public static void Send(byte value)
    {
        while ((TRegisters.Read(LineStatus) & TransmitterEmpty) == 0)
            CpuInstructions.Pause();
        TRegisters.Write(Data, value);
    }

    /// <summary>Prints text on the launcher's standard error.</summary>
    public static void Send(ReadOnlySpan<byte> text)
    {
        foreach (byte value in text)
            Send(value);
    }

    /// <summary>Prints a number in hexadecimal digits.</summary>
    public static void SendNumber(ulong value)
    {
        Send("0x"u8);
        bool hasBegun = false;
        for (int shift = sizeof(ulong) * 8 - 4; shift >= 0; shift -= 4)
        {
            int digit = (int)(value >> shift & 15);
            hasBegun |= digit != 0 || shift == 0;
            if (hasBegun)
                Send((byte)(digit < 10 ? '0' + digit : 'a' + digit - 10));
        }
    }

    /// <summary>Prints what a trap of the kernel itself was.</summary>
    public static void SendTrap(ulong vector, ulong error, ulong counter, ulong address)
    {
        Send("The kernel has trapped: vector "u8);
        SendNumber(vector);
        Send(", error "u8);
        SendNumber(error);
        Send(", at "u8);
        SendNumber(counter);
        Send(", address "u8);
        SendNumber(address);
        Send(".\n"u8);
    }

    /// <summary>Takes what has been received: a bell more or less doesn't matter.</summary>
    public static void Drain()
    {
        const int most = 64;
        for (int i = 0; i < most; i++)
        {
            if ((TRegisters.Read(LineStatus) & DataReady) == 0)
                return;
            TRegisters.Read(Data);
        }

        // A host that sends on and on doesn't get the processor by it. But the line must fall, as only its rising interrupts.
        TRegisters.Write(InterruptEnable, 0);
        TRegisters.Write(InterruptEnable, 1);
    }
}
