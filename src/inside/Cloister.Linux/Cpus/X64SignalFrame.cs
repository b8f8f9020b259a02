using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Hal;
using Cloister.Linux.Memory;
using Cloister.Linux.Signals;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Cpus;

/// <summary>
/// The frame that a handler finds on its stack, bit for bit as Linux builds it (arch/x86/kernel/signal_64.c, struct
/// rt_sigframe), and the way back.
/// </summary>
internal static class X64SignalFrame
{
    private const int RedZone = 128;
    private const int FrameSize = 440;

    // Offsets in struct rt_sigframe.
    private const int Flags = 8;
    private const int Stack = 24;
    private const int Context = 48;
    private const int Mask = 304;
    private const int Info = 312;

    // Offsets in struct sigcontext.
    private const int Segments = 144;
    private const int Error = 152;
    private const int TrapNumber = 160;
    private const int OldMask = 168;
    private const int FaultAddress = 176;
    private const int FpState = 184;

    // uc_flags (arch/x86/include/uapi/asm/ucontext.h).
    private const ulong UcFpXstate = 1;
    private const ulong UcSigcontextSs = 2;
    private const ulong UcStrictRestoreSs = 4;

    // Software part of the XSAVE image (struct _fpx_sw_bytes).
    private const int Software = 464;
    private const uint Magic1 = 0x46505853;
    private const uint Magic2 = 0x46505845;
    private const int LegacySize = 512;
    private const int SmallestImage = 576;

    /// <summary>Flags that a program may set by rt_sigreturn: CF PF AF ZF SF TF DF OF RF AC (FIX_EFLAGS).</summary>
    private const ulong UserFlags = 0x0005_0DD5;
    private const ulong FixedFlags = 0x202;

    /// <summary>Segment selectors of 64-bit user code on Linux: cs, gs, fs, ss.</summary>
    private const ulong UserSegments = 0x0033 | (0x002BUL << 48);

