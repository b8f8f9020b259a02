using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Files;

namespace Cloister.Contracts;

/// <summary>A program that the user outside wants to have beside those that run inside.</summary>
public sealed record HostProgram
{
    /// <summary>The launcher's number for it, 1 to <see cref="HostStreams.Programs"/>.</summary>
    public required int Number { get; init; }

    /// <summary>argv; the first is the program's path or name.</summary>
    public required IReadOnlyList<byte[]> Arguments { get; init; }

    /// <summary>Strings "NAME=value".</summary>
    public required IReadOnlyList<byte[]> Environment { get; init; }

    /// <summary>Working directory.</summary>
    public required byte[] WorkingDirectory { get; init; }

    /// <summary>User.</summary>
    public uint UserId { get; init; }

    /// <summary>Group.</summary>
    public uint GroupId { get; init; }

    /// <summary>File mode creation mask.</summary>
    public uint Umask { get; init; }

    /// <summary>Whether its standard input is a terminal, which controls its session.</summary>
    public bool HasTerminal { get; init; }

    /// <summary>Its standard files.</summary>
    public required InheritedFile[] Files { get; init; }
}

/// <summary>What becomes of a program that was started from outside.</summary>
public enum HostProgramState
{
    /// <summary>It runs.</summary>
    Running = 1,

    /// <summary>It couldn't be started.</summary>
    Failed = 2,

    /// <summary>It has ended.</summary>
    Ended = 3,
}

/// <summary>
/// Programs that join those inside while they run. The host asks for them, which isn't trusted: whether the kernel listens is for the
/// enclave's configuration to say (docs/threat-model.md).
/// </summary>
public interface IHostPrograms
{
    /// <summary>Waits for the next one. An error means that no more will come.</summary>
    Errno Wait(out HostProgram? program);

    /// <summary>Tells what became of a program.</summary>
    /// <param name="program">0 for the first.</param>
    /// <param name="state">What.</param>
    /// <param name="code">Exit status as a shell has it.</param>
    /// <param name="sentence">For the user, where it couldn't be started.</param>
    void Report(int program, HostProgramState state, int code, string sentence);

    /// <summary>A program has ended, and nobody has its streams open any more. Never waits.</summary>
    void Release(int program);
}
