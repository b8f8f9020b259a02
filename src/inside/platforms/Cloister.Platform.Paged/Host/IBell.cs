namespace Cloister.Platform.Paged.Host;

/// <summary>How a board's kernel and host wake each other.</summary>
public interface IBell
{
    /// <summary>Rings for the host.</summary>
    void Ring();

    /// <summary>The host has rung: takes the interrupt back. Doesn't wait.</summary>
    void Answer();
}
