using System;

namespace Cloister.Linux.Processes;

/// <summary>A thread's name: TASK_COMM_LEN bytes with the final NUL.</summary>
internal sealed class ThreadName
{
    /// <summary>Longest name.</summary>
    public const int MaximumLength = 15;

    private readonly byte[] _bytes = new byte[MaximumLength + 1];

    /// <summary>The name without its NUL.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _bytes.AsSpan().IndexOf((byte)0));

    /// <summary>The name with NULs up to 16 bytes (PR_GET_NAME).</summary>
    public ReadOnlySpan<byte> Padded => _bytes;

    /// <summary>Sets the name, cut to fit.</summary>
    public void Set(ReadOnlySpan<byte> name)
    {
        int end = name.IndexOf((byte)0);
        if (end >= 0)
            name = name[..end];
        if (name.Length > MaximumLength)
            name = name[..MaximumLength];
        _bytes.AsSpan().Clear();
        name.CopyTo(_bytes);
    }
}
