using System;
using Cloister.Abi;

namespace Cloister.Nucleus;

/// <summary>Brings pages of a memory object in from where they live, and out again.</summary>
public interface IPager
{
    /// <summary>Fills whole pages; zeros what lies behind the end.</summary>
    /// <param name="firstPage">Number of the first page.</param>
    /// <param name="into">Memory of the pages, a multiple of 4096 bytes.</param>
    /// <returns>Success or EIO and the like; after an error the memory's content is not used.</returns>
    Errno ReadPages(long firstPage, Span<byte> into);
}

/// <summary>Somebody who has mapped pages of a <see cref="MemoryObject"/>.</summary>
public interface IMemoryObjectMapping
{
    /// <summary>
    /// Pages leave the object (truncation, hole): unmap them everywhere before returning. Called without the object's lock.
    /// </summary>
    void OnPagesRemoved(long firstPage, long count);
}
