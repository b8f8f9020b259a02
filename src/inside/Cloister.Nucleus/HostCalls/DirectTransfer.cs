using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Hal;
using Cloister.Hal.HostProtocol;

namespace Cloister.Nucleus.HostCalls;

/// <summary>A send or receive on a program's own memory. Pooled.</summary>
internal sealed class DirectTransfer : IMemoryUser
{
    private IDirectHost? _host;
    private SubmissionEntry _request;

    /// <summary>Bytes moved.</summary>
    public int Count { get; private set; }

    /// <summary>How it ended.</summary>
    public Errno Error { get; private set; }

    /// <summary>Whether the first page was absent: nothing has happened.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Starts over.</summary>
    public void Begin(IDirectHost host, HostOperation operation, uint handle, MessageFlags flags)
    {
        _host = host;
        _request = new SubmissionEntry { Operation = operation, Handle = handle, Flags = (uint)flags };
        Count = 0;
        Error = Errno.Success;
        IsRefused = false;
    }

    /// <inheritdoc/>
    public int Use(Span<byte> memory)
    {
        bool isSend = _request.Operation == HostOperation.SocketSend;
        if (isSend)
            _request.FirstLength = (uint)memory.Length;
        else
            _request.Count = memory.Length;
        if (!_host!.TryServe(_request, memory, out CompletionEntry answer) || answer.Error.Is((int)Errno.EFAULT))
        {
            IsRefused = true;
            return 0;
        }

        int count;
        Error = isSend
            ? HostAnswers.CheckWritten(HostOperation.SocketSend, answer, memory.Length, out count)
            : HostAnswers.CheckCount(HostOperation.SocketReceive, answer, memory.Length, out count);
        Count = count;
        return count;
    }
}
