using System;

namespace Cloister.Storage.Index;

/// <summary>
/// Records in order: the delta or a table. A tier hides what older tiers have under the same key, or, with an extent, in
/// the same blocks. An empty value is a tombstone. Values are valid until the tier is asked again.
/// </summary>
internal interface IIndexTier
{
    /// <summary>The record with the highest key not above this one.</summary>
    bool TryFloor(scoped in IndexKey key, out IndexKey found, out ReadOnlySpan<byte> value);

    /// <summary>The record with the lowest key not below this one.</summary>
    bool TryCeiling(scoped in IndexKey key, out IndexKey found, out ReadOnlySpan<byte> value);

    /// <summary>Its key alone. Reads no leaf but the one that <see cref="TryFloor"/> reads.</summary>
    bool TryCeilingKey(in IndexKey key, out IndexKey found);

    /// <summary>Finds the last record at or before a key, as <see cref="TryFloor"/>, and the key of the one behind it, in one search.</summary>
    /// <param name="key">The key.</param>
    /// <param name="floor">Key of the record; nobody's where there is none.</param>
    /// <param name="value">Its value.</param>
    /// <param name="next">The first key above; <see cref="IndexKey.Last"/> where there is none.</param>
    void Find(scoped in IndexKey key, out IndexKey floor, out ReadOnlySpan<byte> value, out IndexKey next);
}
