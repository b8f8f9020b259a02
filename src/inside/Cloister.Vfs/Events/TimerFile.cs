using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Events;

/// <summary>timerfd (timerfd_create(2)).</summary>
internal sealed class TimerFile(ITimerQueue timers, bool isRealtime) : OpenFile, ITimerFile, ITimerCallback
{
    private readonly Lock _lock = new();
    private readonly WaitQueue _expired = new();
    private TimerHandle _timer;
    private bool _isArmed;
    private long _next;
    private long _interval;
    private long _expirations;

    public override bool IsPollable => true;

    public override SyscallResult Read(ICaller caller, IIoBuffer buffer)
    {
        if (buffer.Remaining < sizeof(long))
            return Errno.EINVAL;
        SyscallResult result = TryRead(buffer);
        if (result.Errno != Errno.EAGAIN || IsNonBlocking)
            return result;
        caller.Watch(_expired, exclusive: true);
        try
        {
            while (true)
            {
                result = TryRead(buffer);
                if (result.Errno != Errno.EAGAIN)
                    return result;
                if (caller.Sleep(Deadline.Never) == WaitOutcome.Interrupted)
                    return Errno.ERESTARTSYS;
            }
        }
        finally
        {
            caller.StopWatching();
        }
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
        lock (_lock)
        {
            Disarm();
            _expirations = 0;
            _interval = interval;
            if (value == 0)
                return;
            long now = caller.MonotonicNow;
            if (!isAbsolute)
                _next = value > long.MaxValue - now ? long.MaxValue : now + value;
            else
                _next = isRealtime ? now + Math.Max(0, value - caller.RealtimeNow) : value;
            Arm();
        }
    }

    public void GetTime(ICaller caller, out long value, out long interval)
    {
        lock (_lock)
        {
            interval = _interval;

            // An expiration that the timer thread is about to report is still ahead.
            value = _isArmed ? Math.Max(1, _next - caller.MonotonicNow) : 0;
        }
    }

    public void OnExpired()
    {
        lock (_lock)
        {
            long now = Vfs.Services.Clock.MonotonicNanoseconds;

            // Late: the timer was set anew meanwhile.
            if (!_isArmed || now < _next)
                return;
            _isArmed = false;
            long count = 1;
            if (_interval > 0)
            {
                count += (now - _next) / _interval;
                _next += count * _interval;
                Arm();
            }

            _expirations += count;
        }

        _expired.Wake(PollEvents.In | PollEvents.ReadNormal);
    }

    protected override void OnClosed()
    {
        lock (_lock)
            Disarm();
    }

    private void Arm()
    {
        _isArmed = true;
        _timer = timers.Arm(_next, this);
    }

    private void Disarm()
    {
        if (_isArmed)
            timers.Cancel(_timer);
        _isArmed = false;
    }

    private SyscallResult TryRead(IIoBuffer buffer)
    {
        long count;
        lock (_lock)
        {
            if (_expirations == 0)
                return Errno.EAGAIN;
            count = _expirations;
            _expirations = 0;
        }

        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BitConverter.TryWriteBytes(bytes, count);
        return buffer.Store(bytes) < bytes.Length ? Errno.EFAULT : sizeof(long);
    }
}
