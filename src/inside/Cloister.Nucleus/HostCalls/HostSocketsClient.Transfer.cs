using System;
using System.Runtime.InteropServices;
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

    /// <inheritdoc/>
    public Errno Send(uint handle, IIoBuffer buffer, MessageFlags flags, HostSendRest? rest, out int count)
    {
        count = 0;
        if (buffer.Remaining > 0 && !buffer.Prepare(forStore: false))
            return Errno.EFAULT;
        bool large = buffer.Remaining > HostRegionLayout.SmallSlotLength;
        int index = Channel.Acquire(large);
        Span<byte> data = Channel.GetData(index);
        int given = buffer.FetchPresent(data[..(int)Math.Min(buffer.Remaining, large ? LargeTransfer : data.Length)]);
        SubmissionEntry request = Request(HostOperation.SocketSend, handle);
        request.FirstLength = (uint)given;
        request.Flags = (uint)flags;
        Channel.Call(index, ref request, out CompletionEntry answer);
        Errno error = HostAnswers.CheckWritten(HostOperation.SocketSend, answer, given, out count);
        if (rest is not null && count < given && error is Errno.Success or Errno.EAGAIN)
            Keep(rest!, data[count..given]);
        Channel.Release(index);
        return error;
    }

    /// <inheritdoc/>
    public Errno SendDatagram(uint handle, ReadOnlySpan<byte> data, MessageFlags flags, in HostDatagram about, out int count)
    {
        int index = Channel.Acquire(data.Length + DatagramRecord.Length > HostRegionLayout.SmallSlotLength);
        Span<byte> slot = Channel.GetData(index);
        count = 0;
        if (data.Length + DatagramRecord.Length > slot.Length)
        {
            Channel.Release(index);
            return Errno.EMSGSIZE;
        }

        data.CopyTo(slot);
        DatagramRecord record = HostAnswers.ToRecord(about);
        MemoryMarshal.Write(slot[data.Length..], record);
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
        isDrained = false;
        if (buffer.Remaining > 0 && !buffer.Prepare(forStore: true))
            return Errno.EFAULT;
        bool large = buffer.Remaining > HostRegionLayout.SmallSlotLength;
        int index = Channel.Acquire(large);
        Span<byte> data = Channel.GetData(index);
        int wanted = (int)Math.Min(buffer.Remaining, large ? LargeTransfer : data.Length);
        SubmissionEntry request = Request(HostOperation.SocketReceive, handle);
        request.Count = wanted;
        request.Flags = (uint)flags;
        Channel.Call(index, ref request, out CompletionEntry answer);
        Errno error = HostAnswers.CheckCount(HostOperation.SocketReceive, answer, wanted, out int got);
        isDrained = got < wanted;
        return Finish(index, error, data[..got], buffer, out count);
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
        Span<byte> data = Channel.GetData(index);
        SubmissionEntry request = Request(HostOperation.SocketReceive, handle);
        request.Count = wanted;
        request.Flags = (uint)flags;
        request.SecondLength = DatagramRecord.Length;
        Channel.Call(index, ref request, out CompletionEntry answer);
        Errno error = HostAnswers.CheckDatagram(answer, data, wanted, out int got, out length, out about);
        return Finish(index, error, data[..got], buffer, out count);
    }

    private static void Keep(HostSendRest rest, ReadOnlySpan<byte> bytes)
    {
        if (rest.Bytes.Length < bytes.Length)
            rest.Bytes = new byte[bytes.Length];
        bytes.CopyTo(rest.Bytes);
        rest.Start = 0;
        rest.End = bytes.Length;
    }

    /// <summary>Gives a program what came, and the slot back.</summary>
    private Errno Finish(int index, Errno error, ReadOnlySpan<byte> data, IIoBuffer buffer, out int count)
    {
        count = buffer.StorePresent(data);
        if (count == data.Length)
        {
            Channel.Release(index);
            return error;
        }

        // The host doesn't have these bytes any more, so they wait for the program's page here.
        byte[] rest = data[count..].ToArray();
        Channel.Release(index);
        count += buffer.Store(rest);
        return count == 0 ? Errno.EFAULT : error;
    }
}
