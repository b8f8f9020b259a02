using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Processes;

/// <summary>/proc/PID/mem: the file's offsets are the process's addresses.</summary>
internal sealed class ProcessMemoryInode(ProcessFileSystem fileSystem, IProcessInformation process, ulong number, Inode owner)
    : Inode(fileSystem, FileModes.S_IFREG | 0x180, owner.UserId, owner.GroupId, number)
{
    public override Errno Open(ICaller caller, VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        if (!ProcessDirectory.MayInspect(caller, process))
            return Errno.EACCES;
        file = new ProcessMemoryFile(process.OpenMemory());
        file.Begin(path, flags);
        return Errno.Success;
    }

    public override Errno Truncate(ICaller caller, long length) => Errno.Success;

    public override Errno SetAttributes(ICaller caller, in AttributeChange change) => Errno.EPERM;
}

/// <summary>An open /proc/PID/mem.</summary>
internal sealed class ProcessMemoryFile(IProcessMemory memory) : OpenFile
{
    private long _position;

    public override long Position => _position;

    public override bool IsSpliceSource => false;

    public override bool IsSpliceTarget => false;

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer) => Advance(ReadAt(caller, buffer, _position));

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer) => Advance(WriteAt(caller, buffer, _position));

    public override SyscallResult ReadAt(ICaller caller, IIoBuffer buffer, long offset) =>
        CanRead ? memory.Read(caller, (ulong)offset, buffer) : Errno.EBADF;

    public override SyscallResult WriteAt(ICaller caller, IIoBuffer buffer, long offset) =>
        CanWrite ? memory.Write(caller, (ulong)offset, buffer) : Errno.EBADF;

    public override SyscallResult Seek(ICaller caller, long offset, SeekWhence whence)
    {
        switch (whence)
        {
            case SeekWhence.SEEK_SET:
                _position = offset;
                break;
            case SeekWhence.SEEK_CUR:
                _position = unchecked(_position + offset);
                break;
            default:
                return Errno.EINVAL;
        }

        return _position;
    }

    private SyscallResult Advance(SyscallResult result)
    {
        if (result.Value > 0)
            _position += result.Value;
        return result;
    }
}
