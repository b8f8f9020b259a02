using System;

namespace Cloister.Abi;

/// <summary>Moves bytes to or from memory that it was lent, past the kernel: names it to the host.</summary>
public interface IMemoryUser
{
    /// <summary>Moves bytes from the start on.</summary>
    /// <param name="memory">The memory. Pages may be absent or refuse access, so that only the host may touch it.</param>
    /// <returns>How many were moved.</returns>
    int Use(Span<byte> memory);
}
