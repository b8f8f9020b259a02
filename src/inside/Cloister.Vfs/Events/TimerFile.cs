using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Events;

/// <summary>timerfd (timerfd_create(2)).</summary>
/// <remarks>
/// A periodic timer is armed once, and again when a program looks at it: what passed meanwhile is counted, however short
/// the interval (timerfd_read of Linux).
/// </remarks>
internal sealed class TimerFile : EventFile, ITimerFile, ITimerCallback
{
    private readonly KernelLock _lock = new(LockLevel.EventFile);
    private readonly WaitQueue _expired = new();
    private readonly ITimerQueue _timers;
    private readonly KernelTimer _timer;
    private readonly bool _isRealtime;

    /// <summary>Next expiration that isn't counted yet, in monotonic nanoseconds; 0 where disarmed.</summary>
    private long _next;
    private long _interval;
    private long _expirations;

    public TimerFile(ITimerQueue timers, bool isRealtime)
    {
        _timers = timers;
        _isRealtime = isRealtime;
        _timer = new KernelTimer(this);
    }

    public override bool IsPollable => true;

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer)
    {
        if (buffer.Remaining < sizeof(long))
            return Errno.EINVAL;
        return ReadOrWait(caller, _expired, buffer);
    }

    public override SyscallResult Write(ICaller caller, IIoBuffer buffer) => Errno.EINVAL;

    public override SyscallResult Seek(ICaller caller, long offset, SeekWhence whence) => SeekNowhere;

    public override PollEvents Poll(IPollTable? table)
    {
        table?.Watch(_expired);
        return Volatile.Read(ref _expirations) > 0 ? PollEvents.In | PollEvents.ReadNormal : PollEvents.None;
    }

    public void SetTime(ICaller caller, bool isAbsolute, long value, long interval)
    {
        using (_lock.Enter())
        {
            _timers.Cancel(_timer);
            _expirations = 0;
            _interval = interval;
            _next = 0;
            if (value == 0)
                return;
            long now = caller.MonotonicNow;
            if (!isAbsolute)
                _next = Deadline.After(now, value);
            else
                _next = _isRealtime ? Deadline.After(now, Math.Max(0, value - caller.RealtimeNow)) : value;
            _timers.Arm(_timer, _next);
        }
    }

    public void GetTime(ICaller caller, out long value, out long interval)
    {
        using (_lock.Enter())
        {
            long now = caller.MonotonicNow;
            if (_expirations > 0)
                CountMissed(now);
            interval = _interval;

            // An expiration that the timer thread is about to report is still ahead.
            value = _next == 0 ? 0 : Math.Max(1, _next - now);
        }
    }

    public void OnExpired()
    {
        using (_lock.Enter())
        {
            // Late: the timer was set anew meanwhile.
            long now = Vfs.Services.Clock.MonotonicNanoseconds;
            if (_next == 0 || now < _next)
                return;
            _expirations++;
            _next = _interval == 0 ? 0 : Deadline.After(_next, _interval);
        }

        _expired.Wake(PollEvents.In | PollEvents.ReadNormal);
    }

    protected override void OnClosed()
    {
        using (_lock.Enter())
        {
            _timers.Cancel(_timer);
            _next = 0;
        }
    }

    /// <summary>Counts what has passed since the timer expired, and arms it for the next time.</summary>
    private void CountMissed(long now)
    {
        if (_next == 0)
            return;
        if (_next <= now)
        {
            long missed = (now - _next) / _interval + 1;
            _expirations += missed;
            _next = Deadline.After(_next, missed * _interval);
        }

        _timers.Arm(_timer, _next);
    }

    protected override SyscallResult TryRead(IIoBuffer buffer)
    {
        long count;
        using (_lock.Enter())
        {
            if (_expirations == 0)
                return Errno.EAGAIN;
            CountMissed(Vfs.Services.Clock.MonotonicNanoseconds);
            count = _expirations;
            _expirations = 0;
        }

        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BitConverter.TryWriteBytes(bytes, count);
        return buffer.Store(bytes) < bytes.Length ? Errno.EFAULT : sizeof(long);
    }
}
