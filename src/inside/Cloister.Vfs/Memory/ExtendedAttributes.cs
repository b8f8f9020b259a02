using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;

namespace Cloister.Vfs.Memory;

/// <summary>Names and values of xattr(7), of one file. Its owner locks.</summary>
internal sealed class ExtendedAttributes
{
    // XATTR_SIZE_MAX and XATTR_LIST_MAX; the sum keeps a file from taking kernel memory without end.
    private const int LargestSum = 128 * 1024;

    private readonly List<(byte[] Name, byte[] Value)> _entries = [];
    private int _sum;
    private IKernelMemory? _account;
    private bool _isClosed;

    public Errno Get(ReadOnlySpan<byte> name, Span<byte> value, out int length)
    {
        int index = IndexOf(name);
        length = 0;
        if (index < 0)
            return Errno.ENODATA;
        byte[] found = _entries[index].Value;
        length = found.Length;
        if (value.IsEmpty)
            return Errno.Success;
        if (value.Length < found.Length)
            return Errno.ERANGE;
        found.CopyTo(value);
        return Errno.Success;
    }

    /// <summary>Sets one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    /// <param name="flags">Whether it must or must not be there.</param>
    /// <param name="payer">Who pays for the first; it pays for all that follow.</param>
    /// <returns>ENODATA, EEXIST; ENOSPC where the file has too many or the payer can't pay.</returns>
    public Errno Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, XattrFlags flags, IKernelMemory payer)
    {
        int index = IndexOf(name);
        if (index < 0 && (flags & XattrFlags.XATTR_REPLACE) != 0)
            return Errno.ENODATA;
        if (index >= 0 && (flags & XattrFlags.XATTR_CREATE) != 0)
            return Errno.EEXIST;
        int sum = _sum + name.Length + value.Length;
        if (index >= 0)
            sum -= name.Length + _entries[index].Value.Length;
        _account ??= payer;
        if (sum > LargestSum || _isClosed || (sum > _sum && !_account.TryTake(sum - _sum)))
            return Errno.ENOSPC;
        if (sum < _sum)
            _account.Give(_sum - sum);
        _sum = sum;
        if (index >= 0)
            _entries[index] = (_entries[index].Name, value.ToArray());
        else
            _entries.Add((name.ToArray(), value.ToArray()));
        return Errno.Success;
    }

    public Errno List(Span<byte> names, bool withTrusted, out int length)
    {
        length = 0;
        foreach ((byte[] name, _) in _entries)
        {
            if (withTrusted || !name.AsSpan().StartsWith("trusted."u8))
                length += name.Length + 1;
        }

        if (names.IsEmpty)
            return Errno.Success;
        if (names.Length < length)
            return Errno.ERANGE;
        foreach ((byte[] name, _) in _entries)
        {
            if (!withTrusted && name.AsSpan().StartsWith("trusted."u8))
                continue;
            name.CopyTo(names);
            names[name.Length] = 0;
            names = names[(name.Length + 1)..];
        }

        return Errno.Success;
    }

    public Errno Remove(ReadOnlySpan<byte> name)
    {
        int index = IndexOf(name);
        if (index < 0)
            return Errno.ENODATA;
        int length = _entries[index].Name.Length + _entries[index].Value.Length;
        _sum -= length;
        if (!_isClosed)
            _account!.Give(length);
        _entries.RemoveAt(index);
        return Errno.Success;
    }

    /// <summary>The file is gone, or as good as: gives back what was paid, and takes nothing more.</summary>
    public void Close()
    {
        if (!_isClosed)
            _account?.Give(_sum);
        _isClosed = true;
    }

    private int IndexOf(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < _entries.Count; i++)
        {
            if (name.SequenceEqual(_entries[i].Name))
                return i;
        }

        return -1;
    }
}
