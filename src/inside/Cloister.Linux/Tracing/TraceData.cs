using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Linux.Memory;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Tracing;

/// <summary>What ptrace(2) reads and writes of a stopped tracee.</summary>
internal static class TraceData
{
    /// <summary>Kinds of register sets (linux/elf.h).</summary>
    private const ulong GeneralSet = 1;
    private const ulong FloatingPointSet = 2;
    private const ulong ExtendedSet = 0x202;

    // struct user: the registers are its beginning, the debug registers its end.
    private const ulong UserSize = 928;
    private const ulong DebugRegisters = 848;
    private const ulong DebugControl = DebugRegisters + 7 * sizeof(ulong);

    /// <summary>A word of the tracee's memory. The rights of its pages don't matter, only that it has them.</summary>
    public static SyscallResult PeekOrPoke(LinuxThread thread, LinuxThread target, TraceRequest request, UserAddress address, UserAddress data)
    {
        AddressSpace space = target.Process.AddressSpace;
        if (!space.TryAddUser())
            return Errno.EIO;
        try
        {
            Span<byte> word = stackalloc byte[sizeof(ulong)];
            if (request is TraceRequest.PTRACE_PEEKDATA or TraceRequest.PTRACE_PEEKTEXT)
            {
                if (space.ReadForcibly(address.Value, word) < word.Length)
                    return Errno.EIO;
                return thread.Memory.CopyOut(data, word);
            }

            BinaryPrimitives.WriteUInt64LittleEndian(word, data.Value);
            return space.WriteForcibly(address.Value, word) < word.Length ? Errno.EIO : Errno.Success;
        }
        finally
        {
            space.RemoveUser();
        }
    }

    /// <summary>A word of struct user: registers; debug registers are all zero, as there are none to be had.</summary>
    public static SyscallResult User(LinuxThread thread, LinuxThread target, bool writes, ulong offset, UserAddress data)
    {
        if (offset % sizeof(ulong) != 0 || offset >= UserSize)
            return Errno.EIO;
        if (offset >= (ulong)target.Cpu.Trace.GeneralSize)
        {
            if (!writes)
                return thread.Memory.TryWrite(data, 0UL) ? 0 : Errno.EFAULT;
            if (offset < DebugRegisters)
                return Errno.EIO;
            return offset == DebugControl && (data.Value & 0xFF) != 0 ? Errno.ENOSPC : 0;
        }

        ulong value = 0;
        Errno error = Access(target, registers =>
        {
            Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(registers.AsSpan());
            if (writes)
                words[(int)(offset / sizeof(ulong))] = data.Value;
            value = words[(int)(offset / sizeof(ulong))];
        }, writes);
        if (error != Errno.Success || writes)
            return error;
        return thread.Memory.TryWrite(data, value) ? 0 : Errno.EFAULT;
    }

    /// <summary>The general registers.</summary>
    public static SyscallResult Registers(LinuxThread thread, LinuxThread target, UserAddress data, int length, bool writes)
    {
        byte[] given = new byte[length];
        if (writes && thread.Memory.CopyIn(data, given) != Errno.Success)
            return Errno.EFAULT;
        Errno error = Access(target, registers =>
        {
            Span<byte> bytes = registers.AsSpan(0, length);
            if (writes)
                given.CopyTo(bytes);
            else
                bytes.CopyTo(given);
        }, writes);
        if (error != Errno.Success || writes)
            return error;
        return thread.Memory.CopyOut(data, given);
    }

    /// <summary>The beginning of the vector state.</summary>
    public static SyscallResult Vectors(LinuxThread thread, LinuxThread target, TraceState trace, UserAddress data, int length, bool writes)
    {
        byte[] image = new byte[length];
        if (writes && thread.Memory.CopyIn(data, image) != Errno.Success)
            return Errno.EFAULT;
        using (target.Kernel.Processes.Lock.Enter())
        {
            if (!trace.IsStopped)
                return Errno.ESRCH;
            if (writes && !target.Cpu.Trace.TryWriteVectors(target, trace, image))
                return Errno.EINVAL;
            if (!writes)
                target.Cpu.Trace.Vectors(target, trace.Vectors).AsSpan(0, length).CopyTo(image);
        }

        return writes ? 0 : thread.Memory.CopyOut(data, image);
    }

