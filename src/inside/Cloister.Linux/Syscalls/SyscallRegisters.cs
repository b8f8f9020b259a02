namespace Cloister.Linux.Syscalls;

/// <summary>The six argument registers of a system call, in order (syscall(2): rdi, rsi, rdx, r10, r8, r9 on x86-64).</summary>
public readonly struct SyscallArguments(ulong a0, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5)
{
    /// <summary>First argument.</summary>
    public readonly ulong A0 = a0;

    /// <summary>Second argument.</summary>
    public readonly ulong A1 = a1;

    /// <summary>Third argument.</summary>
    public readonly ulong A2 = a2;

    /// <summary>Fourth argument.</summary>
    public readonly ulong A3 = a3;

    /// <summary>Fifth argument.</summary>
    public readonly ulong A4 = a4;

    /// <summary>Sixth argument.</summary>
    public readonly ulong A5 = a5;
}
