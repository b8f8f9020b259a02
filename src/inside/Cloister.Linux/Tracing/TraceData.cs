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

    private const uint ArchitectureX64 = 0xC000003E;

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
        if (offset >= TraceRegisters.Size)
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
            Span<ulong> words = MemoryMarshal.Cast<UserRegisters, ulong>(registers.AsSpan());
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
            Span<byte> bytes = MemoryMarshal.AsBytes(registers.AsSpan())[..length];
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
            if (writes && !TraceRegisters.TryWriteVectors(target, trace, image))
                return Errno.EINVAL;
            if (!writes)
                TraceRegisters.Vectors(target, trace).AsSpan(0, length).CopyTo(image);
        }

        return writes ? 0 : thread.Memory.CopyOut(data, image);
    }

    /// <summary>PTRACE_GETREGSET, PTRACE_SETREGSET: the length in the vector becomes what there is.</summary>
    public static SyscallResult RegisterSet(LinuxThread thread, LinuxThread target, TraceState trace, ulong kind, UserAddress vector, bool writes)
    {
        if (!thread.Memory.TryRead(vector, out ulong start) || !thread.Memory.TryRead(vector.Offset(sizeof(ulong)), out ulong room))
            return Errno.EFAULT;
        int whole = kind switch
        {
            GeneralSet => TraceRegisters.Size,
            FloatingPointSet => TraceRegisters.LegacyVectorSize,
            ExtendedSet => trace.Vectors.Length,
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
        UserRegisters registers = default;
        Errno error = Access(target, found => registers = found[0], writes: false);
        if (error != Errno.Success)
            return error;
        info[0] = (byte)trace.Place;
        BinaryPrimitives.WriteUInt32LittleEndian(info[4..], ArchitectureX64);
        BinaryPrimitives.WriteUInt64LittleEndian(info[8..], registers.Rip);
        BinaryPrimitives.WriteUInt64LittleEndian(info[16..], registers.Rsp);
        if (trace.Place is CallPlace.Entry or CallPlace.Seccomp)
        {
            UserRegisters r = registers;
            ReadOnlySpan<ulong> call = [r.OriginalRax, r.Rdi, r.Rsi, r.Rdx, r.R10, r.R8, r.R9];
            MemoryMarshal.AsBytes(call).CopyTo(info[24..]);
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
            long result = (long)registers.Rax;
            BinaryPrimitives.WriteInt64LittleEndian(info[24..], result);
            info[32] = result is < 0 and >= lowestError ? (byte)1 : (byte)0;
            size = 33;
        }

        error = thread.Memory.CopyOut(data, info[..(int)Math.Min(room, (ulong)size)]);
        return error != Errno.Success ? error : size;
    }

    private static Errno Access(LinuxThread target, Action<UserRegisters[]> action, bool writes)
    {
        UserRegisters[] registers = new UserRegisters[1];
        using (target.Kernel.Processes.Lock.Enter())
        {
            if (target.Trace is not { IsStopped: true })
                return Errno.ESRCH;
            registers[0] = TraceRegisters.Read(target);
            action(registers);
            return !writes || TraceRegisters.TryWrite(target, registers[0]) ? Errno.Success : Errno.EIO;
        }
    }
}
