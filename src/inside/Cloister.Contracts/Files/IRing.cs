namespace Cloister.Contracts.Files;

/// <summary>An instance of io_uring(7). Implemented by the Linux personality.</summary>
public interface IRing
{
    /// <summary>Woken when completions come.</summary>
    IWaitQueue Events { get; }

    /// <summary>What its descriptor is ready for: completions to take, room for submissions.</summary>
    PollEvents Poll();

    /// <summary>The last descriptor and the last mapping are gone.</summary>
    void OnClosed();
}

/// <summary>The descriptor of an instance of io_uring(7).</summary>
public interface IRingFile
{
    /// <summary>The instance.</summary>
    IRing Ring { get; }
}