    /// <summary>PTRACE_GETREGSET, PTRACE_SETREGSET: the length in the vector becomes what there is.</summary>
    public static SyscallResult RegisterSet(LinuxThread thread, LinuxThread target, TraceState trace, ulong kind, UserAddress vector, bool writes)
    {
        if (!thread.Memory.TryRead(vector, out ulong start) || !thread.Memory.TryRead(vector.Offset(sizeof(ulong)), out ulong room))
            return Errno.EFAULT;
        TraceFormat format = target.Cpu.Trace;
        int whole = kind switch
        {
            GeneralSet => format.GeneralSize,
            FloatingPointSet => format.FloatingPointSize,
            ExtendedSet when format.HasLegacyRequests => trace.Vectors.Length,
            _ => 0,
        };
        if (whole == 0 || room % sizeof(ulong) != 0)
            return Errno.EINVAL;
        int length = (int)Math.Min(room, (ulong)whole);
        if (kind != GeneralSet && writes && length < whole)
            return kind == ExtendedSet ? Errno.EFAULT : Errno.EINVAL;
        SyscallResult result = kind == GeneralSet
            ? Registers(thread, target, new UserAddress(start), length, writes)
            : Vectors(thread, target, trace, new UserAddress(start), length, writes);
        if (result.IsError)
            return result;
        return thread.Memory.TryWrite(vector.Offset(sizeof(ulong)), (ulong)length) ? 0 : Errno.EFAULT;
    }

    /// <summary>PTRACE_GET_SYSCALL_INFO: as much of the structure as there is room for; the result is its whole size.</summary>
    public static SyscallResult CallInfo(LinuxThread thread, LinuxThread target, TraceState trace, ulong room, UserAddress data)
    {
        Span<byte> info = stackalloc byte[88];
        info.Clear();
        int size = 24;
        // What it is about to do: registers in the order of their roles.
        ulong place = 0, stack = 0, result = 0;
        ulong[] call = new ulong[7];
        Errno error = Access(target, _ =>
        {
            place = target.ProgramAddress;
            stack = target.StackPointer;
            result = target.Result;
            SyscallArguments a = target.Cpu.ArgumentsOf(target.Context.Registers, 0);
            ReadOnlySpan<ulong> words = [(ulong)target.Cpu.ToProgramNumber((int)target.CurrentSyscall), a.A0, a.A1, a.A2, a.A3, a.A4, a.A5];
            words.CopyTo(call);
        }, writes: false);
        if (error != Errno.Success)
            return error;
        info[0] = (byte)trace.Place;
        BinaryPrimitives.WriteUInt32LittleEndian(info[4..], target.Cpu.AuditArchitecture);
        BinaryPrimitives.WriteUInt64LittleEndian(info[8..], place);
        BinaryPrimitives.WriteUInt64LittleEndian(info[16..], stack);
        if (trace.Place is CallPlace.Entry or CallPlace.Seccomp)
        {
            MemoryMarshal.AsBytes(call.AsSpan()).CopyTo(info[24..]);
            size = 80;
            if (trace.Place == CallPlace.Seccomp)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(info[80..], trace.FilterData);
                size = 84;
            }
        }
        else if (trace.Place == CallPlace.Exit)
        {
            const long lowestError = -4095;
            BinaryPrimitives.WriteUInt64LittleEndian(info[24..], result);
            info[32] = (long)result is < 0 and >= lowestError ? (byte)1 : (byte)0;
            size = 33;
        }

        error = thread.Memory.CopyOut(data, info[..(int)Math.Min(room, (ulong)size)]);
        return error != Errno.Success ? error : size;
    }

    private static Errno Access(LinuxThread target, Action<byte[]> action, bool writes)
    {
        TraceFormat format = target.Cpu.Trace;
        byte[] registers = new byte[format.GeneralSize];
        using (target.Kernel.Processes.Lock.Enter())
        {
            if (target.Trace is not { IsStopped: true })
                return Errno.ESRCH;
            format.Read(target, registers);
            action(registers);
            return !writes || format.TryWrite(target, registers) ? Errno.Success : Errno.EIO;
        }
    }
}
