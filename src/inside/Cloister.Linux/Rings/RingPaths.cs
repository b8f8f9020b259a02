using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Contracts.Files;
using Cloister.Linux.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Rings;

/// <summary>Operations that work on paths, and those that open and close.</summary>
internal static class RingPaths
{
    /// <summary>Makes an operation.</summary>
    public static SyscallResult Execute(LinuxThread thread, RingRequest request)
    {
        ref SubmissionEntry entry = ref request.Entry;
        var directory = new Fd(entry.Descriptor);
        var path = new UserString(entry.Address);
        switch (entry.Operation)
        {
            case RingOperation.IORING_OP_OPENAT:
                return entry.Buffer != 0 ? Errno.EINVAL : Open(thread, request, isExtended: false);
            case RingOperation.IORING_OP_OPENAT2:
                return entry.Buffer != 0 ? Errno.EINVAL : Open(thread, request, isExtended: true);
            case RingOperation.IORING_OP_CLOSE:
                return Close(thread, request);
            case RingOperation.IORING_OP_STATX:
                if (entry.Buffer != 0 || entry.SecondDescriptor != 0)
                    return Errno.EINVAL;
                return StatusSyscalls.StatX(
                    thread, directory, path, (AtFlags)entry.OperationFlags, (StatxMask)entry.Length, new UserAddress(entry.Offset));
            case RingOperation.IORING_OP_RENAMEAT:
                if (entry.Buffer != 0 || entry.SecondDescriptor != 0)
                    return Errno.EINVAL;
                return NameSyscalls.RenameAt2(
                    thread, directory, path, new Fd((int)entry.Length), new UserString(entry.Offset), (RenameFlags)entry.OperationFlags);
            case RingOperation.IORING_OP_UNLINKAT:
                if (entry.Offset != 0 || entry.Length != 0 || entry.Buffer != 0 || entry.SecondDescriptor != 0)
                    return Errno.EINVAL;
                return NameSyscalls.UnlinkAt(thread, directory, path, (AtFlags)entry.OperationFlags);
            case RingOperation.IORING_OP_MKDIRAT:
                if (entry.Offset != 0 || entry.OperationFlags != 0 || entry.Buffer != 0 || entry.SecondDescriptor != 0)
                    return Errno.EINVAL;
                return NameSyscalls.MkDirAt(thread, directory, path, new FileMode(entry.Length));
            case RingOperation.IORING_OP_SYMLINKAT:
                if (entry.Length != 0 || entry.OperationFlags != 0 || entry.Buffer != 0 || entry.SecondDescriptor != 0)
                    return Errno.EINVAL;
                return NameSyscalls.SymLinkAt(thread, path, directory, new UserString(entry.Offset));
            case RingOperation.IORING_OP_LINKAT:
                if (entry.Buffer != 0 || entry.SecondDescriptor != 0)
                    return Errno.EINVAL;
                return NameSyscalls.LinkAt(
                    thread, directory, path, new Fd((int)entry.Length), new UserString(entry.Offset), (AtFlags)entry.OperationFlags);
            default:
                return Errno.EINVAL;
        }
    }

    /// <summary>Reads and sets extended attributes, of a path or of the request's file.</summary>
    public static SyscallResult ExtendedAttribute(LinuxThread thread, RingRequest request)
    {
        ref SubmissionEntry entry = ref request.Entry;
        var name = new UserString(entry.Address);
        var value = new UserAddress(entry.Offset);
        var flags = (XattrFlags)entry.OperationFlags;
        bool sets = entry.Operation is RingOperation.IORING_OP_FSETXATTR or RingOperation.IORING_OP_SETXATTR;
        if (!sets && flags != 0)
            return Errno.EINVAL;
        if (request.File is { } file)
        {
            var argument = new PathArgument(thread.Process.FileSystemContext, file, default, LookupFlags.AllowEmpty);
            return sets
                ? ExtendedAttributeSyscalls.Set(thread, argument, name, value, entry.Length, flags)
                : ExtendedAttributeSyscalls.Get(thread, argument, name, value, entry.Length);
        }

        if ((entry.Flags & SubmissionFlags.IOSQE_FIXED_FILE) != 0)
            return Errno.EBADF;
        var path = new UserString(entry.ThirdAddress);
        return sets
            ? ExtendedAttributeSyscalls.SetXattr(thread, path, name, value, entry.Length, flags)
            : ExtendedAttributeSyscalls.GetXattr(thread, path, name, value, entry.Length);
    }

    private static SyscallResult Open(LinuxThread thread, RingRequest request, bool isExtended)
    {
        ref SubmissionEntry entry = ref request.Entry;
        var directory = new Fd(entry.Descriptor);
        var path = new UserString(entry.Address);
        if (entry.SecondDescriptor == 0)
        {
            return isExtended
                ? OpenSyscalls.OpenAt2(thread, directory, path, new UserAddress(entry.Offset), entry.Length)
                : OpenSyscalls.OpenAt(thread, directory, path, (OpenFlags)entry.OperationFlags, new FileMode(entry.Length));
        }

        SyscallResult result = isExtended
            ? OpenSyscalls.OpenUnnumbered2(thread, directory, path, new UserAddress(entry.Offset), entry.Length, out IOpenFile? file, out OpenFlags flags)
            : OpenSyscalls.OpenUnnumbered(thread, directory, path, flags = (OpenFlags)entry.OperationFlags, entry.Length, out file);
        if (result.IsError)
            return result;
        if ((flags & OpenFlags.O_CLOEXEC) == 0)
            return RingFiles.Install(thread, request, file!, false);

        // The ring's table is no program's that could be replaced.
        file!.Release();
        return Errno.EINVAL;
    }

    private static SyscallResult Close(LinuxThread thread, RingRequest request)
    {
        ref SubmissionEntry entry = ref request.Entry;
        if (entry.SecondDescriptor != 0)
            return request.Ring.ClearFile((uint)entry.SecondDescriptor - 1);
        using (BorrowedFile borrowed = thread.Process.Descriptors.Borrow(entry.Descriptor))
        {
            // A ring can't wait for its own end.
            if (borrowed.File is null or IRingFile)
                return Errno.EBADF;
        }

        return OpenSyscalls.Close(thread, new Fd(entry.Descriptor));
    }
}
