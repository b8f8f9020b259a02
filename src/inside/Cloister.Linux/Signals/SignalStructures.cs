using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Linux.Memory;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Signals;

/// <summary>struct kernel_sigaction of x86-64; others have no restorer.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SignalAction
{
    public ulong Handler;
    public ulong Flags;
    public ulong Restorer;
    public ulong Mask;

    public const ulong Default = 0;
    public const ulong Ignore = 1;

    public const ulong NoChildStop = 1;
    public const ulong NoChildWait = 2;
    public const ulong SigInfo = 4;
    public const ulong HasRestorer = 0x04000000;
    public const ulong OnStack = 0x08000000;
    public const ulong Restart = 0x10000000;
    public const ulong NoDefer = 0x40000000;
    public const ulong ResetHand = 0x80000000;

    /// <summary>Reads a program's.</summary>
    public static bool TryRead(LinuxThread thread, UserAddress address, out SignalAction action)
    {
        if (thread.Cpu.HasRestorer)
            return thread.Memory.TryRead(address, out action);
        action = default;
        Span<ulong> words = stackalloc ulong[3];
        if (thread.Memory.CopyIn(address, MemoryMarshal.AsBytes(words)) != Errno.Success)
            return false;
        action = new SignalAction { Handler = words[0], Flags = words[1], Mask = words[2] };
        return true;
    }

    /// <summary>Gives it to a program.</summary>
    public readonly bool TryWrite(LinuxThread thread, UserAddress address)
    {
        if (thread.Cpu.HasRestorer)
            return thread.Memory.TryWrite(address, this);
        ReadOnlySpan<ulong> words = [Handler, Flags, Mask];
        return thread.Memory.CopyOut(address, MemoryMarshal.AsBytes(words)) == Errno.Success;
    }
}

/// <summary>siginfo_t (sigaction(2)): 128 bytes, of which these parts of the union are used.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct SignalInfo
{
    [FieldOffset(0)]
    public int Signal;

    [FieldOffset(4)]
    public int Error;

    [FieldOffset(8)]
    public int Code;

    // kill, tgkill, sigqueue, SIGCHLD
    [FieldOffset(16)]
    public int ProcessId;

    [FieldOffset(20)]
    public uint UserId;

    [FieldOffset(24)]
    public ulong Value;

    // SIGCHLD
    [FieldOffset(24)]
    public int Status;

    [FieldOffset(32)]
    public long UserTime;

    [FieldOffset(40)]
    public long SystemTime;

    // POSIX timers
    [FieldOffset(16)]
    public int TimerId;

    [FieldOffset(20)]
    public int Overrun;

    // faults
    [FieldOffset(16)]
    public ulong Address;

    // SIGIO and its like
    [FieldOffset(16)]
    public long Band;

    [FieldOffset(24)]
    public int Descriptor;

    // SIGSYS
    [FieldOffset(24)]
    public int SystemCall;

    [FieldOffset(28)]
    public uint Architecture;

    public const int FromUser = 0;
    public const int FromKernel = 0x80;
    public const int FromQueue = -1;
    public const int FromTimer = -2;
    public const int FromMessageQueue = -3;
    public const int FromThreadKill = -6;
    public const int TrapBreakpoint = 1;
    public const int SegvMapError = 1;
    public const int SegvAccessError = 2;
    public const int BusAddressError = 2;
    public const int BusAlignment = 1;
    public const int ChildExited = 1;
    public const int ChildKilled = 2;
    public const int ChildDumped = 3;
    public const int ChildTrapped = 4;
    public const int ChildStopped = 5;
    public const int ChildContinued = 6;

    public static SignalInfo Kernel(int signal) => new() { Signal = signal, Code = FromKernel };

    public static SignalInfo User(int signal, int code, int processId, uint userId) =>
        new() { Signal = signal, Code = code, ProcessId = processId, UserId = userId };

    /// <summary>SIGSYS of a filter (SECCOMP_RET_TRAP).</summary>
    public static SignalInfo FilteredCall(int number, int error, ulong instruction, uint architecture) => new()
    {
        Signal = Signals.Signal.BadSystemCall,
        Code = 1, // SYS_SECCOMP
        Error = error,
        Address = instruction,
        SystemCall = number,
        Architecture = architecture,
    };

    public static SignalInfo Fault(int signal, int code, ulong address) => new() { Signal = signal, Code = code, Address = address };
}

/// <summary>stack_t (sigaltstack(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SignalStack
{
    public ulong Pointer;
    public int Flags;
    private int _padding;
    public ulong Size;

    public const int OnStack = 1;
    public const int Disable = 2;
    public const int AutoDisarm = unchecked((int)0x80000000);

    /// <summary>MINSIGSTKSZ of the x86-64 ABI.</summary>
    public const ulong MinimumSize = 2048;

    public readonly bool Contains(ulong stackPointer) => stackPointer > Pointer && stackPointer - Pointer <= Size;
}
