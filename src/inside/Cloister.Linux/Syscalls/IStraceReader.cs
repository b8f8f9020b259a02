using System;

namespace Cloister.Linux.Syscalls;

/// <summary>Reads the caller's memory for the strace formatter.</summary>
public interface IStraceReader
{
    /// <summary>Reads a string that ends with NUL.</summary>
    /// <param name="address">Where it starts.</param>
    /// <param name="into">Gets the bytes before the NUL.</param>
    /// <returns>Length of the string; <c>into.Length</c> where it is longer; -1 where the memory is not readable.</returns>
    int ReadString(ulong address, Span<byte> into);
}
