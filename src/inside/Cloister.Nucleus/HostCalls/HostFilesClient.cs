using System;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Hal.HostProtocol;

namespace Cloister.Nucleus.HostCalls;

/// <summary>Files of the host over the rings.</summary>
internal sealed partial class HostFilesClient(HostChannel channel) : IHostFiles
{
    // XATTR_SIZE_MAX and XATTR_LIST_MAX (limits.h of Linux).
    private const int LongestAttribute = 65536;
    private const uint Regular = 0x8000;
    private const uint Directory = 0x4000;
    private const uint Link = 0xA000;
    private const uint Fifo = 0x1000;
    private const uint Socket = 0xC000;

    /// <inheritdoc/>
    public Errno Root(int share, uint newHandle, out HostFileStatus status)
    {
        var request = new SubmissionEntry { Operation = HostOperation.Root, Handle = (uint)share, NewHandle = newHandle };
        return CallForStatus(ref request, default, default, 0, out status);
    }

    /// <inheritdoc/>
    public Errno Lookup(uint parent, ReadOnlySpan<byte> name, uint newHandle, out HostFileStatus status)
    {
        var request = new SubmissionEntry { Operation = HostOperation.Lookup, Handle = parent, NewHandle = newHandle };
        return CallWithName(ref request, name, default, 0, out status);
    }

    /// <inheritdoc/>
    public void Forget(uint handle)
    {
        var request = new SubmissionEntry { Operation = HostOperation.Forget, Handle = handle };
        CallPlain(ref request);
    }

    /// <inheritdoc/>
    public Errno GetStatus(uint handle, out HostFileStatus status)
    {
        var request = new SubmissionEntry { Operation = HostOperation.GetStatus, Handle = handle };
        return CallForStatus(ref request, default, default, 0, out status);
    }

    /// <inheritdoc/>
    public Errno ReadDirectory(uint handle, ulong cookie, Span<byte> buffer, out HostDirectoryBatch batch)
    {
        int wanted = Math.Min(buffer.Length, HostRegionLayout.SmallSlotLength);
        var request = new SubmissionEntry
        {
            Operation = HostOperation.ReadDirectory,
            Handle = handle,
            Offset = unchecked((long)cookie),
            Count = wanted,
        };
        int index = channel.Acquire(large: false);
        channel.Call(index, ref request, out CompletionEntry answer);
        Errno error = HostAnswers.CheckDirectory(answer, channel.GetData(index), cookie, wanted, buffer, out batch);
        channel.Release(index);
        return error;
    }

    /// <inheritdoc/>
    public Errno ReadLink(uint handle, Span<byte> buffer, out int length)
    {
        var request = new SubmissionEntry { Operation = HostOperation.ReadLink, Handle = handle };
        int index = channel.Acquire(large: false);
        channel.Call(index, ref request, out CompletionEntry answer);
        Errno error = HostAnswers.CheckTarget(answer, channel.GetData(index), buffer, out length);
        channel.Release(index);
        return error;
    }

    /// <inheritdoc/>
    public Errno Read(uint handle, long offset, Span<byte> into, out int count)
    {
        count = 0;
        if (!HostAnswers.IsRange(offset, into.Length))
            return Errno.EINVAL;
        if (into.IsEmpty)
            return Errno.Success;
        bool large = into.Length > HostRegionLayout.SmallSlotLength;
        int index = channel.Acquire(large);
        SharedWindow data = channel.GetData(index);
        Errno error = Errno.Success;
        while (count < into.Length)
        {
            int wanted = Math.Min(into.Length - count, data.Length);
            var request = new SubmissionEntry { Operation = HostOperation.Read, Handle = handle, Offset = offset + count, Count = wanted };
            channel.Call(index, ref request, out CompletionEntry answer);
            error = HostAnswers.CheckCount(HostOperation.Read, answer, wanted, out int part);
            data.CopyTo(into.Slice(count, part));
            count += part;
            if (error != Errno.Success || part < wanted)
                break;
        }

        channel.Release(index);
        return count > 0 ? Errno.Success : error;
    }

