using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Cloister.Host.Native;

namespace Cloister.Host.Control;

/// <summary>What is said between a command and the launcher of a running enclave.</summary>
internal enum ControlKind : uint
{
    /// <summary>To the launcher, with three descriptors: starts a program. What becomes of it is told on this connection.</summary>
    Start = 1,

    /// <summary>To the launcher: a signal, for the program of this connection, or where it has none for the first.</summary>
    Signal = 2,

    /// <summary>To the launcher: tell when the enclave has ended.</summary>
    Wait = 3,

    /// <summary>To the launcher: hand out where the first program's input comes from.</summary>
    Attach = 4,

    /// <summary>To the launcher: tell whenever the log has grown, and when the enclave has ended.</summary>
    Follow = 5,

    /// <summary>To the launcher: end at once, whatever the enclave does.</summary>
    Terminate = 6,

    /// <summary>From the launcher: the program runs.</summary>
    Running = 64,

    /// <summary>From the launcher: the program couldn't be started, with a status and a sentence.</summary>
    Failed = 65,

    /// <summary>From the launcher: the program, or the enclave, has ended with a status.</summary>
    Ended = 66,

    /// <summary>From the launcher: the log has grown.</summary>
    Grown = 67,

    /// <summary>From the launcher, with a descriptor: write the program's input there.</summary>
    Attached = 68,
}

/// <summary>A message as it came: its descriptors are the receiver's.</summary>
internal readonly record struct ControlMessage(ControlKind Kind, byte[] Payload, IReadOnlyList<FileDescriptor> Descriptors)
{
    /// <summary>Closes what nobody has taken over.</summary>
    public void CloseDescriptors()
    {
        foreach (FileDescriptor descriptor in Descriptors)
            descriptor.Dispose();
    }
}

/// <summary>Writes the fields of a message: numbers of four bytes, little-endian, and bytes behind their length.</summary>
internal sealed class ControlWriter
{
    private readonly List<byte> _bytes = [];

    public ControlWriter Number(uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        _bytes.AddRange(bytes);
        return this;
    }

    public ControlWriter Bytes(ReadOnlySpan<byte> value)
    {
        Number((uint)value.Length);
        _bytes.AddRange(value);
        return this;
    }

    public ControlWriter List(IReadOnlyList<byte[]> values)
    {
        Number((uint)values.Count);
        foreach (byte[] value in values)
            Bytes(value);
        return this;
    }

    public byte[] ToArray() => _bytes.ToArray();
}

/// <summary>Reads the fields of a message. After a field that isn't there, all others are empty and <see cref="IsDamaged"/> is set.</summary>
internal ref struct ControlReader(ReadOnlySpan<byte> payload)
{
    private ReadOnlySpan<byte> _rest = payload;

    /// <summary>Whether a field was missing, or something is left over once all were read.</summary>
    public readonly bool IsDamaged => _isDamaged || !_rest.IsEmpty;

    private bool _isDamaged;

    public uint Number()
    {
        if (_rest.Length < sizeof(uint))
        {
            _isDamaged = true;
            _rest = default;
            return 0;
        }

        uint value = BinaryPrimitives.ReadUInt32LittleEndian(_rest);
        _rest = _rest[sizeof(uint)..];
        return value;
    }

    public byte[] Bytes()
    {
        uint length = Number();
        if (length > (uint)_rest.Length)
        {
            _isDamaged = true;
            _rest = default;
            return [];
        }

        byte[] value = _rest[..(int)length].ToArray();
        _rest = _rest[(int)length..];
        return value;
    }

    /// <summary>A string for the C library: a NUL in it is damage.</summary>
    public byte[] Text()
    {
        byte[] value = Bytes();
        _isDamaged |= value.AsSpan().Contains((byte)0);
        return value;
    }

    public byte[][] List()
    {
        uint count = Number();
        // Each takes four bytes at least: no count is believed that the bytes don't bear out.
        if (count > (uint)_rest.Length / sizeof(uint))
        {
            _isDamaged = true;
            _rest = default;
            return [];
        }

        var values = new byte[count][];
        for (int i = 0; i < values.Length; i++)
            values[i] = Text();
        return values;
    }
}
