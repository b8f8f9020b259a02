using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Hal.HostProtocol;

namespace Cloister.Nucleus.HostCalls;

/// <summary>
/// Sockets of the host over the rings: bytes. They move once between the program and the data slot. A program's page is brought in
/// before a slot is taken, never while one is held: that may need a slot itself.
/// </summary>
internal sealed partial class HostSocketsClient
{
    // More than this in one request gains nothing, and a large slot is one of few.
    private const int LargeTransfer = 256 << 10;

    private readonly ObjectPool<DirectTransfer> _transfers = new(static () => new DirectTransfer());

    /// <inheritdoc/>
    public Errno Send(uint handle, IIoBuffer buffer, MessageFlags flags, HostSendRest? rest, out int count)
    {
        count = 0;
        while (true)
        {
            // What ends at an absent page goes on by the way that brings it in.
            Errno error = TryMoveDirectly(HostOperation.SocketSend, handle, buffer, flags, ref count, out bool isComplete);
            if (isComplete)
                return error;
            error = SendCopy(handle, buffer, flags, rest, out int sent, out bool isTaken);
            if (error != Errno.Success)
                return count > 0 ? Errno.Success : error;
            count += sent;
            if (!isTaken || buffer.Remaining == 0)
                return Errno.Success;
        }
    }

    /// <summary>Sends bytes from a data slot.</summary>
    private Errno SendCopy(uint handle, IIoBuffer buffer, MessageFlags flags, HostSendRest? rest, out int count, out bool isTaken)
    {
        count = 0;
        isTaken = false;
        if (buffer.Remaining > 0 && !buffer.Prepare(forStore: false))
            return Errno.EFAULT;
        bool large = buffer.Remaining > HostRegionLayout.SmallSlotLength;
        int index = Channel.Acquire(large);
        SharedWindow data = Channel.GetData(index);
        int given = data.First((int)Math.Min(buffer.Remaining, large ? LargeTransfer : data.Length)).FetchFrom(buffer);
        SubmissionEntry request = Request(HostOperation.SocketSend, handle);
        request.FirstLength = (uint)given;
        request.Flags = (uint)flags;
        Channel.Call(index, ref request, out CompletionEntry answer);
        Errno error = HostAnswers.CheckWritten(HostOperation.SocketSend, answer, given, out count);
        if (rest is not null && count < given && error is Errno.Success or Errno.EAGAIN)
            Keep(rest!, data.First(given).From(count));
        Channel.Release(index);
        isTaken = count == given;
        return error;
    }

    /// <inheritdoc/>
    public Errno SendDatagram(uint handle, ReadOnlySpan<byte> data, MessageFlags flags, in HostDatagram about, out int count)
    {
        int index = Channel.Acquire(data.Length + DatagramRecord.Length > HostRegionLayout.SmallSlotLength);
        SharedWindow slot = Channel.GetData(index);
        count = 0;
        if (data.Length + DatagramRecord.Length > slot.Length)
        {
            Channel.Release(index);
            return Errno.EMSGSIZE;
        }

        slot.CopyFrom(data);
        DatagramRecord record = HostAnswers.ToRecord(about);
        slot.From(data.Length).Write(record);
        SubmissionEntry request = Request(HostOperation.SocketSend, handle);
        request.FirstLength = (uint)data.Length;
        request.SecondLength = DatagramRecord.Length;
        request.Flags = (uint)flags;
        Channel.Call(index, ref request, out CompletionEntry answer);
        Channel.Release(index);
        return HostAnswers.CheckCount(HostOperation.SocketSend, answer, data.Length, out count);
    }

    /// <inheritdoc/>
    public Errno Receive(uint handle, IIoBuffer buffer, MessageFlags flags, out int count, out bool isDrained)
    {
        count = 0;
        isDrained = true;
        Errno error = TryMoveDirectly(HostOperation.SocketReceive, handle, buffer, flags, ref count, out bool isComplete);
        if (isComplete)
        {
            isDrained = buffer.Remaining > 0;
            return error;
        }

        error = ReceiveCopy(handle, buffer, flags, out int received, out isDrained);
        if (count == 0)
            count = received;
        else if (error == Errno.Success)
            count += received;
        return count > 0 ? Errno.Success : error;
    }

