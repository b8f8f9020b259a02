using System;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Sockets;

/// <summary>Reports, on a thread of its own, each time a socket becomes ready for something (epoll(7), edge-triggered).</summary>
internal sealed unsafe class SocketWatcher : IDisposable
{
    // EPOLLIN, EPOLLPRI, EPOLLOUT, EPOLLRDHUP, EPOLLET.
    private const uint Watched = 0x1 | 0x2 | 0x4 | 0x2000 | (1u << 31);
    private const int EPOLL_CTL_ADD = 1;
    private const int EPOLL_CLOEXEC = 0x80000;
    private const int MostAtOnce = 256;

    /// <summary>What the events of the wake-up carry; no socket has it as its handle.</summary>
    private const uint WakeHandle = 0;

    private readonly FileDescriptor _poll = new(LibcSockets.EpollCreate(EPOLL_CLOEXEC));
    private readonly FileDescriptor _wake = new(Libc.EventFd(0, Constants.EFD_CLOEXEC | Constants.EFD_NONBLOCK));
    private readonly SemaphoreSlim _asked = new(0);
    private readonly Action<ulong, uint, ReadOnlyMemory<ReadinessRecord>> _ready;
    private readonly EpollEvent[] _events = new EpollEvent[MostAtOnce];
    private readonly ReadinessRecord[] _records = new ReadinessRecord[MostAtOnce];
    private readonly Lock _lock = new();
    private bool _isAsked;
    private ulong _request;
    private uint _slot;
    private int _most;
    private Thread? _thread;
    private volatile bool _stopped;

    /// <summary>Creates it without a thread, which the first request starts.</summary>
    /// <param name="ready">Gets the request, its slot, and what is ready.</param>
    public SocketWatcher(Action<ulong, uint, ReadOnlyMemory<ReadinessRecord>> ready)
    {
        _ready = ready;
        var wish = new EpollEvent { Events = Constants.POLLIN, Data = WakeHandle };
        LibcSockets.EpollControl(_poll, EPOLL_CTL_ADD, _wake, &wish);
    }

    /// <summary>Whether somebody calls <see cref="Poll"/>, so that it needs no thread. Set before the first request.</summary>
    public bool IsLent { get; set; }

    /// <summary>Watches a socket until it is closed; once is enough.</summary>
    public bool TryAdd(uint handle, HostSocket socket)
    {
        if (!socket.TryBeginWatch())
            return true;
        var wish = new EpollEvent { Events = Watched, Data = handle };
        return LibcSockets.EpollControl(_poll, EPOLL_CTL_ADD, socket.File, &wish) == 0;
    }

    /// <summary>Takes a request for the next events; false where there is one already.</summary>
    public bool TryAsk(ulong request, uint slot, int most)
    {
        lock (_lock)
        {
            if (_isAsked || _stopped)
                return false;
            _isAsked = true;
            _request = request;
            _slot = slot;
            _most = Math.Min(most, MostAtOnce);
            if (_thread is null && !IsLent)
            {
                _thread = new Thread(Run, 1 << 20) { IsBackground = true, Name = "cloister: sockets" };
                _thread.Start();
            }
        }

        _asked.Release();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopped = true;
        Wake();
        _asked.Release();
    }

    /// <summary>Ends a wait.</summary>
    public void Wake()
    {
        ulong one = 1;
        Libc.Write(_wake, (byte*)&one, sizeof(ulong));
    }

    /// <summary>Reports what has happened, on the thread of the one caller; true where something has.</summary>
    /// <param name="milliseconds">How long to wait for it; -1 until <see cref="Wake"/>.</param>
    public bool Poll(int milliseconds)
    {
        bool isAsked;
        lock (_lock)
            isAsked = _isAsked;
        if (!isAsked)
        {
            // Nobody wants to know yet: what happens meanwhile isn't taken.
            if (milliseconds != 0)
                WaitForWake(milliseconds);
            return false;
        }

        int count = Wait(_events, _records, milliseconds);
        if (count > 0)
            Report(_records, count);
        return count > 0;
    }

    private void WaitForWake(int milliseconds)
    {
        if (!_wake.TryHold(out HeldDescriptor held))
            return;
        using (held)
        {
            var polled = new PollDescriptor { Descriptor = held.Number, Events = Constants.POLLIN };
            Libc.Poll(&polled, 1, milliseconds);
        }

        TakeWake();
    }

    private void TakeWake()
    {
        ulong value;
        Libc.Read(_wake, (byte*)&value, sizeof(ulong));
    }

    private void Run()
    {
        while (true)
        {
            _asked.Wait();
            int count = 0;
            while (count == 0 && !_stopped)
                count = Wait(_events, _records, milliseconds: -1);
            if (_stopped)
                return;
            Report(_records, count);
        }
    }

    private void Report(ReadinessRecord[] records, int count)
    {
        ulong request;
        uint slot;
        lock (_lock)
        {
            request = _request;
            slot = _slot;
            _isAsked = false;
        }

        _ready(request, slot, records.AsMemory(0, count));
    }

    private int Wait(EpollEvent[] events, ReadinessRecord[] records, int milliseconds)
    {
        int ready;
        fixed (EpollEvent* first = events)
            ready = LibcSockets.EpollWait(_poll, first, Math.Max(1, _most), milliseconds);
        int count = 0;
        for (int i = 0; i < ready; i++)
        {
            if (events[i].Data == WakeHandle)
                TakeWake();
            else
                records[count++] = new ReadinessRecord { Handle = (uint)events[i].Data, Events = events[i].Events };
        }

        return count;
    }
}
