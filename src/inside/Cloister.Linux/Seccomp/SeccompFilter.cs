using System;
using System.Runtime.InteropServices;

namespace Cloister.Linux.Seccomp;

/// <summary>What a filter says of a call, in the upper half of its result (seccomp(2)); the lower half is data.</summary>
internal enum SeccompAction : uint
{
    KillProcess = 0x80000000,
    KillThread = 0,
    Trap = 0x00030000,
    Error = 0x00050000,
    Notify = 0x7FC00000,
    Trace = 0x7FF00000,
    Log = 0x7FFC0000,
    Allow = 0x7FFF0000,

    /// <summary>The bits of the action.</summary>
    Mask = 0xFFFF0000,
}

/// <summary>
/// The filters of a thread: the last one installed, and those before it. Immutable; shared by all who inherit it.
/// </summary>
internal sealed class SeccompFilter
{
    /// <summary>MAX_INSNS_PER_PATH: each filter counts some instructions more than it has.</summary>
    private const int MostInstructions = 32768;
    private const int PerFilter = 4;

    private const int CachedCalls = 512;

    /// <summary>Words of the data that the number of a call decides: number and architecture.</summary>
    private const int CallWords = 2;
    private const int AllWords = 16;

    private readonly SeccompProgram? _program;
    private readonly ulong[] _allowed = new ulong[CachedCalls / 64];
    private readonly int _instructions;
    private readonly uint _architecture;

    private SeccompFilter(SeccompProgram? program, SeccompFilter? previous, uint architecture)
    {
        _program = program;
        _architecture = architecture;
        Previous = previous;
        IsStrict = program is null;
        Count = program is null ? 0 : (previous?.Count ?? 0) + 1;
        _instructions = (previous?._instructions ?? 0) + (program?.Length ?? 0) + PerFilter;
        if (program is not null)
            FindAllowed();
    }

    /// <summary>What a filter weighs on the kernel's heap: measured.</summary>
    public static long WeightOf(SeccompProgram program) => 512 + 12L * program.Length;

    /// <summary>SECCOMP_MODE_STRICT: read, write, exit and rt_sigreturn only.</summary>
    public static SeccompFilter CreateStrict() => new(null, null, 0);

    /// <summary>Adds a filter in front of others.</summary>
    /// <returns>Null where all together are too long (ENOMEM).</returns>
    public static SeccompFilter? Create(SeccompProgram program, SeccompFilter? previous, uint architecture) =>
        (previous?._instructions ?? 0) + program.Length + PerFilter > MostInstructions ? null : new SeccompFilter(program, previous, architecture);

    /// <summary>The filter that was installed before.</summary>
    public SeccompFilter? Previous { get; }

    /// <summary>Whether this is strict mode, which has no filter.</summary>
    public bool IsStrict { get; }

    /// <summary>How many filters there are.</summary>
    public int Count { get; }

    /// <summary>Whether another one is this, or was installed before it.</summary>
    public bool Includes(SeccompFilter? ancestor)
    {
        if (ancestor is null)
            return true;
        for (SeccompFilter? at = this; at is not null; at = at.Previous)
        {
            if (at == ancestor)
                return true;
        }

        return false;
    }

    /// <summary>Whether a call is allowed whatever its arguments: the way of most calls, which costs one look.</summary>
    public bool AllowsAlways(int number) => (uint)number < CachedCalls && (_allowed[number >> 6] >> number & 1) != 0;

    /// <summary>Asks all filters; the strongest answer counts, and of equal ones the newest (seccomp_run_filters of Linux).</summary>
    /// <param name="number">Number of the call.</param>
    /// <param name="instruction">Address behind it.</param>
    /// <param name="arguments">Its arguments.</param>
    public uint Run(int number, ulong instruction, in Syscalls.SyscallArguments arguments)
    {
        Span<ulong> data = [(uint)number | (ulong)_architecture << 32, instruction, arguments.A0, arguments.A1, arguments.A2, arguments.A3, arguments.A4, arguments.A5];
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<ulong, uint>(data);
        uint result = (uint)SeccompAction.Allow;
        for (SeccompFilter? at = this; at?._program is { } program; at = at.Previous)
        {
            program.TryRun(words, AllWords, out uint one);
            if ((int)(one & (uint)SeccompAction.Mask) < (int)(result & (uint)SeccompAction.Mask))
                result = one;
        }

        return result;
    }

    private void FindAllowed()
    {
        Span<uint> data = stackalloc uint[CallWords];
        data[1] = _architecture;
        for (int number = 0; number < CachedCalls; number++)
        {
            data[0] = (uint)number;
            bool isAllowed = (Previous is null || Previous.AllowsAlways(number)) &&
                _program!.TryRun(data, CallWords, out uint result) && result == (uint)SeccompAction.Allow;
            if (isAllowed)
                _allowed[number >> 6] |= 1UL << number;
        }
    }
}
