using System;
using Cloister.Abi;

namespace Cloister.Nucleus;

/// <summary>Brings pages of a memory object in from where they live, and out again.</summary>
public interface IPager
{
    /// <summary>Whether what is changed in pages can be brought to where they come from; else they stay once they are changed.</summary>
    bool CanWriteBack { get; }

    /// <summary>Fills whole pages; zeros what lies behind the end.</summary>
    /// <param name="firstPage">Number of the first page.</param>
    /// <param name="into">Memory of the pages, a multiple of 4096 bytes.</param>
    /// <returns>Success or EIO and the like; after an error the memory's content is not used.</returns>
    Errno ReadPages(long firstPage, Span<byte> into);

    /// <summary>Brings what has changed in pages to where they come from. Called without the object's lock.</summary>
    /// <param name="pages">The object.</param>
    /// <param name="firstPage">Number of the first page.</param>
    /// <param name="count">How many.</param>
    Errno WriteBack(MemoryObject pages, long firstPage, int count);
}

/// <summary>Somebody who has mapped pages of a <see cref="MemoryObject"/>.</summary>
public interface IMemoryObjectMapping
{
    /// <summary>
    /// Pages leave the object (truncation, hole, lack of memory): unmap them everywhere before returning. Called without the
    /// object's lock.
    /// </summary>
    /// <param name="firstPage">First page.</param>
    /// <param name="count">How many.</param>
    /// <param name="keepsCopies">Whether private copies of them stay.</param>
    void OnPagesRemoved(long firstPage, long count, bool keepsCopies);
}
