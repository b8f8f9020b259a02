using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Contracts.Files;
using Cloister.Linux.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Rings;

/// <summary>Files of a ring's own table, and the choice between it and the program's descriptors.</summary>
internal static class RingFiles
{
    /// <summary>IORING_FILE_INDEX_ALLOC: any free entry.</summary>
    public const int AnyEntry = -1;

    /// <summary>IORING_REGISTER_FILES_SKIP.</summary>
    public const int Skip = -2;

    /// <summary>Gives a new file its place, as the request asks for; takes its reference over.</summary>
    /// <returns>The descriptor or the entry.</returns>
    public static SyscallResult Install(LinuxThread thread, RingRequest request, IOpenFile file, bool closeOnExec)
    {
        int entry = request.Entry.SecondDescriptor;
        return entry == 0 ? OpenSyscalls.Install(thread, file, closeOnExec) : request.Ring.SetFile(file, entry);
    }

    /// <summary>IORING_OP_FILES_UPDATE.</summary>
    public static SyscallResult Update(LinuxThread thread, RingRequest request)
    {
        ref SubmissionEntry entry = ref request.Entry;
        if (entry.Length == 0)
            return Errno.EINVAL;
        bool allocates = (uint)entry.Offset == uint.MaxValue;
        return allocates
            ? AllocateAll(thread, request.Ring, new UserAddress(entry.Address), entry.Length)
            : request.Ring.UpdateFiles(thread, (uint)entry.Offset, new UserAddress(entry.Address), default, entry.Length);
    }

    private static SyscallResult AllocateAll(LinuxThread thread, Ring ring, UserAddress descriptors, uint count)
    {
        for (uint i = 0; i < count; i++)
        {
            UserAddress at = descriptors.Offset(i * (ulong)sizeof(int));
            if (!thread.Memory.TryRead(at, out int fd))
                return i > 0 ? i : Errno.EFAULT;
            IOpenFile? file = thread.Process.Descriptors.Take(fd);
            if (file is null)
                return i > 0 ? i : Errno.EBADF;
            SyscallResult slot = ring.SetFile(file, AnyEntry);
            if (slot.IsError)
                return i > 0 ? i : slot;
            if (!thread.Memory.TryWrite(at, (int)slot.Value))
                return i > 0 ? i : Errno.EFAULT;
        }

        return count;
    }
}
