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
}
