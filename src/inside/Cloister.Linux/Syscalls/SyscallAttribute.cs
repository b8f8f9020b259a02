using System;

namespace Cloister.Linux.Syscalls;

/// <summary>How much of a system call's manual page holds.</summary>
public enum SyscallSupport
{
    /// <summary>Everything that programs can observe inside one enclave.</summary>
    Full,

    /// <summary>Usable, with the gaps that the note lists; they return the errno of a kernel without the feature.</summary>
    Partial,

    /// <summary>Not implemented: returns the errno of a kernel without the call.</summary>
    None,
}

/// <summary>
/// Declares a system call. Everything else about it is generated from this and the method's typed parameters:
/// dispatch, the strace line, <c>cloister syscalls</c> and docs/syscalls.md.
/// </summary>
/// <remarks>
/// The method is static; its first parameter is the calling <see cref="LinuxThread"/>, the others are the call's
/// arguments in order, each int, uint, long, ulong, an enum, or one of the argument types in
/// <c>SyscallArguments.cs</c> that tell strace how to print them.
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SyscallAttribute : Attribute
{
    /// <summary>Declares a system call.</summary>
    /// <param name="number">Its x86-64 number (arch/x86/entry/syscalls/syscall_64.tbl).</param>
    /// <param name="name">Its name, as in section 2 of the manual.</param>
    /// <param name="support">How much of it holds.</param>
    public SyscallAttribute(int number, string name, SyscallSupport support = SyscallSupport.Full)
    {
        Number = number;
        Name = name;
        Support = support;
    }

    /// <summary>The x86-64 number.</summary>
    public int Number { get; }

    /// <summary>The name, as in section 2 of the manual.</summary>
    public string Name { get; }

    /// <summary>How much of the call holds.</summary>
    public SyscallSupport Support { get; }

    /// <summary>What is missing or differs, in one sentence; empty where nothing is.</summary>
    public string Note { get; set; } = "";

    /// <summary>
    /// Names of the flags, commands and options that it refuses, as the manual has them, separated by spaces; "NAME*" stands for all that
    /// begin so. For <c>cloister preflight</c>.
    /// </summary>
    public string Lacks { get; set; } = "";
}

/// <summary>Declares a system call that is not implemented, with the errno it returns.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class UnimplementedSyscallAttribute : Attribute
{
    /// <summary>Declares an unimplemented call.</summary>
    /// <param name="number">Its x86-64 number.</param>
    /// <param name="name">Its name.</param>
    /// <param name="note">Why, or what to use instead; empty for calls that nothing needs.</param>
    public UnimplementedSyscallAttribute(int number, string name, string note = "")
    {
        Number = number;
        Name = name;
        Note = note;
    }

    /// <summary>The x86-64 number.</summary>
    public int Number { get; }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>Why it is missing.</summary>
    public string Note { get; }

    /// <summary>Whether programs ask for it and do without: not worth a warning.</summary>
    public bool IsOptional { get; set; }

    /// <summary>The errno it returns: ENOSYS, as Linux without the call (default), or another where Linux gives that.</summary>
    public Cloister.Abi.Errno Result { get; set; } = Cloister.Abi.Errno.ENOSYS;
}

/// <summary>Names the number that a call has on processors with the numbers of asm-generic: RISC-V and AArch64.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class GenericSyscallAttribute : Attribute
{
    /// <summary>Names a number.</summary>
    /// <param name="number">The number.</param>
    /// <param name="name">The call.</param>
    public GenericSyscallAttribute(int number, string name)
    {
        Number = number;
        Name = name;
    }

    /// <summary>The number.</summary>
    public int Number { get; }

    /// <summary>The call.</summary>
    public string Name { get; }
}
