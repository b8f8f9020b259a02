using System;
using Cloister.Contracts.Storage;
using Cloister.Crypto;

namespace Cloister.Storage.Volumes;

/// <summary>How a volume is mounted.</summary>
public sealed class VolumeOptions
{
    /// <summary>Whether nothing is written, not even what a crash left to be finished.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>
    /// Which files are mounted: a clone, or with <see cref="IsReadOnly"/> also a snapshot; null or <see cref="Volume.Main"/> for the
    /// main ones.
    /// </summary>
    public string? Clone { get; init; }

    /// <summary>What remembers the newest state; null for nothing: the host can then roll back an unmounted volume.</summary>
    public IFreshnessAnchor? Anchor { get; init; }

    /// <summary>
    /// Whether every <see cref="IFileStore.Synchronize"/> moves the anchor, so that what it made durable can't be undone. Else
    /// the anchor moves with checkpoints and when the volume is closed.
    /// </summary>
    public bool IsStrict { get; init; }

    /// <summary>Memory for records that no table has yet, in bytes. More means that tables are written less often.</summary>
    public long DeltaBytes { get; init; } = 64L << 20;

    /// <summary>Memory for decrypted parts of tables, in bytes. About 1 % of the data keeps every read from needing two.</summary>
    public long CacheBytes { get; init; } = 32L << 20;

    /// <summary>Memory for content that isn't committed, in bytes.</summary>
    public int PageBytes { get; init; } = 16 << 20;

    /// <summary>Writes of at least so many bytes are sealed from the caller's memory at once instead of being gathered in pages.</summary>
    public int DirectWriteBytes { get; init; } = 64 << 10;

    /// <summary>How many inodes are kept in memory.</summary>
    public int CachedInodes { get; init; } = 16384;

    /// <summary>
    /// Makes something that a thread can sleep on, so that threads which synchronise at the same time share commits
    /// (<see cref="IFileStore.Synchronize"/>). Null where there is only one such thread: it commits at once.
    /// </summary>
    public Func<ISleeper>? CreateSleeper { get; init; }

    internal VolumeSwitches Switches { get; init; } = new();
}
