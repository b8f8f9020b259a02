using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Linux.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.AsyncIo;

/// <summary>Asynchronous I/O of Linux (io_setup(2) and its relatives).</summary>
internal static class AsyncIoSyscalls
{
    private const string IsDoneAtOnce = "Requests are done when io_submit returns, as on Linux without O_DIRECT; IOCB_CMD_POLL is EINVAL, as before Linux 4.18.";

    [Syscall(206, "io_setup")]
    public static SyscallResult Setup(LinuxThread thread, uint requests, UserAddress result)
    {
        if (!thread.Memory.TryRead(result, out ulong former))
            return Errno.EFAULT;
        if (former != 0 || requests == 0)
            return Errno.EINVAL;
        AsyncContexts contexts = thread.Memory.Space.MakeAsyncContexts(thread.Kernel.AsyncQuota);
        Errno error = contexts.Create(thread, requests, out ulong address);
        if (error != Errno.Success || thread.Memory.TryWrite(result, address))
            return error;
        End(thread, contexts, address);
        return Errno.EFAULT;
    }

    [Syscall(207, "io_destroy")]
    public static SyscallResult Destroy(LinuxThread thread, UserAddress context) =>
        thread.Memory.Space.AsyncContexts is { } contexts && End(thread, contexts, context.Value) ? 0 : Errno.EINVAL;

    [Syscall(209, "io_submit", SyscallSupport.Partial, Note = IsDoneAtOnce, Lacks = "IOCB_CMD_POLL")]
    public static SyscallResult Submit(LinuxThread thread, UserAddress context, long count, UserAddress requests)
    {
        if (count < 0 || Find(thread, context) is not { } found)
            return Errno.EINVAL;
        for (long i = 0; i < count; i++)
        {
            Errno error = SubmitOne(thread, found, requests.Offset((ulong)i * sizeof(ulong)));
            if (error != Errno.Success)
                return i > 0 ? i : error;
        }

        return count;
    }

    [Syscall(210, "io_cancel", Note = "EINVAL: no request is under way any more.")]
    public static SyscallResult Cancel(LinuxThread thread, UserAddress context, UserAddress request, UserAddress result) =>
        thread.Memory.TryRead(request.Offset(AsyncRequest.KeyAt), out uint _) ? Errno.EINVAL : Errno.EFAULT;

    [Syscall(208, "io_getevents")]
    public static SyscallResult GetEvents(LinuxThread thread, UserAddress context, long least, long most, UserAddress events, UserAddress timeout)
    {
        Errno error = ReadTimeout(thread, timeout, out long deadline);
        SyscallResult result = error != Errno.Success ? error : Wait(thread, context, least, most, events, deadline);
        return result.Errno == Errno.ERESTARTNOHAND ? Errno.EINTR : result;
    }

    [Syscall(333, "io_pgetevents")]
    public static SyscallResult GetEventsWithMask(
        LinuxThread thread, UserAddress context, long least, long most, UserAddress events, UserAddress timeout, UserAddress mask)
    {
        Errno error = ReadTimeout(thread, timeout, out long deadline);
        ulong set = 0, size = 0;
        if (error == Errno.Success && !mask.IsNull && !(thread.Memory.TryRead(mask, out set) && thread.Memory.TryRead(mask.Offset(sizeof(ulong)), out size)))
            error = Errno.EFAULT;
        if (error == Errno.Success)
            error = WaitTime.SetMask(thread, new UserAddress(set), size);
        return error != Errno.Success ? error : WaitTime.EndMask(thread, Wait(thread, context, least, most, events, deadline));
    }

    private static AsyncContext? Find(LinuxThread thread, UserAddress context) => thread.Memory.Space.AsyncContexts?.Find(thread, context.Value);

    private static bool End(LinuxThread thread, AsyncContexts contexts, ulong address)
    {
        if (contexts.Find(thread, address) is not { } context || !contexts.TryEnd(context))
            return false;
        thread.Memory.Space.Unmap(address, context.Length);
        return true;
    }

    private static Errno SubmitOne(LinuxThread thread, AsyncContext context, UserAddress at)
    {
        if (!thread.Memory.TryRead(at, out ulong address) || !thread.Memory.TryRead(new UserAddress(address), out AsyncRequest request))
            return Errno.EFAULT;
        return request.Submit(thread, context, new UserAddress(address));
    }

    /// <summary>A time that isn't valid is over (timespec64_to_ktime of Linux).</summary>
    private static Errno ReadTimeout(LinuxThread thread, UserAddress address, out long deadline)
    {
        Errno error = WaitTime.FromTimespec(thread, address, out deadline);
        if (error == Errno.EINVAL)
            deadline = 0;
        return error == Errno.EFAULT ? error : Errno.Success;
    }

    private static SyscallResult Wait(LinuxThread thread, UserAddress context, long least, long most, UserAddress events, long deadline)
    {
        if (Find(thread, context) is not { } found || least < 0 || least > most)
            return Errno.EINVAL;
        long taken = 0;
        thread.Watch(found.Events);
        try
        {
            while (true)
            {
                SyscallResult result = found.Take(thread, events.Offset((ulong)taken * AsyncEvent.Size), most - taken);
                if (result.IsError)
                    return taken > 0 ? taken : result;
                taken += result.Value;
                if (taken >= least || deadline == 0)
                    return taken;
                switch (thread.Sleep(deadline))
                {
                    case WaitOutcome.Interrupted:
                        return taken > 0 ? taken : Errno.ERESTARTNOHAND;
                    case WaitOutcome.TimedOut:
                        return taken;
                }
            }
        }
        finally
        {
            thread.StopWatching();
        }
    }
}
