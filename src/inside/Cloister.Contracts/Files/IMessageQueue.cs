namespace Cloister.Contracts.Files;

/// <summary>A POSIX message queue (mq_overview(7)). Implemented by the Linux personality.</summary>
public interface IMessageQueue
{
    /// <summary>Woken when messages come or go.</summary>
    IWaitQueue Events { get; }

    /// <summary>What it is ready for, whatever the descriptor allows.</summary>
    PollEvents Poll();

    /// <summary>What a read of the descriptor gives: bytes in the queue and who is notified.</summary>
    void Describe(IByteSink sink);

    /// <summary>An open description of it is closed for good.</summary>
    void OnClosed();
}

/// <summary>The descriptor of a POSIX message queue.</summary>
public interface IMessageQueueFile
{
    /// <summary>The queue.</summary>
    IMessageQueue Queue { get; }
}
