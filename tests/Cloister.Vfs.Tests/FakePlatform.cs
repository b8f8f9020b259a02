using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using Cloister.Contracts;
using Cloister.Hal;
using Cloister.Nucleus;

namespace Cloister.Vfs.Tests;

/// <summary>Frames in one managed array.</summary>
internal sealed class FakeFrames : IFrames
{
    private readonly byte[] _memory;
    private readonly bool[] _used;
    private readonly Lock _lock = new();
    private readonly int _total;
    private int _available;
    private int _next = 1;

    public long Available => _available;

    public FakeFrames(int total)
    {
        _total = total;
        _available = total;
        _memory = new byte[(long)(total + 1) * FrameExtent.FrameSize];
        _used = new bool[total + 1];
    }

    public long Total => _total;

    public bool TryAllocate(int count, out FrameExtent extent)
    {
        lock (_lock)
        {
            for (int tried = 0; tried < _total;)
            {
                if (_next + count > _total + 1)
                    _next = 1;
                int run = 0;
                while (run < count && _next + run <= _total && !_used[_next + run])
                    run++;
                if (run == count)
                {
                    _used.AsSpan(_next, count).Fill(true);
                    extent = new FrameExtent(_next, count);
                    GetBytes(extent).Clear();
                    _available -= count;
                    _next += count;
                    return true;
                }

                tried += run + 1;
                _next += run + 1;
                if (_next > _total)
                    _next = 1;
            }

            extent = default;
            return false;
        }
    }

    public void Free(FrameExtent extent)
    {
        lock (_lock)
        {
            for (int i = 0; i < extent.Count; i++)
            {
                if (!_used[extent.First + i])
                    throw new InvalidOperationException("double free");
                _used[extent.First + i] = false;
            }

            _available += extent.Count;
        }
    }

    public Span<byte> GetBytes(FrameExtent extent) =>
        _memory.AsSpan(extent.First * FrameExtent.FrameSize, extent.Count * FrameExtent.FrameSize);
}

internal sealed class FakeClock : IClock
{
    private long _extra;

    public long MonotonicNanoseconds => (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency)) + _extra;

    // Each look is later than the one before, so that tests can compare times.
    public long RealtimeNanoseconds => 1_700_000_000_000_000_000 + Interlocked.Add(ref _extra, 1000);
}

internal sealed class FakeEntropy : IEntropy
{
    private readonly Random _random = new(1);

    public void Fill(Span<byte> buffer) => _random.NextBytes(buffer);
}

internal sealed class FakeParker(IClock clock) : IParker
{
    private readonly object _lock = new();
    private bool _token;

    public bool Park(long deadline)
    {
        lock (_lock)
        {
            while (!_token)
            {
                if (deadline == long.MaxValue)
                {
                    Monitor.Wait(_lock);
                    continue;
                }

                long left = deadline - clock.MonotonicNanoseconds;
                if (left <= 0)
                    return false;
                Monitor.Wait(_lock, (int)Math.Min(int.MaxValue, (left / 1_000_000) + 1));
            }

            _token = false;
            return true;
        }
    }

    public void Unpark()
    {
        lock (_lock)
        {
            _token = true;
            Monitor.PulseAll(_lock);
        }
    }
}

/// <summary>Timers of the runtime.</summary>
internal sealed class FakeTimers(IClock clock) : ITimerQueue
{
    private readonly ConcurrentDictionary<KernelTimer, Timer> _armed = [];

    public void Arm(KernelTimer timer, long deadline)
    {
        Cancel(timer);
        var host = new Timer(self =>
        {
            // The runtime's timers may be early by a part of a millisecond.
            SpinWait.SpinUntil(() => clock.MonotonicNanoseconds >= deadline);
            if (_armed.TryRemove(KeyValuePair.Create(timer, (Timer)self!)))
            {
                ((Timer)self!).Dispose();
                timer.Callback.OnExpired();
            }
        });
        _armed[timer] = host;
        host.Change(Math.Max(0, Math.Min(deadline - clock.MonotonicNanoseconds, long.MaxValue >> 12) / 1_000_000), Timeout.Infinite);
    }

    public bool Cancel(KernelTimer timer)
    {
        if (!_armed.TryRemove(timer, out Timer? host))
            return false;
        host.Dispose();
        return true;
    }
}

/// <summary>A thread of a program, as far as the VFS can see.</summary>
internal sealed class FakeCaller : KernelThread, ICaller
{
    public IKernelMemory KernelMemory { get; init; } = new EnclaveMemory(new FakeFrames(16384));

    private bool _interrupt;

    public FakeCaller(IClock clock)
        : base(new FakeParker(clock), clock)
    {
    }

    public int ProcessId { get; set; } = 10;

    public int ThreadId { get; set; } = 10;

    public Credentials Credentials { get; set; } = new(0, 0, ulong.MaxValue);

    public uint[] Groups { get; set; } = [];

    public long FileSizeLimit { get; set; } = long.MaxValue;

    public int LastSignal { get; private set; }

    protected override bool IsInterruptPending => Volatile.Read(ref _interrupt);

    public bool IsInGroup(uint group) => group == Credentials.GroupId || Array.IndexOf(Groups, group) >= 0;

    public void RaiseSignal(int signal) => LastSignal = signal;

    public void Interrupt()
    {
        Volatile.Write(ref _interrupt, true);
        Wake();
    }

    public void EndInterrupt() => Volatile.Write(ref _interrupt, false);
}

/// <summary>A program's buffer.</summary>
internal sealed class FakeBuffer : IIoBuffer
{
    private byte[] _bytes = [];
    private int _position;
    private int _end;

    public long Remaining => _end - _position;

    /// <summary>Bytes from this position on are not accessible.</summary>
    public int FaultAt { get; set; } = int.MaxValue;

    public FakeBuffer Set(byte[] bytes, int count)
    {
        _bytes = bytes;
        _position = 0;
        _end = count;
        return this;
    }

    public int Store(ReadOnlySpan<byte> from)
    {
        int count = Clip(from.Length);
        from[..count].CopyTo(_bytes.AsSpan(_position));
        _position += count;
        return count;
    }

    public int Fetch(Span<byte> into)
    {
        int count = Clip(into.Length);
        _bytes.AsSpan(_position, count).CopyTo(into);
        _position += count;
        return count;
    }

    /// <summary>Pages before this position have been brought in.</summary>
    public int AbsentFrom { get; set; } = int.MaxValue;

    public int StorePresent(ReadOnlySpan<byte> from) => Store(from[..Math.Max(0, Math.Min(from.Length, AbsentFrom - _position))]);

    public int FetchPresent(Span<byte> into) => Fetch(into[..Math.Max(0, Math.Min(into.Length, AbsentFrom - _position))]);

    public bool Prepare(bool forStore)
    {
        AbsentFrom = Math.Max(AbsentFrom, _position + 4096);
        return Clip(1) > 0;
    }

    public long StoreZeros(long count)
    {
        int part = Clip((int)Math.Min(count, int.MaxValue));
        _bytes.AsSpan(_position, part).Clear();
        _position += part;
        return part;
    }

    private int Clip(int count) => Math.Max(0, Math.Min(count, Math.Min(_end, FaultAt) - _position));
}
