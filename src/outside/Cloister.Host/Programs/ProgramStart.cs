using System.Collections.Generic;
using Cloister.Host.Native;

namespace Cloister.Host.Programs;

/// <summary>A program that is to join those in a running enclave.</summary>
internal sealed record ProgramStart
{
    /// <summary>argv; the first is the program's path or name.</summary>
    public required IReadOnlyList<byte[]> Arguments { get; init; }

    /// <summary>Strings "NAME=value".</summary>
    public required IReadOnlyList<byte[]> Environment { get; init; }

    /// <summary>Working directory, absolute, inside.</summary>
    public required byte[] WorkingDirectory { get; init; }

    /// <summary>User.</summary>
    public required uint UserId { get; init; }

    /// <summary>Group.</summary>
    public required uint GroupId { get; init; }

    /// <summary>File mode creation mask.</summary>
    public required uint Umask { get; init; }

    /// <summary>Whether its standard input is a terminal that is to control its session.</summary>
    public required bool HasTerminal { get; init; }

    /// <summary>Standard input, output and error, which go over to the enclave's server.</summary>
    public required FileDescriptor[] Streams { get; init; }
}

/// <summary>Who wants to know what becomes of a program. Called on any thread; must not wait.</summary>
public interface IProgramObserver
{
    /// <summary>It runs.</summary>
    void OnRunning();

    /// <summary>It couldn't be started.</summary>
    void OnFailed(int code, string sentence);

    /// <summary>It has ended; the enclave may be about to end with it.</summary>
    void OnEnded(int code);
}
