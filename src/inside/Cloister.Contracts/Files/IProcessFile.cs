namespace Cloister.Contracts.Files;

/// <summary>A process, for as long as somebody refers to it. Implemented by the Linux personality.</summary>
public interface IProcessHandle
{
    /// <summary>Its id; -1 once it has ended and was waited for.</summary>
    int ProcessId { get; }

    /// <summary>Whether all its threads have ended.</summary>
    bool HasEnded { get; }

    /// <summary>Woken when they have.</summary>
    IWaitQueue EndQueue { get; }
}

/// <summary>A process descriptor (pidfd_open(2)).</summary>
public interface IProcessFile
{
    /// <summary>The process.</summary>
    IProcessHandle Process { get; }
}
