using System;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Cloister.Hal;
using Cloister.Linux.Tracing;

namespace Cloister.Linux.Cpus;

/// <summary>struct user_regs_struct (sys/user.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UserRegisters
{
    public ulong R15;
    public ulong R14;
    public ulong R13;
    public ulong R12;
    public ulong Rbp;
    public ulong Rbx;
    public ulong R11;
    public ulong R10;
    public ulong R9;
    public ulong R8;
    public ulong Rax;
    public ulong Rcx;
    public ulong Rdx;
    public ulong Rsi;
    public ulong Rdi;
    public ulong OriginalRax;
    public ulong Rip;
    public ulong Cs;
    public ulong Rflags;
    public ulong Rsp;
    public ulong Ss;
    public ulong FsBase;
    public ulong GsBase;
    public ulong Ds;
    public ulong Es;
    public ulong Fs;
    public ulong Gs;
}

/// <summary>Registers of x86-64 as tracers see them.</summary>
internal sealed class X64TraceFormat : TraceFormat
{
    /// <summary>Size of struct user_fpregs_struct: the FXSAVE image.</summary>
    private const int LegacyVectorSize = 512;

    private const ulong TrapFlag = 0x100;

    /// <summary>Selectors of 64-bit user code and data on Linux.</summary>
    private const ulong CodeSegment = 0x33;
    private const ulong StackSegment = 0x2B;

    /// <summary>FLAG_MASK of Linux: what a tracer may set.</summary>
    private const ulong SettableFlags = 0x0005_4DD5;
    private const ulong HighestAddress = 1UL << 47;

    /// <summary>Where the components of the image are named: of all that there are, and of those that aren't initial.</summary>
    private const int SoftwareAt = 464;
    private const int HeaderAt = 512;

    [SetsRequiredMembers]
    public X64TraceFormat()
    {
        GeneralSize = 27 * sizeof(ulong);
        FloatingPointSize = LegacyVectorSize;
        HasLegacyRequests = true;
        CanStep = true;
    }

    /// <inheritdoc/>
    public override void Read(LinuxThread tracee, Span<byte> registers)
    {
        ref X64Registers r = ref X64Registers.Of(tracee.Context.Registers);
        var shown = new UserRegisters
        {
            R15 = r.R15, R14 = r.R14, R13 = r.R13, R12 = r.R12, Rbp = r.Rbp, Rbx = r.Rbx, R11 = r.R11, R10 = r.R10,
            R9 = r.R9, R8 = r.R8, Rax = r.Rax, Rcx = r.Rcx, Rdx = r.Rdx, Rsi = r.Rsi, Rdi = r.Rdi,
            OriginalRax = (ulong)tracee.CurrentSyscall,
            Rip = ProgramAddress(tracee, r.Rip),
            Cs = CodeSegment,
            Rflags = r.Rflags,
            Rsp = r.Rsp,
            Ss = StackSegment,
            FsBase = r.FsBase,
            GsBase = r.GsBase,
        };
        MemoryMarshal.Write(registers, in shown);
    }

    /// <inheritdoc/>
    public override bool TryWrite(LinuxThread tracee, ReadOnlySpan<byte> bytes)
    {
        UserRegisters registers = MemoryMarshal.Read<UserRegisters>(bytes);
        if (registers.Cs != CodeSegment || registers.Ss != StackSegment || registers.FsBase >= HighestAddress || registers.GsBase >= HighestAddress)
            return false;
        ref X64Registers r = ref X64Registers.Of(tracee.Context.Registers);
        r.R15 = registers.R15;
        r.R14 = registers.R14;
        r.R13 = registers.R13;
        r.R12 = registers.R12;
        r.Rbp = registers.Rbp;
        r.Rbx = registers.Rbx;
        r.R11 = registers.R11;
        r.R10 = registers.R10;
        r.R9 = registers.R9;
        r.R8 = registers.R8;
        r.Rax = registers.Rax;
        r.Rcx = registers.Rcx;
        r.Rdx = registers.Rdx;
        r.Rsi = registers.Rsi;
        r.Rdi = registers.Rdi;
        r.Rsp = registers.Rsp;
        r.FsBase = registers.FsBase;
        r.GsBase = registers.GsBase;
        r.Rflags = (r.Rflags & ~SettableFlags) | (registers.Rflags & SettableFlags);
        tracee.CurrentSyscall = (int)registers.OriginalRax;

        // A thread in code of the platform's stays there, unless it is really to go elsewhere.
        if (registers.Rip != ProgramAddress(tracee, r.Rip))
            r.Rip = tracee.Memory.Space.Mmu.CallSites?.FromProgramAddress(registers.Rip) ?? registers.Rip;
        return true;
    }

