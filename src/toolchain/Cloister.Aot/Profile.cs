namespace Cloister.Aot;

/// <summary>What a program may do.</summary>
public enum Profile
{
    /// <summary>Everything.</summary>
    Os,

    /// <summary>
    /// What the lowest layer needs and can be bounded: no allocation, no exception, no static constructor, no recursion, no call whose target is
    /// unknown. A failed check of the language or the core library ends the program with a message.
    /// </summary>
    Monitor,
}
