using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Abi.Rings;
using Cloister.Contracts.Files;

namespace Cloister.Linux.Rings;

/// <summary>IORING_OP_MSG_RING: a completion, or an open file, for another instance.</summary>
internal static class RingMessages
{
    private const ulong SendData = 0;
    private const ulong SendFile = 1;
    private const uint SkipCompletion = 1;

    /// <summary>Sends a message to the instance that the request's file is.</summary>
    public static SyscallResult Send(LinuxThread thread, RingRequest request)
    {
        ref SubmissionEntry entry = ref request.Entry;
        if (entry.Buffer != 0 || entry.Personality != 0 || (entry.OperationFlags & ~SkipCompletion) != 0)
            return Errno.EINVAL;
        if (request.File is not IRingFile { Ring: Ring target })
            return Errno.EBADFD;
        if (target.IsDisabled)
            return Errno.EBADFD;
        switch (entry.Address)
        {
            case SendData:
                if (entry.SecondDescriptor != 0 || entry.ThirdAddress != 0 || entry.OperationFlags != 0)
                    return Errno.EINVAL;
                return target.Post(thread, entry.Offset, (int)entry.Length, CompletionFlags.None, needsRoom: true) ? 0 : Errno.EOVERFLOW;
            case SendFile:
                return Pass(thread, request, target);
            default:
                return Errno.EINVAL;
        }
    }

    private static SyscallResult Pass(LinuxThread thread, RingRequest request, Ring target)
    {
        ref SubmissionEntry entry = ref request.Entry;
        if (target == request.Ring || entry.Length != 0)
            return Errno.EINVAL;
        IOpenFile? file = request.Ring.TakeFile((uint)entry.ThirdAddress);
        if (file is null)
            return Errno.EBADF;
        SyscallResult result = target.SetFile(file, entry.SecondDescriptor);
        if (result.IsError || (entry.OperationFlags & SkipCompletion) != 0)
            return result;
        return target.Post(thread, entry.Offset, 0, CompletionFlags.None, needsRoom: true) ? result : Errno.EOVERFLOW;
    }
}
