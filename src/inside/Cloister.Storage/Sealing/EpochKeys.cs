using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics;
using Cloister.Crypto;

namespace Cloister.Storage.Sealing;

/// <summary>
/// Keys of the volume, one for each epoch. A mount draws a fresh one, so that a volume which the host has rolled back or
/// copied never sees a nonce again, though nonces are a mere counter. A sequence number tells its epoch.
/// </summary>
/// <remarks>Epochs are added before the volume is used and when it is re-keyed, by the owner, who locks.</remarks>
internal sealed class EpochKeys : IDisposable
{
    public const int KeySize = 32;
    private const int EntrySize = 8 + KeySize;

    private readonly List<Epoch> _epochs = [];

    public AesGcm Current => _epochs[^1].Cipher;

    public int Count => _epochs.Count;

    /// <summary>Bytes of all keys when written.</summary>
    public int Size => _epochs.Count * EntrySize;

    public void Add(ulong firstSequence, ReadOnlySpan<byte> key)
    {
        Debug.Assert(_epochs.Count == 0 || _epochs[^1].FirstSequence <= firstSequence);
        // A mount that left nothing behind needs no key.
        if (_epochs.Count > 0 && _epochs[^1].FirstSequence == firstSequence)
            Remove(_epochs.Count - 1);
        _epochs.Add(new Epoch(firstSequence, new KeyMemory(key), new AesGcm(key)));
    }

    /// <summary>The cipher of an epoch; null for a sequence before all of them.</summary>
    public AesGcm? Find(ulong sequence)
    {
        int index = IndexOf(sequence);
        return index < 0 ? null : _epochs[index].Cipher;
    }

    /// <summary>Number of the epoch of a sequence, from 0; -1 for none.</summary>
    public int IndexOf(ulong sequence)
    {
        int low = 0, high = _epochs.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_epochs[middle].FirstSequence <= sequence)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }

    /// <summary>The first sequence number of an epoch.</summary>
    public ulong FirstSequence(int index) => _epochs[index].FirstSequence;

    /// <summary>Forgets the keys of epochs that nothing is sealed under any more. The newest stays.</summary>
    public void Retain(ReadOnlySpan<bool> isUsed)
    {
        for (int i = _epochs.Count - 2; i >= 0; i--)
        {
            if (!isUsed[i])
                Remove(i);
        }
    }

    private void Remove(int index)
    {
        _epochs[index].Key.Dispose();
        _epochs[index].Cipher.Dispose();
        _epochs.RemoveAt(index);
    }

    public void Write(Span<byte> into)
    {
        foreach (Epoch epoch in _epochs)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(into, epoch.FirstSequence);
            epoch.Key.Span.CopyTo(into[8..]);
            into = into[EntrySize..];
        }
    }

    public static EpochKeys Read(ReadOnlySpan<byte> from)
    {
        var keys = new EpochKeys();
        for (; from.Length >= EntrySize; from = from[EntrySize..])
            keys.Add(BinaryPrimitives.ReadUInt64LittleEndian(from), from.Slice(8, KeySize));
        return keys;
    }

    public void Dispose()
    {
        foreach (Epoch epoch in _epochs)
        {
            epoch.Key.Dispose();
            epoch.Cipher.Dispose();
        }
    }

    private readonly record struct Epoch(ulong FirstSequence, KeyMemory Key, AesGcm Cipher);
}
