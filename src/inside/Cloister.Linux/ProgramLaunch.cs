using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Files;

namespace Cloister.Linux;

/// <summary>How a program ended that was started from outside.</summary>
/// <param name="StartError">Why it could not be started; Success where it was.</param>
/// <param name="WaitStatus">Its status as wait4 reports it.</param>
/// <param name="Obstacle">What was in the way of the start: a missing interpreter or working directory; empty for the program itself.</param>
public readonly record struct ProgramEnd(Errno StartError, int WaitStatus, string Obstacle = "");

/// <summary>A program that is started from outside: the first of an enclave, or one that joins it.</summary>
public sealed record ProgramLaunch
{
    /// <summary>argv; the first is the program's path or name.</summary>
    public required IReadOnlyList<byte[]> Arguments { get; init; }

    /// <summary>KEY=VALUE strings.</summary>
    public required IReadOnlyList<byte[]> Environment { get; init; }

    /// <summary>Working directory.</summary>
    public required byte[] WorkingDirectory { get; init; }

    /// <summary>User.</summary>
    public uint UserId { get; init; }

    /// <summary>Group.</summary>
    public uint GroupId { get; init; }

    /// <summary>Supplementary groups.</summary>
    public uint[] Groups { get; init; } = [];

    /// <summary>What else it has of its caller.</summary>
    public InheritedAttributes Attributes { get; init; } = new();

    /// <summary>The terminal that controls its session; null for none.</summary>
    public ITerminal? Terminal { get; init; }

    /// <summary>Opens the program's standard files in its table, on its own thread.</summary>
    public required Action<LinuxThread> OpenStandardFiles { get; init; }

    /// <summary>Called on the program's thread when it is loaded and about to run.</summary>
    public Action? Loaded { get; init; }

    /// <summary>Called when it has ended, or couldn't be started. Must not wait for other programs.</summary>
    public Action<ProgramEnd>? Ended { get; init; }
}
