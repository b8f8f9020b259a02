using System;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Files;
using Cloister.Host.Native;

namespace Cloister.Host;

/// <summary>Requests about files.</summary>
public sealed partial class HostServer
{
    private const int LongestTarget = 4095;

    private Errno HandleFile(in SubmissionEntry request, Span<byte> data, ref CompletionEntry answer)
    {
        switch (request.Operation)
        {
            case HostOperation.None:
                return Errno.Success;
            case HostOperation.Root:
                if (FindShare(request.Handle) is not { } share)
                    return Errno.ENXIO;
                Errno error = share.OpenRoot(_budget, out HostNode? root, out FileRecord record);
                return error == Errno.Success ? Bind(request.NewHandle, root!, record, data) : error;
            case HostOperation.Forget:
                Forget(request.Handle);
                return Errno.Success;
        }

        if (!_nodes.TryGetValue(request.Handle, out HostNode? node))
            return Errno.EBADF;
        switch (request.Operation)
        {
            case HostOperation.GetStatus:
                return Answer(node.GetStatus(out FileRecord status), status, data);
            case HostOperation.ReadDirectory:
                return ReadDirectory(node, request, data, ref answer);
            case HostOperation.ReadLink:
                return Answer(node.ReadLink(data[..LongestTarget], out int targetLength), targetLength, ref answer);
            case HostOperation.Read:
                return Answer(node.Read(request.Offset, data[..CheckedLength(request.Count)], out int read), read, ref answer);
            case HostOperation.Write:
                return Answer(node.Write(request.Offset, data[..CheckedLength(request.FirstLength)], out int written), written, ref answer);
            case HostOperation.GetFileSystemStatus:
                Errno error = node.GetFileSystemStatus(out FileSystemRecord fileSystem);
                MemoryMarshal.Write(data, fileSystem);
                return error;
            case HostOperation.Truncate:
                return node.Truncate(request.Count);
            case HostOperation.Allocate:
                return node.Allocate((int)request.Flags, request.Offset, request.Count);
            case HostOperation.Synchronize:
                return node.Synchronize(dataOnly: request.Flags == 1);
            case HostOperation.SetMode:
                return node.SetMode(request.Mode & 0xFFF);
            case HostOperation.SetOwner:
                return node.SetOwner(request.Mode, request.Flags);
            case HostOperation.SetTimes:
                return node.SetTimes(request.Offset, request.Count);
            case HostOperation.ListExtendedAttributes:
                return AnswerAttribute(
                    node.ListExtendedAttributes(data[..CheckedLength(request.Count)], out int listLength), listLength, request.Count, ref answer);
            case HostOperation.GetExtendedAttribute:
            case HostOperation.SetExtendedAttribute:
            case HostOperation.RemoveExtendedAttribute:
                return HandleAttribute(node, request, data, ref answer);
            default:
                return HandleName(node, request, data);
        }
    }

    private static Errno HandleAttribute(HostNode node, in SubmissionEntry request, Span<byte> data, ref CompletionEntry answer)
    {
        Span<byte> text = stackalloc byte[256];
        if (!TryCopy(data, 0, request.FirstLength, text, out ReadOnlySpan<byte> name))
            return Errno.ERANGE;
        switch (request.Operation)
        {
            case HostOperation.GetExtendedAttribute:
                return AnswerAttribute(
                    node.GetExtendedAttribute(name, data[..CheckedLength(request.Count)], out int length), length, request.Count, ref answer);
            case HostOperation.SetExtendedAttribute:
                return node.SetExtendedAttribute(name, data.Slice(name.Length, CheckedLength(request.SecondLength)), (int)request.Flags);
            default:
                return node.RemoveExtendedAttribute(name);
        }
    }

    /// <summary>Requests with a name of a directory entry.</summary>
    private Errno HandleName(HostNode node, in SubmissionEntry request, Span<byte> data)
    {
        Span<byte> text = stackalloc byte[256];
        if (!TryCopyName(data, 0, request.FirstLength, text, out ReadOnlySpan<byte> name))
            return Errno.EINVAL;
        HostNode? made;
        FileRecord record;
        Errno error;
        switch (request.Operation)
        {
            case HostOperation.Lookup:
                error = node.Lookup(name, out made, out record);
                break;
            case HostOperation.Create:
                error = node.Create(name, request.Mode & 0xFFF, out made, out record);
                break;
            case HostOperation.MakeDirectory:
                error = node.MakeDirectory(name, request.Mode & 0xFFF, out made, out record);
                break;
            case HostOperation.MakeNode:
                error = node.MakeNode(name, request.Mode & 0xFFFF, out made, out record);
                break;
            case HostOperation.SymbolicLink:
                Span<byte> targetText = stackalloc byte[LongestTarget + 1];
                if (!TryCopy(data, name.Length, request.SecondLength, targetText, out ReadOnlySpan<byte> target))
                    return Errno.ENAMETOOLONG;
                error = node.SymbolicLink(name, target, out made, out record);
                break;
            case HostOperation.Unlink:
                return node.Unlink(name, isDirectory: false);
            case HostOperation.RemoveDirectory:
                return node.Unlink(name, isDirectory: true);
            case HostOperation.HardLink:
                return _nodes.TryGetValue(request.SecondHandle, out HostNode? linkPlace) ? node.HardLink(linkPlace, name) : Errno.EBADF;
            case HostOperation.Rename:
                Span<byte> newText = stackalloc byte[256];
                if (!TryCopyName(data, name.Length, request.SecondLength, newText, out ReadOnlySpan<byte> newName))
                    return Errno.EINVAL;
                return _nodes.TryGetValue(request.SecondHandle, out HostNode? newPlace)
                    ? node.Rename(name, newPlace, newName, request.Flags)
                    : Errno.EBADF;
            default:
                return Errno.EINVAL;
        }

        return error == Errno.Success ? Bind(request.NewHandle, made!, record, data) : error;
    }

