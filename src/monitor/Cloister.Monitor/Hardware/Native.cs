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
