namespace Cloister.Monitor.Hardware;

/// <summary>QEMU's machine "virt": a 16550 serial port, the SiFive test device, and a core-local interruptor.</summary>
internal static class Board
{
    private const ulong TestDevice = 0x10_0000;
    private const ulong Interruptor = 0x200_0000;
    private const ulong SerialPort = 0x1000_0000;

    /// <summary>RAM begins here, and the monitor has its first 2 MiB.</summary>
    public const ulong MemoryStart = 0x8000_0000;

    public const ulong MonitorSize = 0x20_0000;

    public static void WriteConsole(byte value)
    {
        // Line status register, bit 5: the transmitter takes another byte.
        while ((Device.Read8(SerialPort + 5) & 0x20) == 0)
        {
        }

        Device.Write8(SerialPort, value);
    }

    /// <summary>A character from the console; -1 where none has come.</summary>
    public static int ReadConsole() => (Device.Read8(SerialPort + 5) & 1) == 0 ? -1 : Device.Read8(SerialPort);

    public static void RaiseSoftwareInterrupt(int hart) => Device.Write32(Interruptor + 4 * (ulong)hart, 1);

    public static void ClearSoftwareInterrupt(int hart) => Device.Write32(Interruptor + 4 * (ulong)hart, 0);

    public static void SetTimer(int hart, ulong deadline) => Device.Write64(Interruptor + 0x4000 + 8 * (ulong)hart, deadline);

    public static ulong Time => Device.Read64(Interruptor + 0xBFF8);

    public static void PowerOff(int status) => End(status == 0 ? 0x5555 : (uint)status << 16 | 0x3333);

    public static void Reset() => End(0x7777);

    private static void End(uint command)
    {
        while (true)
            Device.Write32(TestDevice, command);
    }
}
