using System.Runtime.InteropServices;

namespace Cloister.Hal.HostProtocol;

/// <summary>
/// A program that is to join those inside, in a data slot: this record, little-endian, and behind it the strings, each with a NUL: the
/// working directory, the arguments, the environment.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = Length)]
public struct ProgramRecord
{
    /// <summary>Bytes of the record.</summary>
    public const int Length = 56;

    /// <summary>In <see cref="Flags"/>: its standard input is a terminal, which controls its session.</summary>
    public const uint HasTerminal = 1;

    /// <summary>The launcher's number for it, from 1; its streams follow from it (HostStreams).</summary>
    public uint Number;

    /// <summary>Flags.</summary>
    public uint Flags;

    /// <summary>User.</summary>
    public uint UserId;

    /// <summary>Group.</summary>
    public uint GroupId;

    /// <summary>File mode creation mask.</summary>
    public uint Umask;

    /// <summary>Number of arguments, at least 1.</summary>
    public uint ArgumentCount;

    /// <summary>Number of variables.</summary>
    public uint VariableCount;

    /// <summary>Unused, 0.</summary>
    public uint Reserved;

    /// <summary>Standard input.</summary>
    public ProgramStream Input;

    /// <summary>Standard output.</summary>
    public ProgramStream Output;

    /// <summary>Standard error.</summary>
    public ProgramStream Error;
}

/// <summary>One of the standard streams of a program that joins.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public struct ProgramStream
{
    /// <summary>The share that is this regular file or directory; -1 for pipes, terminals and the like.</summary>
    public int Share;

    /// <summary>How it was opened: flags of open(2).</summary>
    public uint Flags;
}
