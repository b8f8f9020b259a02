using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Linux.Memory;
using Cloister.Linux.Signals;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Cpus;

/// <summary>The frame that a handler finds on its stack (arch/riscv/kernel/signal.c, struct rt_sigframe), and the way back.</summary>
internal static class RiscV64SignalFrame
{
    /// <summary>Bytes of a frame.</summary>
    public const int Size = 1088;

    // Offsets in struct rt_sigframe: siginfo, ucontext with stack, mask, registers, floating-point state.
    private const int Context = 128;
    private const int Stack = Context + 16;
    private const int Mask = Context + 40;
    private const int Registers = Context + 176;
    private const int Floating = Registers + RiscV64Registers.Count * sizeof(ulong);

    // What follows the place of registers of 128 bits: all zero, or the frame isn't one (restore_fp_state).
    private const int FloatingReserved = Floating + 516;
    private const int FloatingImage = 33 * sizeof(ulong);

    /// <summary>Pushes a frame and points the registers at the handler.</summary>
    /// <returns>EFAULT where the stack has no room.</returns>
    public static Errno Push(LinuxThread thread, in SignalAction action, in SignalInfo info, ulong mask)
    {
        IUserContext context = thread.Context;
        Span<ulong> registers = context.Registers;
        SignalStack alternate = thread.AlternateStack;
        ulong pointer = thread.StackPointer;
        bool entersAlternate = thread.EntersAlternateStack(action);
        ulong top = entersAlternate ? alternate.Pointer + alternate.Size : pointer;
        ulong frame = (top - Size) & ~15UL;
        // A frame that would leave the alternate stack, which the thread is on or comes to, isn't written elsewhere.
        bool isAlternate = entersAlternate || (alternate.Size != 0 && alternate.Contains(pointer));
        if (isAlternate && (frame <= alternate.Pointer || frame > top))
            return Errno.EFAULT;

        Span<byte> bytes = stackalloc byte[Size];
        bytes.Clear();
        MemoryMarshal.Write(bytes, in info);
        SignalStack saved = alternate;
        saved.Flags = thread.AlternateStackFlags(pointer);
        MemoryMarshal.Write(bytes[Stack..], in saved);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[Mask..], mask);
        MemoryMarshal.AsBytes(registers).CopyTo(bytes[Registers..]);
        context.SaveVectorState(bytes.Slice(Floating, FloatingImage));
        if (thread.Memory.CopyOut(new UserAddress(frame), bytes) != Errno.Success)
            return Errno.EFAULT;

        if ((alternate.Flags & SignalStack.AutoDisarm) != 0)
            thread.AlternateStack = new SignalStack { Flags = SignalStack.Disable };
        registers[RiscV64Registers.ReturnAddress] = thread.Memory.Space.Program.SignalReturn;
        registers[RiscV64Registers.A0] = (ulong)info.Signal;
        registers[RiscV64Registers.A0 + 1] = frame;
        registers[RiscV64Registers.A0 + 2] = frame + Context;
        thread.StackPointer = frame;
        thread.InstructionPointer = action.Handler;
        context.SetAllRegistersChanged();
        return Errno.Success;
    }

    /// <summary>rt_sigreturn(2).</summary>
    /// <returns>EFAULT for a frame that can't be read: SIGSEGV.</returns>
    public static Errno Pop(LinuxThread thread, out ulong mask)
    {
        mask = 0;
        Span<byte> bytes = stackalloc byte[Size];
        if (thread.Memory.CopyIn(new UserAddress(thread.StackPointer), bytes) != Errno.Success)
            return Errno.EFAULT;
        if (bytes[FloatingReserved..].ContainsAnyExcept((byte)0))
            return Errno.EFAULT;
        mask = BinaryPrimitives.ReadUInt64LittleEndian(bytes[Mask..]);
        MemoryMarshal.Cast<byte, ulong>(bytes.Slice(Registers, RiscV64Registers.Count * sizeof(ulong))).CopyTo(thread.Context.Registers);
        thread.Context.RestoreVectorState(bytes.Slice(Floating, FloatingImage), 0);
        thread.SetAlternateStack(MemoryMarshal.Read<SignalStack>(bytes[Stack..]), thread.StackPointer);
        thread.Context.SetAllRegistersChanged();
        return Errno.Success;
    }
}
