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
        _epochs.Add(new Epoch(firstSequence, new KeyMemory(key), new AesGcm(key)));
    }

    /// <summary>The cipher of an epoch; null for a sequence before all of them.</summary>
    public AesGcm? Find(ulong sequence)
    {
        for (int i = _epochs.Count - 1; i >= 0; i--)
        {
            if (_epochs[i].FirstSequence <= sequence)
                return _epochs[i].Cipher;
        }

        return null;
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
