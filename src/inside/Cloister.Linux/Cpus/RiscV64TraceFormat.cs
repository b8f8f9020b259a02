using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Cloister.Hal;
using Cloister.Linux.Tracing;

namespace Cloister.Linux.Cpus;

/// <summary>struct user_regs_struct and struct __riscv_d_ext_state, which are as the platform keeps them. There is no single step.</summary>
internal sealed class RiscV64TraceFormat : TraceFormat
{
    [SetsRequiredMembers]
    public RiscV64TraceFormat()
    {
        GeneralSize = RiscV64Registers.Count * sizeof(ulong);
        FloatingPointSize = 33 * sizeof(ulong);
        HasLegacyRequests = false;
        CanStep = false;
    }

    /// <inheritdoc/>
    public override void Read(LinuxThread tracee, Span<byte> registers) => MemoryMarshal.AsBytes(tracee.Context.Registers).CopyTo(registers);

    /// <inheritdoc/>
    public override bool TryWrite(LinuxThread tracee, ReadOnlySpan<byte> registers)
    {
        MemoryMarshal.Cast<byte, ulong>(registers).CopyTo(tracee.Context.Registers);
        // At a call's begin the number is the program's to name: another call, or none (syscall_enter_from_user_mode).
        if (tracee.Trace is { Place: CallPlace.Entry or CallPlace.Seccomp })
            tracee.CurrentSyscall = (int)tracee.Context.Registers[RiscV64Registers.A7] is var number and >= 0 ? tracee.Cpu.ToKernelNumber(number) : -1;
        return true;
    }

    /// <inheritdoc/>
    public override byte[] Vectors(LinuxThread thread, byte[] saved) => saved;

    /// <inheritdoc/>
    public override bool TryWriteVectors(LinuxThread tracee, TraceState trace, ReadOnlySpan<byte> image)
    {
        image.CopyTo(trace.Vectors);
        trace.HasChangedVectors = true;
        return true;
    }

    /// <inheritdoc/>
    public override void LoadVectors(LinuxThread tracee, ReadOnlySpan<byte> image) => tracee.Context.RestoreVectorState(image, 0);

    /// <inheritdoc/>
    public override void BeginStep(LinuxThread tracee, TraceState trace)
    {
    }

    /// <inheritdoc/>
    public override void EndStep(LinuxThread tracee, TraceState trace)
    {
    }
}