    /// <inheritdoc/>
    public override byte[] Vectors(LinuxThread thread, byte[] saved)
    {
        // REGSET_XSTATE: the first software word tells what the image can hold.
        BinaryPrimitives.WriteUInt64LittleEndian(saved.AsSpan(SoftwareAt), thread.Context.VectorStateComponents);
        return saved;
    }

    /// <summary>Sets the x87 and SSE part, or all of the image.</summary>
    public override bool TryWriteVectors(LinuxThread tracee, TraceState trace, ReadOnlySpan<byte> image)
    {
        const byte legacyComponents = 3;
        if (!IsValid(image, trace.Vectors, tracee.Context.VectorStateComponents))
            return false;
        image.CopyTo(trace.Vectors);
        if (image.Length <= LegacyVectorSize)
            trace.Vectors[HeaderAt] |= legacyComponents;
        trace.HasChangedVectors = true;
        return true;
    }

    /// <summary>Whether reserved bits are zero: of MXCSR, and of the header, which must be in the standard format (SDM volume 1, 13.8).</summary>
    private static bool IsValid(ReadOnlySpan<byte> image, ReadOnlySpan<byte> own, ulong components)
    {
        const int controlAt = 24;
        const int controlMaskAt = 28;
        const int headerSize = 64;
        uint settable = BinaryPrimitives.ReadUInt32LittleEndian(own[controlMaskAt..]);
        if (settable == 0)
            settable = 0xFFBF; // where the processor doesn't tell (volume 1, 11.6.6)
        if ((BinaryPrimitives.ReadUInt32LittleEndian(image[controlAt..]) & ~settable) != 0)
            return false;
        if (image.Length <= LegacyVectorSize)
            return true;
        ReadOnlySpan<byte> header = image.Slice(HeaderAt, headerSize);
        return (BinaryPrimitives.ReadUInt64LittleEndian(header) & ~components) == 0 && !header[sizeof(ulong)..].ContainsAnyExcept((byte)0);
    }

    /// <inheritdoc/>
    public override void BeginStep(LinuxThread tracee, TraceState trace)
    {
        ref ulong flags = ref X64Registers.Of(tracee.Context.Registers).Rflags;
        trace.HasOwnTrapFlag = (flags & TrapFlag) != 0;
        flags |= TrapFlag;
    }

    /// <inheritdoc/>
    public override void EndStep(LinuxThread tracee, TraceState trace)
    {
        if (!trace.HasOwnTrapFlag)
            X64Registers.Of(tracee.Context.Registers).Rflags &= ~TrapFlag;
    }

    /// <inheritdoc/>
    public override void LoadVectors(LinuxThread tracee, ReadOnlySpan<byte> image) =>
        tracee.Context.RestoreVectorState(image, BinaryPrimitives.ReadUInt64LittleEndian(image[HeaderAt..]) & tracee.Context.VectorStateComponents);

    private static ulong ProgramAddress(LinuxThread tracee, ulong rip) => tracee.Memory.Space.Mmu.CallSites?.ToProgramAddress(rip) ?? rip;
}
