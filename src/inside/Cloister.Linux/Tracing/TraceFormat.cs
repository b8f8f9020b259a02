using System;

namespace Cloister.Linux.Tracing;

/// <summary>How ptrace(2) shows a stopped tracee's registers on a processor. With the lock of the process table held, or by the tracee.</summary>
internal abstract class TraceFormat
{
    /// <summary>Bytes of NT_PRSTATUS.</summary>
    public required int GeneralSize { get; init; }

    /// <summary>Bytes of NT_PRFPREG.</summary>
    public required int FloatingPointSize { get; init; }

    /// <summary>Whether there are the requests of old (PTRACE_GETREGS, PTRACE_PEEKUSER), and NT_X86_XSTATE.</summary>
    public required bool HasLegacyRequests { get; init; }

    /// <summary>Whether a tracee can be stepped.</summary>
    public required bool CanStep { get; init; }

    /// <summary>Reads general registers.</summary>
    public abstract void Read(LinuxThread tracee, Span<byte> registers);

    /// <summary>Sets general registers.</summary>
    /// <returns>False where some can't be (EIO): then others may be set, as on Linux.</returns>
    public abstract bool TryWrite(LinuxThread tracee, ReadOnlySpan<byte> registers);

    /// <summary>Adds to a saved vector state what Linux adds for debuggers.</summary>
    public abstract byte[] Vectors(LinuxThread thread, byte[] saved);

    /// <summary>Sets the beginning of a stopped tracee's vector state, or all.</summary>
    /// <returns>False where the processor would refuse it (EINVAL).</returns>
    public abstract bool TryWriteVectors(LinuxThread tracee, TraceState trace, ReadOnlySpan<byte> image);

    /// <summary>Gives a tracee the state that its tracer has changed; by the tracee.</summary>
    public abstract void LoadVectors(LinuxThread tracee, ReadOnlySpan<byte> image);

    /// <summary>Makes the program trap after its next instruction.</summary>
    public abstract void BeginStep(LinuxThread tracee, TraceState trace);

    /// <summary>Takes that back.</summary>
    public abstract void EndStep(LinuxThread tracee, TraceState trace);
}
