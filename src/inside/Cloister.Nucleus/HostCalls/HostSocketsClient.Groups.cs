using System;
using System.Runtime.InteropServices;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Hal.HostProtocol;
using Cloister.Nucleus.HostWaits;

namespace Cloister.Nucleus.HostCalls;

/// <summary>Sockets of the host over the rings: what threads wait for themselves.</summary>
internal sealed partial class HostSocketsClient
{
    private HostWaiting? _waiting;

    /// <inheritdoc/>
    public IHostWaiting? Waiting => _waiting;

    /// <summary>Lets threads wait in the host.</summary>
    public void AllowWaiting(HostWaiting waiting) => _waiting = waiting;

    /// <inheritdoc/>
    public void Watch(uint handle)
    {
        SubmissionEntry request = Request(HostOperation.SocketWatch, handle);
        CallPlain(ref request);
    }

    /// <summary>Makes a group.</summary>
    public Errno OpenGroup(uint group)
    {
        var request = new SubmissionEntry { Operation = HostOperation.SocketGroupOpen, NewHandle = group };
        return CallPlain(ref request);
    }

    /// <summary>Ends a group.</summary>
    public void CloseGroup(uint group)
    {
        SubmissionEntry request = Request(HostOperation.SocketGroupClose, group);
        CallPlain(ref request);
    }

    /// <summary>Sets which events of a socket are changes of a group.</summary>
    public Errno ChangeGroup(uint group, uint socket, PollEvents events, bool isExclusive)
    {
        SubmissionEntry request = Request(HostOperation.SocketGroupChange, group);
        request.SecondHandle = socket;
        request.Flags = (uint)events;
        request.Mode = isExclusive ? 1u : 0;
        return CallPlain(ref request);
    }

    /// <summary>Takes what has changed in a group, and tells of it.</summary>
    public void CollectGroup(uint group)
    {
        const int most = 64;
        SubmissionEntry request = Request(HostOperation.SocketGroupCollect, group);
        request.Count = most;
        int index = Channel.Acquire(large: false);
        Channel.Call(index, ref request, out CompletionEntry answer);
        Span<ReadinessRecord> records = stackalloc ReadinessRecord[most];
        int count = answer.Error.Is(0) ? answer.Items.AtMost(most) : 0;
        Channel.GetData(index).CopyTo(MemoryMarshal.AsBytes(records[..count]));
        Channel.Release(index);
        Deliver(records[..count]);
    }

    /// <summary>Tells of readiness. The records are a private copy.</summary>
    public void Deliver(ReadOnlySpan<ReadinessRecord> records)
    {
        foreach (ReadinessRecord record in records)
            _subscriber!.OnReady(record.Handle, (PollEvents)record.Events & HostAnswers.SocketReadiness);
    }
}
