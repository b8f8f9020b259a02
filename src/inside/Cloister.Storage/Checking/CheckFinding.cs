namespace Cloister.Storage.Checking;

/// <summary>Something that isn't as it should be.</summary>
/// <param name="Object">What: "inode 12", "directory 3", "the map of free blocks".</param>
/// <param name="Problem">A sentence that explains it.</param>
public readonly record struct CheckFinding(string Object, string Problem);

/// <summary>What a check looked at.</summary>
/// <param name="Inodes">Inodes.</param>
/// <param name="Entries">Entries of directories.</param>
/// <param name="DataBlocks">Blocks of files.</param>
/// <param name="IndexBlocks">Blocks of the index, of snapshots too.</param>
public readonly record struct CheckSummary(long Inodes, long Entries, long DataBlocks, long IndexBlocks);

/// <summary>Follows a check.</summary>
public interface ICheckObserver
{
    /// <summary>Something was found.</summary>
    void OnFinding(in CheckFinding finding);

    /// <summary>How many blocks of those that are in use were looked at.</summary>
    void OnProgress(long blocks, long of);
}
