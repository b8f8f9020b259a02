using System.Collections.Generic;

namespace Cloister.Linux;

/// <summary>What the first program has of who started it, besides files: what execve(2) leaves as it is.</summary>
public sealed record InheritedAttributes
{
    /// <summary>The file mode creation mask (umask(2)).</summary>
    public uint Umask { get; init; } = 0x12;

    /// <summary>Signals that are ignored: bit N - 1 for signal N.</summary>
    public ulong IgnoredSignals { get; init; }

    /// <summary>Signals that are blocked, likewise.</summary>
    public ulong BlockedSignals { get; init; }

    /// <summary>Soft and hard limits by the number of the resource (getrlimit(2)); those that aren't named have the kernel's own values.</summary>
    public IReadOnlyDictionary<int, (ulong Soft, ulong Hard)> Limits { get; init; } = new Dictionary<int, (ulong Soft, ulong Hard)>();
}
