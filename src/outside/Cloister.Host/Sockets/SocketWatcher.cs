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
    private readonly Lock _lock = new();
    private bool _isAsked;
    private ulong _request;
    private uint _slot;
    private int _most;
    private Thread? _thread;
    private volatile bool _stopped;

    /// <summary>Creates it without a thread, which the first request starts.</summary>
    /// <param name="ready">Gets the request, its slot, and what is ready.</param>
    public SocketWatcher(Action<ulong, uint, ReadOnlyMemory<ReadinessRecord>> ready) => _ready = ready;

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
            if (_thread is null)
            {
                var wish = new EpollEvent { Events = Constants.POLLIN, Data = WakeHandle };
                LibcSockets.EpollControl(_poll, EPOLL_CTL_ADD, _wake, &wish);
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
        ulong one = 1;
        Libc.Write(_wake, (byte*)&one, sizeof(ulong));
        _asked.Release();
    }

    private void Run()
    {
        var events = new EpollEvent[MostAtOnce];
        var records = new ReadinessRecord[MostAtOnce];
        while (true)
        {
            _asked.Wait();
            int count = 0;
            while (count == 0 && !_stopped)
                count = Wait(events, records);
            if (_stopped)
                return;
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
    }

    private int Wait(EpollEvent[] events, ReadinessRecord[] records)
    {
        int ready;
        fixed (EpollEvent* first = events)
            ready = LibcSockets.EpollWait(_poll, first, Math.Max(1, _most), -1);
        int count = 0;
        for (int i = 0; i < ready; i++)
        {
            if (events[i].Data != WakeHandle)
                records[count++] = new ReadinessRecord { Handle = (uint)events[i].Data, Events = events[i].Events };
        }

        return count;
    }
}
