using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Contracts.Storage;

namespace Cloister.Storage.Tests;

/// <summary>An anchor in memory.</summary>
internal sealed class MemoryAnchor : IFreshnessAnchor
{
    private readonly Dictionary<string, FreshnessState> _states = [];

    public int Advances { get; private set; }

    public Errno Read(ReadOnlySpan<byte> volumeId, out FreshnessState state)
    {
        state = _states.GetValueOrDefault(Convert.ToHexString(volumeId));
        return Errno.Success;
    }

    public Errno Advance(ReadOnlySpan<byte> volumeId, in FreshnessState expected, in FreshnessState next)
    {
        string id = Convert.ToHexString(volumeId);
        if (_states.GetValueOrDefault(id) != expected || next.Counter <= expected.Counter)
            return Errno.EBUSY;
        _states[id] = next;
        Advances++;
        return Errno.Success;
    }

    public MemoryAnchor Clone()
    {
        var clone = new MemoryAnchor();
        foreach ((string id, FreshnessState state) in _states)
            clone._states.Add(id, state);
        return clone;
    }
}
