using System;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Hal.HostProtocol;

namespace Cloister.Nucleus.HostCalls;

/// <summary>The calls that change files of writable shares.</summary>
internal sealed partial class HostFilesClient
{
    /// <inheritdoc/>
    public Errno Create(uint parent, ReadOnlySpan<byte> name, uint mode, uint newHandle, out HostFileStatus status)
    {
        var request = new SubmissionEntry { Operation = HostOperation.Create, Handle = parent, NewHandle = newHandle, Mode = mode & 0xFFF };
        return CallWithName(ref request, name, default, Regular, out status);
    }

    /// <inheritdoc/>
    public Errno MakeDirectory(uint parent, ReadOnlySpan<byte> name, uint mode, uint newHandle, out HostFileStatus status)
    {
        var request = new SubmissionEntry { Operation = HostOperation.MakeDirectory, Handle = parent, NewHandle = newHandle, Mode = mode & 0xFFF };
        return CallWithName(ref request, name, default, Directory, out status);
    }

    /// <inheritdoc/>
    public Errno MakeNode(uint parent, ReadOnlySpan<byte> name, uint mode, uint newHandle, out HostFileStatus status)
    {
        uint type = mode & HostFileStatus.TypeMask;
        status = default;
        if (type is not (Fifo or Socket))
            return Errno.EPERM;
        var request = new SubmissionEntry { Operation = HostOperation.MakeNode, Handle = parent, NewHandle = newHandle, Mode = mode & (type | 0xFFF) };
        return CallWithName(ref request, name, default, type, out status);
    }

    /// <inheritdoc/>
    public Errno SymbolicLink(ReadOnlySpan<byte> target, uint parent, ReadOnlySpan<byte> name, uint newHandle, out HostFileStatus status)
    {
        status = default;
        if (target.Length > 4095)
            return Errno.ENAMETOOLONG;
        if (target.IsEmpty || target.Contains((byte)0))
            return Errno.EINVAL;
        var request = new SubmissionEntry { Operation = HostOperation.SymbolicLink, Handle = parent, NewHandle = newHandle };
        return CallWithName(ref request, name, target, Link, out status);
    }

    /// <inheritdoc/>
    public Errno HardLink(uint handle, uint parent, ReadOnlySpan<byte> name)
    {
        Errno error = CheckName(name);
        if (error != Errno.Success)
            return error;
        var request = new SubmissionEntry { Operation = HostOperation.HardLink, Handle = handle, SecondHandle = parent };
        return CallPlain(ref request, name, default);
    }

    /// <inheritdoc/>
    public Errno Unlink(uint parent, ReadOnlySpan<byte> name)
    {
        Errno error = CheckName(name);
        if (error != Errno.Success)
            return error;
        var request = new SubmissionEntry { Operation = HostOperation.Unlink, Handle = parent };
        return CallPlain(ref request, name, default);
    }

    /// <inheritdoc/>
    public Errno RemoveDirectory(uint parent, ReadOnlySpan<byte> name)
    {
        Errno error = CheckName(name);
        if (error != Errno.Success)
            return error;
        var request = new SubmissionEntry { Operation = HostOperation.RemoveDirectory, Handle = parent };
        return CallPlain(ref request, name, default);
    }

    /// <inheritdoc/>
    public Errno Rename(uint oldParent, ReadOnlySpan<byte> oldName, uint newParent, ReadOnlySpan<byte> newName, uint flags)
    {
        Errno error = CheckName(oldName);
        if (error == Errno.Success)
            error = CheckName(newName);
        if (error != Errno.Success)
            return error;
        if (flags > 2)
            return Errno.EINVAL;
        var request = new SubmissionEntry { Operation = HostOperation.Rename, Handle = oldParent, SecondHandle = newParent, Flags = flags };
        return CallPlain(ref request, oldName, newName);
    }

    /// <inheritdoc/>
    public Errno Write(uint handle, long offset, ReadOnlySpan<byte> from, out int count)
    {
        count = 0;
        if (!HostAnswers.IsRange(offset, from.Length))
            return Errno.EFBIG;
        if (from.IsEmpty)
            return Errno.Success;
        int index = channel.Acquire(from.Length > HostRegionLayout.SmallSlotLength);
        SharedWindow data = channel.GetData(index);
        Errno error = Errno.Success;
        while (count < from.Length)
        {
            int given = Math.Min(from.Length - count, data.Length);
            data.CopyFrom(from.Slice(count, given));
            var request = new SubmissionEntry { Operation = HostOperation.Write, Handle = handle, Offset = offset + count, FirstLength = (uint)given };
            channel.Call(index, ref request, out CompletionEntry answer);
            error = HostAnswers.CheckWritten(HostOperation.Write, answer, given, out int part);
            count += part;
            if (error != Errno.Success)
                break;
        }

        channel.Release(index);
        return count > 0 ? Errno.Success : error;
    }

    /// <inheritdoc/>
    public Errno Truncate(uint handle, long length)
    {
        if (length < 0)
            return Errno.EINVAL;
        if (!HostAnswers.IsRange(0, length))
            return Errno.EFBIG;
        var request = new SubmissionEntry { Operation = HostOperation.Truncate, Handle = handle, Count = length };
        return CallPlain(ref request);
    }

    /// <inheritdoc/>
    public Errno Allocate(uint handle, int mode, long offset, long length)
    {
        if (offset < 0 || length <= 0)
            return Errno.EINVAL;
        if (!HostAnswers.IsRange(offset, length))
            return Errno.EFBIG;
        var request = new SubmissionEntry { Operation = HostOperation.Allocate, Handle = handle, Flags = (uint)mode, Offset = offset, Count = length };
        return CallPlain(ref request);
    }

    /// <inheritdoc/>
    public Errno Synchronize(uint handle, bool dataOnly)
    {
        var request = new SubmissionEntry { Operation = HostOperation.Synchronize, Handle = handle, Flags = dataOnly ? 1u : 0 };
        return CallPlain(ref request);
    }

    /// <inheritdoc/>
    public Errno SetMode(uint handle, uint mode)
    {
        var request = new SubmissionEntry { Operation = HostOperation.SetMode, Handle = handle, Mode = mode & 0xFFF };
        return CallPlain(ref request);
    }

    /// <inheritdoc/>
    public Errno SetOwner(uint handle, uint userId, uint groupId)
    {
        var request = new SubmissionEntry { Operation = HostOperation.SetOwner, Handle = handle, Mode = userId, Flags = groupId };
        return CallPlain(ref request);
    }

    /// <inheritdoc/>
    public Errno SetTimes(uint handle, long accessTime, long modifyTime)
    {
        var request = new SubmissionEntry { Operation = HostOperation.SetTimes, Handle = handle, Offset = accessTime, Count = modifyTime };
        return CallPlain(ref request);
    }

    /// <inheritdoc/>
    public Errno SetExtendedAttribute(uint handle, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int flags)
    {
        if (!IsAttributeName(name))
            return Errno.ERANGE;
        if (value.Length > LongestAttribute)
            return Errno.E2BIG;
        var request = new SubmissionEntry { Operation = HostOperation.SetExtendedAttribute, Handle = handle, Flags = (uint)flags };
        return CallPlain(ref request, name, value);
    }

    /// <inheritdoc/>
    public Errno RemoveExtendedAttribute(uint handle, ReadOnlySpan<byte> name)
    {
        if (!IsAttributeName(name))
            return Errno.ERANGE;
        var request = new SubmissionEntry { Operation = HostOperation.RemoveExtendedAttribute, Handle = handle };
        return CallPlain(ref request, name, default);
    }
}