    private static Errno ReadDirectory(HostNode node, in SubmissionEntry request, Span<byte> data, ref CompletionEntry answer)
    {
        var entries = new DirectoryAnswer(data[..CheckedLength(request.Count)]);
        Errno error = node.ReadDirectory(request.Offset, ref entries);
        answer.Data = (uint)entries.Length;
        answer.Items = entries.Items;
        answer.Value = entries.Items > 0 ? entries.Cookie : request.Offset;
        answer.Flags = entries.IsLast ? 1u : 0;
        return error;
    }

    private Errno Bind(uint handle, HostNode node, in FileRecord record, Span<byte> data)
    {
        bool isRoom = Interlocked.Increment(ref _handles) <= MostHandles;
        if (!isRoom || handle == 0 || !_nodes.TryAdd(handle, node))
        {
            Interlocked.Decrement(ref _handles);
            node.Close();
            return isRoom ? Errno.EINVAL : Errno.ENFILE;
        }

        MemoryMarshal.Write(data, record);
        return Errno.Success;
    }

    private void Forget(uint handle)
    {
        if (!_nodes.TryRemove(handle, out HostNode? forgotten))
            return;
        Interlocked.Decrement(ref _handles);
        forgotten.Close();
    }

    private static Errno Answer(Errno error, in FileRecord record, Span<byte> data)
    {
        MemoryMarshal.Write(data, record);
        return error;
    }

    private static Errno Answer(Errno error, int length, ref CompletionEntry answer)
    {
        answer.Data = (uint)length;
        return error;
    }

    private static Errno AnswerAttribute(Errno error, int length, long wanted, ref CompletionEntry answer)
    {
        answer.Value = length;
        answer.Data = wanted == 0 ? 0 : (uint)length;
        return error;
    }

    /// <summary>Lets a read or write run beside others; false where it is served at once.</summary>
    /// <remarks>
    /// Short writes are: they only copy into the host's page cache. Most file systems, ext4 among them, refuse buffered writes that must not
    /// wait, so io_uring hands each to a worker thread, whose start and two wake-ups take much longer than the copy, milliseconds where the
    /// machine is busy; and an fsync waits for all of that.
    /// </remarks>
    private bool TryTransfer(in SubmissionEntry request)
    {
        bool isWrite = request.Operation == HostOperation.Write;
        int length = CheckedLength(isWrite ? request.FirstLength : request.Count);
        if (length <= 0 || (isWrite && length <= HostRegionLayout.SmallSlotLength) || request.Slot >= HostRegionLayout.SlotCount || Volatile.Read(ref _lacksTransfers)
            || !_nodes.TryGetValue(request.Handle, out HostNode? node))
            return false;
        BackgroundTransfers? transfers = Volatile.Read(ref _transfers) ?? StartTransfers();
        return transfers is not null && node.TryHold(isWrite, out HeldDescriptor file) && transfers.TryBegin(request, file, isWrite, length);
    }

    private BackgroundTransfers? StartTransfers()
    {
        lock (_transfersLock)
        {
            if (_transfers is null && !_lacksTransfers)
            {
                BackgroundTransfers? started = BackgroundTransfers.TryStart(_region!, OnTransferred);
                Volatile.Write(ref _transfers, started);
                Volatile.Write(ref _lacksTransfers, started is null);
            }

            return _transfers;
        }
    }

    private void OnTransferred(CompletionEntry answer, bool wake)
    {
        if (wake)
            CompleteLater(answer);
        else
            Complete(answer);
    }

    // Slicing by -1, or by more than the slot has, throws; Handle catches that.
    private static int CheckedLength(long length) => length is >= 0 and <= HostRegionLayout.LargeSlotLength ? (int)length : -1;

    /// <summary>Copies a text out of the slot, which the enclave can change meanwhile, and ends it with NUL.</summary>
    private static bool TryCopy(Span<byte> data, int offset, uint length, Span<byte> into, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (length == 0 || length >= (uint)into.Length)
            return false;
        data.Slice(offset, (int)length).CopyTo(into);
        into[(int)length] = 0;
        text = into[..(int)length];
        return !text.Contains((byte)0);
    }

    /// <summary>Copies a name: one component, so that it can't lead anywhere else.</summary>
    private static bool TryCopyName(Span<byte> data, int offset, uint length, Span<byte> into, out ReadOnlySpan<byte> name) =>
        TryCopy(data, offset, length, into, out name) && !name.Contains((byte)'/') && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8);
}
