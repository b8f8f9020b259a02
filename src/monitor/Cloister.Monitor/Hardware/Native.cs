using System;
using System.Runtime.CompilerServices;

namespace Cloister.Monitor.Hardware;

/// <summary>What entry.S and the linker script have.</summary>
// SAFETY: memory of the machine is the monitor's to look at; callers have checked that a range is RAM. Addresses of the image are the linker's.
internal static unsafe class Native
{
    public const int FloatsSize = 264;

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern byte* GetState();

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong GetStateSize();

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern byte* GetImage();

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong GetMeasuredSize();

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern byte* GetSecret();

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern int CopyIn(byte* to, ulong from, ulong count);

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern int CopyOut(ulong to, byte* from, ulong count);

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void SaveFloats(byte* to);

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void LoadFloats(byte* from);

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ExchangeRegisters(byte* frame, byte* from, byte* to);

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern byte* GetVectors();

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ExchangeVectors(byte* from, byte* to);

    /// <summary>The monitor's image, as far as it is measured.</summary>
    public static ReadOnlySpan<byte> Image => new(GetImage(), (int)GetMeasuredSize());

    /// <summary>The simulated device's secret; zeros once the first stage is done.</summary>
    public static Span<byte> Secret => new(GetSecret(), 32);

    /// <summary>Physical memory, as bytes. The caller has checked that it is RAM.</summary>
    public static Span<byte> Memory(ulong address, int size) => new((byte*)address, size);

    /// <summary>Copies from an address as the mode that called sees it; false where it may not be read.</summary>
    public static bool TryRead(ulong address, Span<byte> to)
    {
        fixed (byte* bytes = to)
            return CopyIn(bytes, address, (ulong)to.Length) == 0;
    }

    /// <summary>Copies to an address as the mode that called sees it; false where it may not be written.</summary>
    public static bool TryWrite(ulong address, ReadOnlySpan<byte> from)
    {
        fixed (byte* bytes = from)
            return CopyOut(address, bytes, (ulong)from.Length) == 0;
    }

    /// <summary>Moves the registers 1 to 31 of a frame to one world, and those of another to the frame.</summary>
    public static void ExchangeRegisters(ref Registers frame, ref Registers from, ref Registers to)
    {
        fixed (Registers* place = &frame, source = &from, destination = &to)
            ExchangeRegisters((byte*)place, (byte*)source, (byte*)destination);
    }

    /// <summary>Bytes of a vector register for which there is room: 1,024 bits.</summary>
    public const int LargestVector = 128;

    // 32 registers; then vstart, vcsr, vl, vtype.
    private const int VectorsSize = 32 * LargestVector + 32;

    /// <summary>On the way into an enclave: saves the vector registers of the host on this hart, and loads those of the enclave.</summary>
    public static void TakeVectors(int hart, int id) => ExchangeVectors(VectorsOfHost(hart), VectorsOfEnclave(id));

    /// <summary>The way back.</summary>
    public static void GiveVectors(int hart, int id) => ExchangeVectors(VectorsOfEnclave(id), VectorsOfHost(hart));

    public static void ClearVectors(int id) => new Span<byte>(VectorsOfEnclave(id), VectorsSize).Clear();

    private static byte* VectorsOfHost(int hart) => GetVectors() + hart * VectorsSize;

    private static byte* VectorsOfEnclave(int id) => GetVectors() + (Machine.MaxHarts + id) * VectorsSize;

    public static void SaveFloats(ref Floats floats)
    {
        fixed (Floats* place = &floats)
            SaveFloats((byte*)place);
    }

    public static void LoadFloats(ref Floats floats)
    {
        fixed (Floats* place = &floats)
            LoadFloats((byte*)place);
    }
}

/// <summary>The floating-point registers and fcsr.</summary>
[InlineArray(Native.FloatsSize / 8)]
internal struct Floats
{
    private ulong _first;
}
