using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Linux.Identity;
using Cloister.Linux.Syscalls;
using Cloister.Linux.Time;

namespace Cloister.Linux.Futexes;

/// <summary>futex(2) and the robust list calls.</summary>
internal static class FutexSyscalls
{
    private const int PrivateFlag = 128;
    private const int RealtimeFlag = 256;

    [Syscall(202, "futex", SyscallSupport.Full, Note = "FUTEX_FD is gone, as on Linux since 2.6.26.")]
    public static SyscallResult Futex(LinuxThread thread, UserAddress address, int operation, uint value, ulong timeout, UserAddress second, uint value3)
    {
        var command = (FutexOperation)(operation & ~(PrivateFlag | RealtimeFlag));
        bool isPrivate = (operation & PrivateFlag) != 0;
        bool isRealtime = (operation & RealtimeFlag) != 0;
        if (isRealtime && command is not (FutexOperation.FUTEX_WAIT_BITSET or FutexOperation.FUTEX_WAIT_REQUEUE_PI or FutexOperation.FUTEX_LOCK_PI2))
            return Errno.ENOSYS;

        long deadline = Deadline.Never;
        if (timeout != 0 && TakesTimeout(command))
        {
            if (!thread.Memory.TryRead(new UserAddress(timeout), out Timespec time))
                return Errno.EFAULT;
            if (!time.IsValid)
                return Errno.EINVAL;
            bool isAbsolute = command != FutexOperation.FUTEX_WAIT;
            deadline = thread.Kernel.Futexes.ToDeadline(time.TotalNanoseconds, isRealtime || command == FutexOperation.FUTEX_LOCK_PI, isAbsolute);
        }

        FutexTable table = thread.Kernel.Futexes;
        switch (command)
        {
            case FutexOperation.FUTEX_WAIT:
                return WaitRestartably(thread, address, isPrivate, value, uint.MaxValue, deadline, timeout != 0);
            case FutexOperation.FUTEX_WAIT_BITSET:
                return WaitRestartably(thread, address, isPrivate, value, value3, deadline, timeout != 0);
            case FutexOperation.FUTEX_WAKE:
                return table.Wake(thread, address, isPrivate, (int)value, uint.MaxValue);
            case FutexOperation.FUTEX_WAKE_BITSET:
                return table.Wake(thread, address, isPrivate, (int)value, value3);
            case FutexOperation.FUTEX_REQUEUE:
                return table.Requeue(thread, address, second, isPrivate, (int)value, (int)timeout, null);
            case FutexOperation.FUTEX_CMP_REQUEUE:
                return table.Requeue(thread, address, second, isPrivate, (int)value, (int)timeout, value3);
            case FutexOperation.FUTEX_WAKE_OP:
                return table.WakeOperation(thread, address, second, isPrivate, (int)value, (int)timeout, value3);
            case FutexOperation.FUTEX_LOCK_PI:
            case FutexOperation.FUTEX_LOCK_PI2:
                return PriorityFutexes.Lock(thread, address, isPrivate, deadline, onlyTry: false);
            case FutexOperation.FUTEX_TRYLOCK_PI:
                return PriorityFutexes.Lock(thread, address, isPrivate, deadline, onlyTry: true);
            case FutexOperation.FUTEX_UNLOCK_PI:
                return PriorityFutexes.Unlock(thread, address, isPrivate);
            case FutexOperation.FUTEX_WAIT_REQUEUE_PI:
                return PriorityFutexes.WaitRequeue(thread, address, second, isPrivate, value, deadline);
            case FutexOperation.FUTEX_CMP_REQUEUE_PI:
                return value != 1 ? Errno.EINVAL : PriorityFutexes.Requeue(thread, address, second, isPrivate, (int)timeout, value3);
            default:
                return Errno.ENOSYS;
        }
    }

    [Syscall(273, "set_robust_list")]
    public static SyscallResult SetRobustList(LinuxThread thread, UserAddress head, ulong length)
    {
        if (length != RobustFutexes.HeadSize)
            return Errno.EINVAL;
        thread.RobustList = head;
        return 0;
    }

    [Syscall(274, "get_robust_list")]
    public static SyscallResult GetRobustList(LinuxThread thread, int threadId, UserAddress head, UserAddress length)
    {
        LinuxThread? target = threadId == 0 ? thread : thread.Kernel.Processes.FindThread(threadId);
        if (target is null)
            return Errno.ESRCH;
        if (!ProcessAccess.MayInspect(thread, target, ofFiles: false))
            return Errno.EPERM;
        return thread.Memory.TryWrite(head, target.RobustList.Value) && thread.Memory.TryWrite(length, RobustFutexes.HeadSize) ? 0 : Errno.EFAULT;
    }

    private static bool TakesTimeout(FutexOperation command) => command is FutexOperation.FUTEX_WAIT or FutexOperation.FUTEX_WAIT_BITSET or
        FutexOperation.FUTEX_LOCK_PI or FutexOperation.FUTEX_LOCK_PI2 or FutexOperation.FUTEX_WAIT_REQUEUE_PI;

    private static SyscallResult WaitRestartably(LinuxThread thread, UserAddress address, bool isPrivate, uint value, uint bitSet, long deadline, bool hasTimeout)
    {
        Errno error = thread.Kernel.Futexes.Wait(thread, address, isPrivate, value, bitSet, deadline);
        if (error != Errno.ERESTARTSYS || !hasTimeout)
            return error;
        thread.RestartBlock = new RestartedWait(address, isPrivate, value, bitSet, deadline);
        return Errno.ERESTART_RESTARTBLOCK;
    }

    private sealed class RestartedWait(UserAddress address, bool isPrivate, uint value, uint bitSet, long deadline) : IRestartableCall
    {
        public SyscallResult Restart(LinuxThread thread) => WaitRestartably(thread, address, isPrivate, value, bitSet, deadline, true);
    }
}

/// <summary>Commands of futex(2).</summary>
internal enum FutexOperation
{
    FUTEX_WAIT = 0,
    FUTEX_WAKE = 1,
    FUTEX_REQUEUE = 3,
    FUTEX_CMP_REQUEUE = 4,
    FUTEX_WAKE_OP = 5,
    FUTEX_LOCK_PI = 6,
    FUTEX_UNLOCK_PI = 7,
    FUTEX_TRYLOCK_PI = 8,
    FUTEX_WAIT_BITSET = 9,
    FUTEX_WAKE_BITSET = 10,
    FUTEX_WAIT_REQUEUE_PI = 11,
    FUTEX_CMP_REQUEUE_PI = 12,
    FUTEX_LOCK_PI2 = 13,
}
