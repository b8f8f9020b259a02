using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;

namespace Cloister.Vfs.Memory;

/// <summary>Names and values of xattr(7), of one file. Its owner locks.</summary>
internal sealed class ExtendedAttributes
{
    // XATTR_SIZE_MAX and XATTR_LIST_MAX; the sum keeps a file from taking kernel memory without end.
    private const int LargestSum = 128 * 1024;

    private readonly List<(byte[] Name, byte[] Value)> _entries = [];
    private int _sum;

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

    public Errno Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, XattrFlags flags)
    {
        int index = IndexOf(name);
        if (index < 0 && (flags & XattrFlags.XATTR_REPLACE) != 0)
            return Errno.ENODATA;
        if (index >= 0 && (flags & XattrFlags.XATTR_CREATE) != 0)
            return Errno.EEXIST;
        int sum = _sum + name.Length + value.Length;
        if (index >= 0)
            sum -= name.Length + _entries[index].Value.Length;
        if (sum > LargestSum)
            return Errno.ENOSPC;
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
        _sum -= _entries[index].Name.Length + _entries[index].Value.Length;
        _entries.RemoveAt(index);
        return Errno.Success;
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
