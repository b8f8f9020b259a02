using System;
using System.Threading;
using Cloister.Hal;

namespace Cloister.Nucleus;

/// <summary>Something that has been made of an object's content, and is of use as long as that stays the same.</summary>
public interface IDerivedContent
{
    /// <summary>Counts one more user; there is one already.</summary>
    void AddUser();

    /// <summary>Ends a use; the last one's end gives its memory back.</summary>
    void RemoveUser();
}

// What others have made of the content, and keep here to find it again: patched text.
public sealed partial class MemoryObject
{
    private IDerivedContent? _derived;
    private long _derivedVersion;
    private long _version;
    private bool _changesUnseen;

    /// <summary>Counts the changes of the content; -1 where a shared mapping may change it at any time.</summary>
    public long Version => Volatile.Read(ref _changesUnseen) ? -1 : Interlocked.Read(ref _version);

    /// <summary>Keeps what has been made of the content of a version, in place of what was kept before. Takes the caller's use over.</summary>
    public void SetDerived(IDerivedContent derived, long version)
    {
        IDerivedContent? dropped = derived;
        using (_lock.Enter())
        {
            if (version >= 0 && version == Version)
                (dropped, _derived, _derivedVersion) = (_derived, derived, version);
        }

        dropped?.RemoveUser();
    }

    /// <summary>What has been made of the content as it is now, with a use for the caller; null where nothing has.</summary>
    public IDerivedContent? UseDerived()
    {
        if (_derived is null)
            return null;
        using (_lock.Enter())
        {
            if (_derived is not { } derived || _derivedVersion != Version)
                return null;
            derived.AddUser();
            return derived;
        }
    }

    /// <summary>An object for what is made of this one's content, without pages: its memory comes from the same enclave.</summary>
    public MemoryObject CreateDerived() => new(_memory);

    /// <summary>
    /// Gives memory to pages of an object without a pager, without waiting for any to become free, and only where there is plenty:
    /// for what speed alone asks for.
    /// </summary>
    /// <returns>False where there isn't; some pages may have memory then.</returns>
    public bool TryPopulateAtOnce(long count)
    {
        for (long page = 0; page < count;)
        {
            int wanted = (int)Math.Min(count - page, LargestReadAhead);
            if (!_memory.TryAllocateAtOnce(wanted, out FrameExtent extent))
                return false;
            using (_lock.Enter())
                AddPages(page, extent);
            page += wanted;
        }

        return true;
    }

    /// <summary>The bytes of pinned frames.</summary>
    public Span<byte> GetBytes(FrameExtent pinned) => _memory.GetBytes(pinned);

    /// <summary>
    /// The content is about to change, or has: to be called on both sides of a change, so that what is made of it meanwhile is stale too.
    /// </summary>
    private void NoteVersion() => Interlocked.Increment(ref _version);
}
