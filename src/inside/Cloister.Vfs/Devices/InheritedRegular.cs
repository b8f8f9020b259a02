using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;
using Cloister.Vfs.Volumes;

namespace Cloister.Vfs.Devices;

/// <summary>
/// An open regular file of the host that the launcher was started with (<c>&lt; file</c>, <c>&gt;&gt; file</c>). Reading and writing
/// in order move the position that the launcher's other users share; everything else works on the file as on any of a volume.
/// </summary>
internal sealed class InheritedRegular(ConsoleTerminal terminal, int stream) : ConsoleFile(terminal, stream)
{
    public override long Position => Host.Seek(Stream, 0, (int)SeekWhence.SEEK_CUR, out long position) == Errno.Success ? position : 0;

    private VolumeRegular Content => (VolumeRegular)Inode;

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer)
    {
        if (!CanRead)
            return Errno.EBADF;
        // What programs wrote through mappings is part of the file.
        Errno error = Content.WriteBackMappings();
        return error == Errno.Success ? base.Read(caller, buffer) : error;
    }

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer)
    {
        if (!CanWrite)
            return Errno.EBADF;
        Errno error = Content.WriteBackMappings();
        if (error != Errno.Success)
            return error;
        // One write of the host's at the shared position: others append to the same file.
        SyscallResult result = base.Write(caller, buffer);
        if (result.Value > 0)
            Content.OnWrittenElsewhere();
        return result;
    }

    public override SyscallResult ReadAt(ICaller caller, IIoBuffer buffer, long offset)
    {
        if (offset < 0)
            return Errno.EINVAL;
        if (!CanRead)
            return Errno.EBADF;
        Errno error = Content.RefreshIfWrittenElsewhere();
        return error == Errno.Success ? Content.Read(caller, buffer, offset) : error;
    }

    public override SyscallResult WriteAt(ICaller caller, IIoBuffer buffer, long offset)
    {
        if (offset < 0)
            return Errno.EINVAL;
        if (!CanWrite)
            return Errno.EBADF;
        Errno error = Content.RefreshIfWrittenElsewhere();
        return error == Errno.Success ? Content.Write(caller, buffer, ref offset, (Flags & OpenFlags.O_APPEND) != 0) : error;
    }

    public override SyscallResult Seek(ICaller caller, long offset, SeekWhence whence)
    {
        if (whence is not (SeekWhence.SEEK_DATA or SeekWhence.SEEK_HOLE))
            return base.Seek(caller, offset, whence);
        Errno error = Content.Refresh();
        if (error != Errno.Success)
            return error;
        SyscallResult found = Content.SeekSparse(offset, whence == SeekWhence.SEEK_DATA);
        return found.IsError ? found : base.Seek(caller, found.Value, SeekWhence.SEEK_SET);
    }

    public override Errno Truncate(ICaller caller, long length) => length < 0 || !CanWrite ? Errno.EINVAL : Content.Truncate(caller, length);

    public override Errno Allocate(ICaller caller, FallocateMode mode, long offset, long length)
    {
        if (!CanWrite)
            return Errno.EBADF;
        return offset < 0 || length <= 0 ? Errno.EINVAL : Content.Allocate(caller, mode, offset, length);
    }

    public override Errno Synchronize(ICaller caller, bool dataOnly) => Content.Synchronize(dataOnly);

    public override Errno GetStatus(ICaller caller, out FileStatus status) => GetInodeStatus(caller, out status);

    public override Errno GetMapping(ICaller caller, MappingAccess access, out FileMapping mapping)
    {
        mapping = default;
        bool isShared = (access & MappingAccess.Shared) != 0;
        if (!CanRead || (isShared && (access & MappingAccess.Write) != 0 && !CanWrite))
            return Errno.EACCES;
        Errno error = Content.Refresh();
        if (error == Errno.Success)
            mapping = new FileMapping(Content.Pages, Inode.FileSystem.Device, Inode.Number, Content.IsReadOnlyContent);
        return error;
    }

    public override bool TryBeginSharedMapping() => Content.TryBeginSharedMapping();

    public override void EndSharedMapping() => Content.EndSharedMapping();
}
