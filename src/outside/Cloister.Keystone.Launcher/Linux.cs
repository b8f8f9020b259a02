using System;
using System.Runtime.CompilerServices;

namespace Cloister.Keystone.Launcher;

/// <summary>The system calls of the launcher, with numbers of riscv64 (asm-generic/unistd.h). Results below 0 are error numbers.</summary>
// SAFETY: pointers are to fixed memory of as many bytes as the call takes; names end with a zero.
internal static unsafe class Linux
{
    private const int CurrentDirectory = -100;
    private const int ReadAndWrite = 3, Shared = 1;
    private const int CloseOnExec = 0x80000;

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern long Call(long number, long a0, long a1, long a2, long a3, long a4, long a5);

    /// <summary>openat(2) of a name that ends with a zero.</summary>
    public static int Open(ReadOnlySpan<byte> name, bool forWriting)
    {
        fixed (byte* start = name)
            return (int)Call(56, CurrentDirectory, (long)start, CloseOnExec | (forWriting ? 2 : 0), 0, 0, 0);
    }

    public static void Close(int file) => Call(57, file, 0, 0, 0, 0, 0);

    public static long Read(int file, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
            return Call(63, file, (long)start, buffer.Length, 0, 0, 0);
    }

    public static long Write(int file, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
            return Call(64, file, (long)start, bytes.Length, 0, 0, 0);
    }

    /// <summary>ioctl(2) with a structure.</summary>
    public static int Control<T>(int file, uint request, ref T argument)
        where T : unmanaged
    {
        fixed (T* start = &argument)
            return (int)Call(29, file, request, (long)start, 0, 0, 0);
    }

    /// <summary>lseek(2) to the end: the file's length. The position goes back to the beginning.</summary>
    public static long Length(int file)
    {
        long length = Call(62, file, 0, 2, 0, 0, 0);
        Call(62, file, 0, 0, 0, 0, 0);
        return length;
    }

    /// <summary>mmap(2), shared; empty where it fails.</summary>
    public static Span<byte> Map(int file, long offset, int length)
    {
        long address = Call(222, 0, length, ReadAndWrite, Shared, file, offset);
        return address is < 0 and > -4096 ? default : new Span<byte>((byte*)address, length);
    }

    /// <summary>Memory that costs something where it is touched.</summary>
    public static byte* Reserve(long length)
    {
        const int privateAnonymousWithoutReserve = 0x4022;
        long address = Call(222, 0, length, ReadAndWrite, privateAnonymousWithoutReserve, -1, 0);
        return address is < 0 and > -4096 ? null : (byte*)address;
    }

    public static void Unmap(Span<byte> memory)
    {
        fixed (byte* start = memory)
            Call(215, (long)start, memory.Length, 0, 0, 0, 0);
    }

    /// <summary>ppoll(2) of one file for reading: whether there is something. A negative time is for ever.</summary>
    public static bool WaitForInput(int file, long nanoseconds)
    {
        const int input = 1;
        const long nanosecondsPerSecond = 1_000_000_000;
        long entry = (long)input << 32 | (uint)file;
        long* time = stackalloc long[2] { nanoseconds / nanosecondsPerSecond, nanoseconds % nanosecondsPerSecond };
        return Call(73, (long)&entry, 1, nanoseconds < 0 ? 0 : (long)time, 0, 0, 0) > 0;
    }

    public static long MonotonicTime()
    {
        const int monotonic = 1;
        long* time = stackalloc long[2];
        Call(113, monotonic, (long)time, 0, 0, 0, 0);
        return time[0] * 1_000_000_000 + time[1];
    }

    public static void Sleep(long nanoseconds)
    {
        long* time = stackalloc long[2] { nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000 };
        Call(101, (long)time, 0, 0, 0, 0, 0);
    }

    public static int ProcessId() => (int)Call(172, 0, 0, 0, 0, 0, 0);

    /// <summary>mount(2) of a file system without a device.</summary>
    public static int Mount(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> place)
    {
        fixed (byte* name = kind, target = place)
            return (int)Call(40, (long)name, (long)target, (long)name, 0, 0, 0);
    }

    /// <summary>finit_module(2) without parameters.</summary>
    public static int LoadModule(int file)
    {
        fixed (byte* none = "\0"u8)
            return (int)Call(273, file, (long)none, 0, 0, 0, 0);
    }

    /// <summary>reboot(2): switches the machine off.</summary>
    public static void PowerOff() => Call(142, 0xfee1dead, 0x28121969, 0x4321fedc, 0, 0, 0);

    public static void Exit(int status) => Call(94, status, 0, 0, 0, 0, 0);
}