    /// <inheritdoc/>
    public Errno GetFileSystemStatus(uint handle, out HostFileSystemStatus status)
    {
        var request = new SubmissionEntry { Operation = HostOperation.GetFileSystemStatus, Handle = handle };
        int index = channel.Acquire(large: false);
        channel.Call(index, ref request, out CompletionEntry answer);
        Errno error = HostAnswers.CheckFileSystem(answer, channel.GetData(index), out status);
        channel.Release(index);
        return error;
    }

    /// <inheritdoc/>
    public Errno GetExtendedAttribute(uint handle, ReadOnlySpan<byte> name, Span<byte> value, out int length)
    {
        length = 0;
        if (!IsAttributeName(name))
            return Errno.ERANGE;
        var request = new SubmissionEntry { Operation = HostOperation.GetExtendedAttribute, Handle = handle };
        return CallForAttribute(ref request, name, value, out length);
    }

    /// <inheritdoc/>
    public Errno ListExtendedAttributes(uint handle, Span<byte> names, out int length)
    {
        var request = new SubmissionEntry { Operation = HostOperation.ListExtendedAttributes, Handle = handle };
        return CallForAttribute(ref request, default, names, out length);
    }

    private static bool IsAttributeName(ReadOnlySpan<byte> name) => name.Length is > 0 and <= 255 && !name.Contains((byte)0);

    private Errno CallForAttribute(ref SubmissionEntry request, ReadOnlySpan<byte> name, Span<byte> value, out int length)
    {
        request.Count = Math.Min(value.Length, LongestAttribute);
        request.FirstLength = (uint)name.Length;
        int index = channel.Acquire(large: false);
        channel.GetData(index).CopyFrom(name);
        channel.Call(index, ref request, out CompletionEntry answer);
        Errno error = HostAnswers.CheckAttribute(request.Operation, answer, channel.GetData(index), LongestAttribute, value, out length);
        channel.Release(index);
        return error;
    }

    private Errno CallPlain(ref SubmissionEntry request)
    {
        int index = channel.Acquire(large: false);
        channel.Call(index, ref request, out CompletionEntry answer);
        channel.Release(index);
        return HostAnswers.CheckPlain(request.Operation, answer);
    }

    /// <summary>A call with one or two items in the slot and no contents in the answer.</summary>
    private Errno CallPlain(ref SubmissionEntry request, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int index = channel.Acquire(large: first.Length + second.Length > HostRegionLayout.SmallSlotLength);
        Fill(index, ref request, first, second);
        channel.Call(index, ref request, out CompletionEntry answer);
        channel.Release(index);
        return HostAnswers.CheckPlain(request.Operation, answer);
    }

    /// <summary>A call with up to two items in the slot that answers with the status of a file.</summary>
    private Errno CallForStatus(
        ref SubmissionEntry request, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, uint expectedType, out HostFileStatus status)
    {
        int index = channel.Acquire(large: false);
        Fill(index, ref request, first, second);
        channel.Call(index, ref request, out CompletionEntry answer);
        Errno error = HostAnswers.CheckStatus(request.Operation, answer, channel.GetData(index), expectedType, out status);
        channel.Release(index);
        if (error == Errno.EIO && answer.Error.Is(0) && request.NewHandle != 0)
        {
            // The host believes that it has bound the handle; for the caller it is free.
            Forget(request.NewHandle);
        }

        return error;
    }

    private Errno CallWithName(
        ref SubmissionEntry request, ReadOnlySpan<byte> name, ReadOnlySpan<byte> second, uint expectedType, out HostFileStatus status)
    {
        status = default;
        Errno error = CheckName(name);
        return error == Errno.Success ? CallForStatus(ref request, name, second, expectedType, out status) : error;
    }

    private static Errno CheckName(ReadOnlySpan<byte> name)
    {
        if (name.Length > DirectoryRecord.LongestName)
            return Errno.ENAMETOOLONG;
        return HostNames.IsComponent(name) ? Errno.Success : Errno.EINVAL;
    }

    private void Fill(int index, ref SubmissionEntry request, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        request.FirstLength = (uint)first.Length;
        request.SecondLength = (uint)second.Length;
        SharedWindow data = channel.GetData(index);
        data.CopyFrom(first);
        data.From(first.Length).CopyFrom(second);
    }
}
