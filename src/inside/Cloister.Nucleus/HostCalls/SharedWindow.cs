using System;
using System.Runtime.InteropServices;
using Cloister.Contracts;
using Cloister.Hal.HostProtocol;

namespace Cloister.Nucleus.HostCalls;

/// <summary>
/// Memory that the host can change at any time. Nothing looks at its bytes: they are copied, once, and the copy is checked.
/// </summary>
/// <remarks>
/// Where it begins and ends is decided inside. A second read of the same bytes may find others; the analyzer of tests/Cloister.Generators.Tests
/// (CLU001) refuses to compile it.
/// </remarks>
/// <param name="memory">The memory.</param>
internal readonly ref struct SharedWindow(Span<byte> memory)
{
    private readonly Span<byte> _memory = memory;

    /// <summary>Bytes.</summary>
    public int Length => _memory.Length;

    /// <summary>What follows an offset.</summary>
    public SharedWindow From(int offset) => new(_memory[offset..]);

    /// <summary>The first bytes.</summary>
    public SharedWindow First(int count) => new(_memory[..count]);

    /// <summary>Copies a structure from the beginning.</summary>
    public Untrusted<T> Read<T>()
        where T : unmanaged => MemoryMarshal.Read<T>(_memory);

    /// <summary>Copies as many bytes as there is room for.</summary>
    public void CopyTo(Span<byte> into) => _memory[..into.Length].CopyTo(into);

    /// <summary>Copies all.</summary>
    public byte[] ToArray() => _memory.ToArray();

    /// <summary>Gives bytes to a program, for which they are data.</summary>
    /// <returns>How many there was room for without bringing pages in.</returns>
    public int StoreTo(IIoBuffer buffer) => buffer.StorePresent(_memory);

    /// <summary>Writes a structure.</summary>
    public void Write<T>(in T value)
        where T : unmanaged => MemoryMarshal.Write(_memory, in value);

    /// <summary>Writes bytes.</summary>
    public void CopyFrom(ReadOnlySpan<byte> bytes) => bytes.CopyTo(_memory);

    /// <summary>Writes a program's bytes.</summary>
    /// <returns>How many could be had without bringing pages in.</returns>
    public int FetchFrom(IIoBuffer buffer) => buffer.FetchPresent(_memory);

    /// <summary>The memory, for a host that is called directly.</summary>
    public Span<byte> ForHost => _memory;
}
