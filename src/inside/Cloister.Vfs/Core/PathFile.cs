using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;

namespace Cloister.Vfs.Core;

/// <summary>A file opened with O_PATH: a place only. Everything that would need an open file gives EBADF (open(2)).</summary>
internal sealed class PathFile : OpenFile
{
    public override SyscallResult Read(ICaller caller, IIoBuffer buffer) => Errno.EBADF;

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer) => Errno.EBADF;

    public override SyscallResult ReadAt(ICaller caller, IIoBuffer buffer, long offset) => Errno.EBADF;

    public override SyscallResult WriteAt(ICaller caller, IIoBuffer buffer, long offset) => Errno.EBADF;

    public override SyscallResult Transfer(ICaller caller, IIoBuffer buffer, long offset, ReadWriteFlags flags, bool write) => Errno.EBADF;

    public override SyscallResult Seek(ICaller caller, long offset, SeekWhence whence) => Errno.EBADF;

    public override PollEvents Poll(IPollTable? table) => PollEvents.Invalid;

    public override Errno SetStatusFlags(ICaller caller, OpenFlags flags, int fd = -1) => Errno.EBADF;

    public override SyscallResult Control(ICaller caller, uint request, ulong argument, Span<byte> data) => Errno.EBADF;

    public override SyscallResult ReadDirectory(ICaller caller, DirectoryFormat format, Span<byte> into) => Errno.EBADF;

    public override Errno Truncate(ICaller caller, long length) => Errno.EBADF;

    public override Errno Allocate(ICaller caller, FallocateMode mode, long offset, long length) => Errno.EBADF;

    public override Errno Synchronize(ICaller caller, bool dataOnly) => Errno.EBADF;

    public override Errno Advise(ICaller caller, long offset, long length, FileAdvice advice) => Errno.EBADF;

    public override Errno Lock(ICaller caller, FlockOperation operation) => Errno.EBADF;

    public override Errno TestRecordLock(ICaller caller, IDescriptorTable? owner, ref Flock record) => Errno.EBADF;

    public override Errno SetRecordLock(ICaller caller, IDescriptorTable? owner, in Flock record, bool wait) => Errno.EBADF;

    public override Errno GetMapping(ICaller caller, MappingAccess access, out FileMapping mapping)
    {
        mapping = default;
        return Errno.EBADF;
    }
}
