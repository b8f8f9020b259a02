using System;
using System.Collections.Generic;
using Cloister.Host.Enclaves;
using Cloister.Host.Native;
using Cloister.Host.Programs;

namespace Cloister.Host.Control;

/// <summary>What <c>cloister exec</c> asks of a launcher. What it leaves out is as for the first program.</summary>
public sealed record StartRequest
{
    /// <summary>Exit status for failures of Cloister itself.</summary>
    internal const int OwnFailure = 125;

    private const int Standard = 3;
    private const uint TerminalFlag = 1;
    private const uint UserFlag = 2;
    private const uint DirectoryFlag = 4;
    private const uint AllFlags = TerminalFlag | UserFlag | DirectoryFlag;

    /// <summary>argv.</summary>
    public required IReadOnlyList<byte[]> Arguments { get; init; }

    /// <summary>Variables that are set besides: strings "NAME=value".</summary>
    public IReadOnlyList<byte[]> Environment { get; init; } = [];

    /// <summary>Working directory.</summary>
    public byte[]? WorkingDirectory { get; init; }

    /// <summary>User and group.</summary>
    public (uint User, uint Group)? Identity { get; init; }

    /// <summary>File mode creation mask.</summary>
    public uint Umask { get; init; } = 0x12;

    /// <summary>Whether its input is a terminal that is to control its session.</summary>
    public bool HasTerminal { get; init; }

    /// <summary>Input, output and error.</summary>
    internal IReadOnlyList<FileDescriptor> Streams { get; init; } = [];

    internal byte[] ToPayload()
    {
        uint flags = (HasTerminal ? TerminalFlag : 0) | (Identity is null ? 0 : UserFlag) | (WorkingDirectory is null ? 0 : DirectoryFlag);
        (uint user, uint group) = Identity ?? default;
        return new ControlWriter().Number(flags).Number(user).Number(group).Number(Umask)
            .Bytes(WorkingDirectory ?? []).List(Arguments).List(Environment).ToArray();
    }

    /// <summary>Reads one; null for what is none.</summary>
    internal static StartRequest? Parse(in ControlMessage message)
    {
        var reader = new ControlReader(message.Payload);
        uint flags = reader.Number();
        (uint, uint) identity = (reader.Number(), reader.Number());
        uint umask = reader.Number();
        byte[] directory = reader.Text();
        byte[][] arguments = reader.List();
        byte[][] environment = reader.List();
        bool areVariables = Array.TrueForAll(environment, variable => Array.IndexOf(variable, (byte)'=') > 0);
        if (reader.IsDamaged || !areVariables || arguments.Length == 0 || message.Descriptors.Count != Standard || (flags & ~AllFlags) != 0)
            return null;
        return new StartRequest
        {
            Arguments = arguments,
            Environment = environment,
            WorkingDirectory = (flags & DirectoryFlag) != 0 ? directory : null,
            Identity = (flags & UserFlag) != 0 ? identity : null,
            Umask = umask,
            HasTerminal = (flags & TerminalFlag) != 0,
            Streams = message.Descriptors,
        };
    }

    internal ProgramStart ToStart(ProgramDefaults defaults)
    {
        (uint user, uint group) = Identity ?? (defaults.UserId, defaults.GroupId);
        var environment = new List<byte[]>(defaults.Environment);
        foreach (byte[] variable in Environment)
        {
            int name = Array.IndexOf(variable, (byte)'=') + 1;
            environment.RemoveAll(old => old.AsSpan().StartsWith(variable.AsSpan(0, name)));
            environment.Add(variable);
        }

        return new ProgramStart
        {
            Arguments = Arguments,
            Environment = environment,
            WorkingDirectory = WorkingDirectory ?? defaults.WorkingDirectory,
            UserId = user,
            GroupId = group,
            Umask = Umask,
            HasTerminal = HasTerminal,
            Streams = [.. Streams],
        };
    }
}