    /// <summary>Moves bytes between the host and the program's own memory, where the host is called directly.</summary>
    /// <param name="operation">Sending or receiving.</param>
    /// <param name="handle">The socket.</param>
    /// <param name="buffer">The memory.</param>
    /// <param name="flags">Flags.</param>
    /// <param name="count">Grows by the bytes moved.</param>
    /// <param name="isComplete">False where it has to go on by a data slot: nothing was moved, or all up to an absent page.</param>
    private Errno TryMoveDirectly(HostOperation operation, uint handle, IIoBuffer buffer, MessageFlags flags, ref int count, out bool isComplete)
    {
        isComplete = false;
        if (Channel.Direct is not { } host || buffer.Remaining == 0)
            return Errno.Success;
        DirectTransfer transfer = _transfers.Take();
        transfer.Begin(host, operation, handle, flags);
        bool isLent = buffer.TryLend(transfer, out bool endsAtPage);
        int moved = transfer.Count;
        Errno error = transfer.Error;
        bool isRefused = transfer.IsRefused;
        _transfers.Give(transfer);
        if (!isLent || isRefused)
            return Errno.Success;
        count += moved;
        isComplete = error != Errno.Success || moved == 0 || !endsAtPage || buffer.Remaining == 0 || (flags & MessageFlags.MSG_PEEK) != 0;
        return count > 0 ? Errno.Success : error;
    }

    /// <summary>Receives bytes by a data slot.</summary>
    private Errno ReceiveCopy(uint handle, IIoBuffer buffer, MessageFlags flags, out int count, out bool isDrained)
    {
        count = 0;
        isDrained = false;
        if (buffer.Remaining > 0 && !buffer.Prepare(forStore: true))
            return Errno.EFAULT;
        bool large = buffer.Remaining > HostRegionLayout.SmallSlotLength;
        int index = Channel.Acquire(large);
        SharedWindow data = Channel.GetData(index);
        int wanted = (int)Math.Min(buffer.Remaining, large ? LargeTransfer : data.Length);
        SubmissionEntry request = Request(HostOperation.SocketReceive, handle);
        request.Count = wanted;
        request.Flags = (uint)flags;
        Channel.Call(index, ref request, out CompletionEntry answer);
        Errno error = HostAnswers.CheckCount(HostOperation.SocketReceive, answer, wanted, out int got);
        isDrained = got < wanted;
        return Finish(index, error, data.First(got), buffer, out count);
    }

    /// <inheritdoc/>
    public Errno ReceiveDatagram(uint handle, IIoBuffer buffer, MessageFlags flags, out HostDatagram about, out int length, out int count)
    {
        count = 0;
        length = 0;
        about = default;
        if (buffer.Remaining > 0 && !buffer.Prepare(forStore: true))
            return Errno.EFAULT;
        int wanted = (int)Math.Min(buffer.Remaining, HostAnswers.LongestDatagram);
        int index = Channel.Acquire(wanted + DatagramRecord.Length > HostRegionLayout.SmallSlotLength);
        SharedWindow data = Channel.GetData(index);
        SubmissionEntry request = Request(HostOperation.SocketReceive, handle);
        request.Count = wanted;
        request.Flags = (uint)flags;
        request.SecondLength = DatagramRecord.Length;
        Channel.Call(index, ref request, out CompletionEntry answer);
        Errno error = HostAnswers.CheckDatagram(answer, data, wanted, out int got, out length, out about);
        return Finish(index, error, data.First(got), buffer, out count);
    }

    private static void Keep(HostSendRest rest, SharedWindow bytes)
    {
        if (rest.Bytes.Length < bytes.Length)
            rest.Bytes = new byte[bytes.Length];
        bytes.CopyTo(rest.Bytes.AsSpan(0, bytes.Length));
        rest.Start = 0;
        rest.End = bytes.Length;
    }

    /// <summary>Gives a program what came, and the slot back.</summary>
    private Errno Finish(int index, Errno error, SharedWindow data, IIoBuffer buffer, out int count)
    {
        count = data.StoreTo(buffer);
        if (count == data.Length)
        {
            Channel.Release(index);
            return error;
        }

        // The host doesn't have these bytes any more, so they wait for the program's page here.
        byte[] rest = data.From(count).ToArray();
        Channel.Release(index);
        count += buffer.Store(rest);
        return count == 0 ? Errno.EFAULT : error;
    }
}
