using System;
using System.Threading;

namespace Cloister.Crypto;

/// <summary>
/// Bytes of a secret that the collector neither moves nor copies, erased on <see cref="Dispose"/>.
/// </summary>
/// <remarks>
/// An array that the collector compacts leaves copies of itself behind, which nobody erases. This one lies on the pinned
/// object heap. An owner that forgets to dispose leaves the secret until the memory is used again.
/// </remarks>
public sealed class KeyMemory : IDisposable
{
    private readonly byte[] _bytes;
    private int _disposed;

    /// <summary>Zeroed memory of a length in bytes.</summary>
    public KeyMemory(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        _bytes = GC.AllocateArray<byte>(length, pinned: true);
    }

    /// <summary>A copy of a secret.</summary>
    public KeyMemory(ReadOnlySpan<byte> secret)
        : this(secret.Length) => secret.CopyTo(_bytes);

    /// <summary>Number of bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>The bytes.</summary>
    /// <exception cref="ObjectDisposedException">The secret has been erased.</exception>
    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
            return _bytes;
        }
    }

    /// <summary>Erases the bytes. Calls after the first do nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            FixedTime.Zero(_bytes);
    }
}
