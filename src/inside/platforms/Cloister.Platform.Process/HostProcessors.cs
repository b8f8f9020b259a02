using System;
using System.Collections.Generic;

namespace Cloister.Platform.Process;

/// <summary>The host's processors that this process may use: the enclave's number 0, 1, and so on.</summary>
internal sealed unsafe class HostProcessors
{
    /// <summary>Words of the masks: 4,096 processors, more than Linux has by default (CONFIG_NR_CPUS).</summary>
    private const int MaskWords = 64;

    private readonly ulong[] _all = new ulong[MaskWords];
    private readonly int[] _hostNumbers;

    public HostProcessors(Stubs stubs)
    {
        fixed (ulong* mask = _all)
            stubs.ShortHostCall(Host.SchedGetaffinity, 0, MaskWords * sizeof(ulong), (ulong)mask, 0, 0, 0);
        var numbers = new List<int>();
        for (int i = 0; i < MaskWords * 64 && numbers.Count < Environment.ProcessorCount; i++)
        {
            if ((_all[i / 64] >> (i % 64) & 1) != 0)
                numbers.Add(i);
        }

        _hostNumbers = numbers.Count > 0 ? numbers.ToArray() : [0];
    }

    public int Count => _hostNumbers.Length;

    /// <summary>The one that the calling thread runs on.</summary>
    public int Current(Stubs stubs)
    {
        int number;
        // SAFETY: getcpu(2) stores one int.
        stubs.ShortHostCall(Host.Getcpu, (ulong)(&number), 0, 0, 0, 0, 0);
        return Math.Max(0, Array.IndexOf(_hostNumbers, number));
    }

    /// <summary>Sets where a host thread may run.</summary>
    public void Set(Stubs stubs, int hostThread, ReadOnlySpan<ulong> allowed)
    {
        ulong* mask = stackalloc ulong[MaskWords];
        new Span<ulong>(mask, MaskWords).Clear();
        for (int i = 0; i < Count && i / 64 < allowed.Length; i++)
        {
            if ((allowed[i / 64] >> (i % 64) & 1) != 0)
                mask[_hostNumbers[i] / 64] |= 1UL << (_hostNumbers[i] % 64);
        }

        // A hint: a host that refuses leaves the thread where it is.
        stubs.ShortHostCall(Host.SchedSetaffinity, (ulong)hostThread, MaskWords * sizeof(ulong), (ulong)mask, 0, 0, 0);
    }

    /// <summary>Lets a host thread run anywhere again.</summary>
    public void SetAll(Stubs stubs, int hostThread)
    {
        fixed (ulong* mask = _all)
            stubs.ShortHostCall(Host.SchedSetaffinity, (ulong)hostThread, MaskWords * sizeof(ulong), (ulong)mask, 0, 0, 0);
    }
}
