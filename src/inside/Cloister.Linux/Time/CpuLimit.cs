using System.Threading;
using Cloister.Contracts;
using Cloister.Linux.Processes;
using Cloister.Linux.Signals;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.Time;

/// <summary>RLIMIT_CPU (getrlimit(2)): SIGXCPU at the soft limit and each second after it, SIGKILL at the hard one.</summary>
internal sealed class CpuLimit(LinuxProcess process) : ITimerCallback
{
    private readonly KernelLock _lock = new(LockLevel.ProcessTimer);
    private KernelTimer? _timer;

    /// <summary>The limit was set, or came with the process.</summary>
    public void Update()
    {
        using (_lock.Enter())
        {
            ResourceLimit limit = process.Limits[ResourceLimits.Cpu];
            if (limit == ResourceLimit.Unlimited && _timer is null)
                return;
            _timer ??= new KernelTimer(this);
            process.Kernel.Timers.Cancel(_timer);
            if (limit != ResourceLimit.Unlimited && !process.IsExiting)
                process.Kernel.Timers.Arm(_timer, new ProcessCpuClock(process).EarliestDeadline(ToNanoseconds(limit.Soft)));
        }
    }

    /// <summary>The process ends.</summary>
    public void Disarm()
    {
        using (_lock.Enter())
        {
            if (_timer is not null)
                process.Kernel.Timers.Cancel(_timer);
        }
    }

    /// <inheritdoc/>
    public void OnExpired()
    {
        long used = process.CpuNanoseconds;
        ResourceLimit limit = process.Limits[ResourceLimits.Cpu];
        if (used >= ToNanoseconds(limit.Hard))
        {
            process.Send(SignalInfo.Kernel(Signal.Kill));
            return;
        }

        if (used >= ToNanoseconds(limit.Soft))
        {
            process.Limits[ResourceLimits.Cpu] = limit with { Soft = limit.Soft + 1 };
            process.Send(SignalInfo.Kernel(Signal.CpuLimit));
        }

        Update();
    }

    private static long ToNanoseconds(ulong seconds) =>
        seconds >= long.MaxValue / Timespec.PerSecond ? Deadline.Never : (long)seconds * Timespec.PerSecond;
}
