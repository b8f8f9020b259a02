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
}
