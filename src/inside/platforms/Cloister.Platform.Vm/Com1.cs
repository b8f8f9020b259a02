using Cloister.Platform.Paged.Cpu.X64;
using Cloister.Platform.Paged.Host;

namespace Cloister.Platform.Vm;

/// <summary>The serial port COM1.</summary>
internal readonly struct Com1 : IUartRegisters
{
    private const ushort Port = 0x3f8;

    /// <inheritdoc/>
    public static byte Read(int number) => X64Instructions.In8((ushort)(Port + number));

    /// <inheritdoc/>
    public static void Write(int number, byte value) => X64Instructions.Out8((ushort)(Port + number), value);
}
