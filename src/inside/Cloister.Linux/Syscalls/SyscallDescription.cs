using Cloister.Abi;

namespace Cloister.Linux.Syscalls;

/// <summary>One row of the catalogue of system calls.</summary>
/// <param name="Number">The x86-64 number.</param>
/// <param name="Name">The name.</param>
/// <param name="Signature">Name and typed arguments.</param>
/// <param name="Support">How much of it holds.</param>
/// <param name="Note">What is missing or differs; empty where nothing is.</param>
/// <param name="Result">The error that an unimplemented call returns, else <see cref="Errno.Success"/>.</param>
/// <param name="Lacks">Names of the flags, commands and options that a partial call refuses, separated by spaces; "NAME*" stands for all that begin so.</param>
/// <param name="IsOptional">Whether programs ask for an unimplemented call and do without.</param>
/// <param name="GenericNumber">The number on RISC-V and AArch64; -1 where they don't have it.</param>
public readonly record struct SyscallDescription(
    int Number, string Name, string Signature, SyscallSupport Support, string Note, Errno Result, string Lacks, bool IsOptional, int GenericNumber)
{
    /// <summary>The first of the numbers that x86-64 has left free, for calls which only others have.</summary>
    public const int FirstForeign = 400;

    /// <summary>The last one.</summary>
    public const int LastForeign = 423;

    /// <summary>Whether x86-64 doesn't have the call: its number is the kernel's own.</summary>
    public bool IsForeign => Number is >= FirstForeign and <= LastForeign;
}
