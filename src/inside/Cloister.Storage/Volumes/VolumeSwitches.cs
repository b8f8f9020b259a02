namespace Cloister.Storage.Volumes;

/// <summary>Planted durability bugs, so that the crash tests can show that they find them. All off but there.</summary>
internal sealed class VolumeSwitches
{
    /// <summary>Bug: a commit isn't flushed.</summary>
    public bool SkipsFlush { get; init; }

    /// <summary>Bug: freed blocks are used again before the record that frees them is durable.</summary>
    public bool FreesAtOnce { get; init; }

    /// <summary>Bug: a replay doesn't check the data of records that may have lost it.</summary>
    public bool TrustsData { get; init; }

    /// <summary>Bug: a volume goes on after an exception in a checkpoint, with a new delta.</summary>
    public bool SurvivesExceptions { get; init; }

    /// <summary>Bug: a commit doesn't look at whether its blocks were written.</summary>
    public bool IgnoresWriteErrors { get; init; }

    /// <summary>Bug: a commit doesn't look at whether the flush succeeded.</summary>
    public bool IgnoresFlushErrors { get; init; }

    /// <summary>Bug: new tables aren't flushed before the checkpoint that names them is written.</summary>
    public bool SkipsTableFlush { get; init; }

    /// <summary>Bug: what only the old checkpoint needs is used again before the new one is durable.</summary>
    public bool SkipsSlotFlush { get; init; }
}