    /// <summary>Pushes a frame and points the registers at the handler.</summary>
    /// <returns>EFAULT where the stack has no room.</returns>
    public static Errno Push(LinuxThread thread, in SignalAction action, in SignalInfo info, ulong mask)
    {
        IUserContext context = thread.Context;
        ref X64Registers registers = ref X64Registers.Of(context.Registers);
        ulong stack = registers.Rsp - RedZone;
        SignalStack alternate = thread.AlternateStack;
        bool entersAlternate = thread.EntersAlternateStack(action);
        if (entersAlternate)
            stack = alternate.Pointer + alternate.Size;

        int imageSize = context.VectorStateSize;
        ulong image = (stack - (ulong)(imageSize + sizeof(uint))) & ~63UL;
        ulong frame = ((image - FrameSize) & ~15UL) - 8;
        // A frame that would leave the alternate stack, which the thread is on or comes to, isn't written elsewhere (get_sigframe of Linux).
        bool isAlternate = entersAlternate || (alternate.Size != 0 && alternate.Contains(registers.Rsp));
        if (isAlternate && (frame <= alternate.Pointer || frame > stack))
            return Errno.EFAULT;

        Span<byte> vector = stackalloc byte[imageSize + sizeof(uint)];
        context.SaveVectorState(vector[..imageSize]);
        WriteSoftwarePart(vector, imageSize, context.VectorStateComponents);

        Span<byte> bytes = stackalloc byte[FrameSize];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, action.Restorer);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[Flags..], UcFpXstate | UcSigcontextSs | UcStrictRestoreSs);
        SignalStack saved = alternate;
        saved.Flags = thread.AlternateStackFlags(registers.Rsp);
        MemoryMarshal.Write(bytes[Stack..], in saved);
        WriteContext(bytes[Context..], registers, thread, image);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[Mask..], mask);
        MemoryMarshal.Write(bytes[Info..], in info);

        if (thread.Memory.CopyOut(new UserAddress(image), vector) != Errno.Success ||
            thread.Memory.CopyOut(new UserAddress(frame), bytes) != Errno.Success)
            return Errno.EFAULT;

        if ((alternate.Flags & SignalStack.AutoDisarm) != 0)
            thread.AlternateStack = new SignalStack { Flags = SignalStack.Disable };
        registers.Rdi = (ulong)info.Signal;
        registers.Rsi = frame + Info;
        registers.Rdx = frame + Flags;
        registers.Rax = 0;
        registers.Rsp = frame;
        registers.Rip = action.Handler;
        registers.Rflags &= ~0x0001_0500UL; // RF, DF, TF: setup_rt_frame clears them for the handler.
        context.ResetVectorState(); // as new, whatever was interrupted: fpu__clear_user_states of handle_signal
        context.SetAllRegistersChanged();
        return Errno.Success;
    }

    /// <summary>rt_sigreturn(2): takes everything back from the frame at the stack pointer.</summary>
    /// <returns>EFAULT for a frame that can't be read, or that the processor would refuse: SIGSEGV.</returns>
    public static Errno Pop(LinuxThread thread, out ulong mask)
    {
        IUserContext context = thread.Context;
        ref X64Registers registers = ref X64Registers.Of(context.Registers);
        mask = 0;

        // The handler's ret has taken pretcode off the stack.
        ulong frame = registers.Rsp - 8;
        Span<byte> bytes = stackalloc byte[FrameSize];
        if (thread.Memory.CopyIn(new UserAddress(frame), bytes) != Errno.Success)
            return Errno.EFAULT;
        mask = BinaryPrimitives.ReadUInt64LittleEndian(bytes[Mask..]);

        // Where Linux would return to another segment, or to none.
        const ulong privilege = 3;
        if ((BinaryPrimitives.ReadUInt16LittleEndian(bytes[(Context + Segments)..]) | privilege) != (UserSegments & ushort.MaxValue))
            return Errno.EFAULT;
        ReadContext(bytes[Context..], ref registers, thread);
        ulong image = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(Context + FpState)..]);
        SignalStack stack = MemoryMarshal.Read<SignalStack>(bytes[Stack..]);
        thread.SetAlternateStack(stack, registers.Rsp);
        context.SetAllRegistersChanged();
        return RestoreVectorState(thread, image);
    }

    private static Errno RestoreVectorState(LinuxThread thread, ulong address)
    {
        IUserContext context = thread.Context;
        if (address == 0)
        {
            context.ResetVectorState();
            return Errno.Success;
        }

        Span<byte> image = stackalloc byte[context.VectorStateSize + sizeof(uint)];
        if (thread.Memory.CopyIn(new UserAddress(address), image[..LegacySize]) != Errno.Success)
            return Errno.EFAULT;

        // Without the magic numbers the frame has x87 and SSE state only (check_xstate_in_sigframe).
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(image[Software..]);
        ulong components = BinaryPrimitives.ReadUInt64LittleEndian(image[(Software + 8)..]);
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(image[(Software + 16)..]);
        bool isExtended = magic == Magic1 && size >= SmallestImage && size <= context.VectorStateSize &&
            thread.Memory.TryRead(new UserAddress(address + size), out uint magic2) && magic2 == Magic2;
        if (isExtended)
        {
            if (thread.Memory.CopyIn(new UserAddress(address), image[..(int)size]) != Errno.Success ||
                !IsLoadable(image, address, context.VectorStateComponents))
                return Errno.EFAULT;
            context.RestoreVectorState(image[..(int)size], components);
            return Errno.Success;
        }

        const ulong legacyAlignment = 16;
        if (!IsMxcsr(image) || address % legacyAlignment != 0)
            return Errno.EFAULT;
        image[LegacySize..SmallestImage].Clear();
        image[LegacySize] = 3;
        context.RestoreVectorState(image[..SmallestImage], 3);
        return Errno.Success;
    }

    /// <summary>Whether XRSTOR would take it: aligned, no component that there isn't, nothing where nothing may be (Intel SDM, XRSTOR, #GP).</summary>
    private static bool IsLoadable(ReadOnlySpan<byte> image, ulong address, ulong components)
    {
        const ulong alignment = 64;
        ReadOnlySpan<byte> header = image[LegacySize..SmallestImage];
        return address % alignment == 0 && IsMxcsr(image) && (BinaryPrimitives.ReadUInt64LittleEndian(header) & ~components) == 0 &&
            !header[8..24].ContainsAnyExcept((byte)0);
    }

    private static bool IsMxcsr(ReadOnlySpan<byte> image)
    {
        const int offset = 24;
        return BinaryPrimitives.ReadUInt32LittleEndian(image[offset..]) <= ushort.MaxValue;
    }

    private static void WriteSoftwarePart(Span<byte> vector, int imageSize, ulong components)
    {
        Span<byte> software = vector.Slice(Software, 48);
        software.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(software, Magic1);
        BinaryPrimitives.WriteUInt32LittleEndian(software[4..], (uint)imageSize + sizeof(uint));
        BinaryPrimitives.WriteUInt64LittleEndian(software[8..], components);
        BinaryPrimitives.WriteUInt32LittleEndian(software[16..], (uint)imageSize);
        BinaryPrimitives.WriteUInt32LittleEndian(vector[imageSize..], Magic2);
    }

    private static void WriteContext(Span<byte> bytes, in X64Registers r, LinuxThread thread, ulong image)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes[..256]);
        words[0] = r.R8;
        words[1] = r.R9;
        words[2] = r.R10;
        words[3] = r.R11;
        words[4] = r.R12;
        words[5] = r.R13;
        words[6] = r.R14;
        words[7] = r.R15;
        words[8] = r.Rdi;
        words[9] = r.Rsi;
        words[10] = r.Rbp;
        words[11] = r.Rbx;
        words[12] = r.Rdx;
        words[13] = r.Rax;
        words[14] = r.Rcx;
        words[15] = r.Rsp;
        words[16] = thread.Memory.Space.Mmu.CallSites?.ToProgramAddress(r.Rip) ?? r.Rip;
        words[17] = r.Rflags;
        words[Segments / 8] = UserSegments;
        words[Error / 8] = thread.LastTrap.ErrorCode;
        words[TrapNumber / 8] = (ulong)thread.LastTrap.Vector;
        words[OldMask / 8] = thread.SignalMask;
        words[FaultAddress / 8] = thread.LastTrap.Address;
        words[FpState / 8] = image;
    }

    private static void ReadContext(ReadOnlySpan<byte> bytes, ref X64Registers r, LinuxThread thread)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes[..256]);
        r.R8 = words[0];
        r.R9 = words[1];
        r.R10 = words[2];
        r.R11 = words[3];
        r.R12 = words[4];
        r.R13 = words[5];
        r.R14 = words[6];
        r.R15 = words[7];
        r.Rdi = words[8];
        r.Rsi = words[9];
        r.Rbp = words[10];
        r.Rbx = words[11];
        r.Rdx = words[12];
        r.Rax = words[13];
        r.Rcx = words[14];
        r.Rsp = words[15];
        r.Rip = thread.Memory.Space.Mmu.CallSites?.FromProgramAddress(words[16]) ?? words[16];
        r.Rflags = (words[17] & UserFlags) | FixedFlags;
    }
}
