using System;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Hal;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Memory;

/// <summary>A program's buffer or vector of buffers, for one transfer. One per thread, reused.</summary>
internal sealed class UserBuffers(UserMemory memory) : IIoBuffer
{
    /// <summary>Most bytes that one call transfers, as on Linux (read(2), NOTES): MAX_RW_COUNT.</summary>
    public const long LongestTransfer = 0x7ffff000;

    /// <summary>IOV_MAX.</summary>
    private const int MostVectors = 1024;

    // The end of what programs can have.
    private const ulong HighestAddress = 1UL << 47;

    private IoVector[] _vectors = new IoVector[8];
    private int _next;
    private int _count;
    private ulong _address;
    private long _inCurrent;

    /// <inheritdoc/>
    public long Remaining { get; private set; }

    /// <summary>Starts over with one buffer.</summary>
    public void SetBuffer(ulong address, ulong count)
    {
        _next = 0;
        _count = 0;
        _address = address;
        _inCurrent = (long)Math.Min(count, (ulong)LongestTransfer);
        Remaining = _inCurrent;
    }

    /// <summary>Starts over with a vector.</summary>
    public Errno SetVector(UserAddress address, ulong count)
    {
        SetBuffer(0, 0);
        if (count > MostVectors)
            return Errno.EINVAL;
        if ((int)count > _vectors.Length)
            _vectors = new IoVector[count];
        Span<IoVector> vectors = _vectors.AsSpan(0, (int)count);
        Errno error = memory.CopyIn(address, System.Runtime.InteropServices.MemoryMarshal.AsBytes(vectors));
        if (error != Errno.Success)
            return error;
        long total = 0;
        for (int i = 0; i < vectors.Length; i++)
        {
            if (vectors[i].Length > long.MaxValue)
                return Errno.EINVAL;

            // Addresses that no program has are found before anything is done, also where nothing is to be copied (access_ok of Linux).
            if (vectors[i].Address > HighestAddress || vectors[i].Length > HighestAddress - vectors[i].Address)
                return Errno.EFAULT;

            // What exceeds the longest transfer is cut off, as Linux does (lib/iov_iter.c, __import_iovec).
            ulong rest = (ulong)(LongestTransfer - total);
            if (vectors[i].Length > rest)
                vectors[i] = vectors[i] with { Length = rest };
            total += (long)vectors[i].Length;
        }

        _count = (int)count;
        Remaining = total;
        return Errno.Success;
    }

    /// <summary>Keeps the vector that was just set for <see cref="SetSaved"/>: the program may change its own meanwhile.</summary>
    /// <param name="into">Where it goes; a larger array where it doesn't fit.</param>
    /// <returns>Its elements.</returns>
    public int Save(ref IoVector[] into)
    {
        if (into.Length < _count)
            into = new IoVector[_count];
        _vectors.AsSpan(0, _count).CopyTo(into);
        return _count;
    }

    /// <summary>Starts over with a vector that was saved.</summary>
    public void SetSaved(ReadOnlySpan<IoVector> saved)
    {
        SetBuffer(0, 0);
        if (saved.Length > _vectors.Length)
            _vectors = new IoVector[saved.Length];
        saved.CopyTo(_vectors);
        _count = saved.Length;
        foreach (IoVector vector in saved)
            Remaining += (long)vector.Length;
    }

    /// <inheritdoc/>
    public int Store(ReadOnlySpan<byte> from) => Store(from, resolve: true);

    /// <inheritdoc/>
    public int StorePresent(ReadOnlySpan<byte> from) => Store(from, resolve: false);

    /// <inheritdoc/>
    public int Fetch(Span<byte> into) => Fetch(into, resolve: true);

    /// <inheritdoc/>
    public int FetchPresent(Span<byte> into) => Fetch(into, resolve: false);

    /// <inheritdoc/>
    public bool Prepare(bool forStore) => Advance() && memory.BringIn(_address, forStore);

    /// <inheritdoc/>
    public long StoreZeros(long count)
    {
        long done = 0;
        while (done < count && Advance())
        {
            long part = Math.Min(count - done, _inCurrent);
            long cleared = memory.ClearPartially(_address, part);
            Consume(cleared);
            done += cleared;
            if (cleared < part)
                break;
        }

        return done;
    }

    /// <inheritdoc/>
    public bool TryLend(IMemoryUser user, out bool endsAtPage)
    {
        endsAtPage = false;
        if (!Advance() || _inCurrent != Remaining || !memory.TryLend(_address, _inCurrent, user, out int moved))
            return false;
        Consume(moved);
        endsAtPage = _address % FrameExtent.FrameSize == 0;
        return true;
    }

    private int Store(ReadOnlySpan<byte> from, bool resolve)
    {
        int done = 0;
        while (done < from.Length && Advance())
        {
            int count = (int)Math.Min(from.Length - done, _inCurrent);
            int copied = memory.CopyOutPartially(_address, from.Slice(done, count), resolve);
            Consume(copied);
            done += copied;
            if (copied < count)
                break;
        }

        return done;
    }

    private int Fetch(Span<byte> into, bool resolve)
    {
        int done = 0;
        while (done < into.Length && Advance())
        {
            int count = (int)Math.Min(into.Length - done, _inCurrent);
            int copied = memory.CopyInPartially(_address, into.Slice(done, count), resolve);
            Consume(copied);
            done += copied;
            if (copied < count)
                break;
        }

        return done;
    }

    private bool Advance()
    {
        while (_inCurrent == 0)
        {
            if (_next == _count)
                return false;
            _address = _vectors[_next].Address;
            _inCurrent = (long)_vectors[_next].Length;
            _next++;
        }

        return true;
    }

    private void Consume(long count)
    {
        _address += (ulong)count;
        _inCurrent -= count;
        Remaining -= count;
    }
}

/// <summary>struct iovec.</summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential)]
internal readonly record struct IoVector(ulong Address, ulong Length);
