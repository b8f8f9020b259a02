using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Sockets;

/// <summary>Sockets that threads of the enclave wait for together (epoll(7), edge-triggered): those of one epoll instance inside.</summary>
internal sealed unsafe class SocketGroup : IDisposable
{
    private const int EPOLL_CTL_ADD = 1;
    private const int EPOLL_CTL_DEL = 2;
    private const int EPOLL_CTL_MOD = 3;
    private const int EPOLL_CLOEXEC = 0x80000;
    private const uint EPOLLET = 1u << 31;
    private const uint EPOLLEXCLUSIVE = 1u << 28;
    private const int MostAtOnce = 64;

    // EPOLLIN, EPOLLPRI, EPOLLOUT, EPOLLERR, EPOLLHUP, EPOLLRDHUP; with EPOLLEXCLUSIVE not all are allowed (epoll_ctl(2)).
    private const uint Allowed = 0x1 | 0x2 | 0x4 | 0x8 | 0x10 | 0x2000;
    private const uint AllowedExclusive = 0x1 | 0x4 | 0x8 | 0x10;

    /// <summary>What the wake-up's event carries; no socket has it as its handle.</summary>
    private const uint WakeHandle = 0;

    private readonly FileDescriptor _wake;

    private SocketGroup(FileDescriptor poll, FileDescriptor wake)
    {
        Poll = poll;
        _wake = wake;
    }

    /// <summary>The epoll instance.</summary>
    public FileDescriptor Poll { get; }

    public static Errno Open(out SocketGroup? group)
    {
        group = null;
        int poll = LibcSockets.EpollCreate(EPOLL_CLOEXEC);
        if (poll < 0)
            return Failure.Last;
        var made = new FileDescriptor(poll);
        int wake = Libc.EventFd(0, Constants.EFD_CLOEXEC | Constants.EFD_NONBLOCK);
        Errno error = Failure.From(wake);
        if (error == Errno.Success)
        {
            group = new SocketGroup(made, new FileDescriptor(wake));

            // Edge-triggered: nobody has to read the counter to make it quiet again.
            var wish = new EpollEvent { Events = Constants.POLLIN | EPOLLET, Data = WakeHandle };
            error = Failure.From(LibcSockets.EpollControl(made, EPOLL_CTL_ADD, group._wake, &wish));
        }

        if (error == Errno.Success)
            return error;
        group?._wake.Dispose();
        made.Dispose();
        group = null;
        return error;
    }

    /// <summary>Sets the events that are changes of the group; none takes the socket out.</summary>
    public Errno Change(uint handle, HostSocket socket, uint events, bool isExclusive)
    {
        if (events == 0)
            return Failure.From(LibcSockets.EpollControl(Poll, EPOLL_CTL_DEL, socket.File, null));
        events &= isExclusive ? AllowedExclusive : Allowed;
        var wish = new EpollEvent { Events = events | EPOLLET | (isExclusive ? EPOLLEXCLUSIVE : 0), Data = handle };
        Errno error = Failure.From(LibcSockets.EpollControl(Poll, EPOLL_CTL_ADD, socket.File, &wish));
        if (error != Errno.EEXIST)
            return error;

        // One that is exclusive stays as it is: what it may have besides is allowed from the start.
        return isExclusive ? Errno.Success : Failure.From(LibcSockets.EpollControl(Poll, EPOLL_CTL_MOD, socket.File, &wish));
    }

    /// <summary>Takes what has changed.</summary>
    /// <param name="into">Where the changes go.</param>
    /// <param name="nanoseconds">How long to wait; negative for ever.</param>
    public int Take(Span<ReadinessRecord> into, long nanoseconds)
    {
        EpollEvent* events = stackalloc EpollEvent[MostAtOnce];
        int most = Math.Min(into.Length, MostAtOnce);
        int ready;
        if (nanoseconds <= 0)
        {
            ready = LibcSockets.EpollWait(Poll, events, most, nanoseconds < 0 ? -1 : 0);
        }
        else
        {
            var time = new TimeSpec { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
            ready = LibcSockets.EpollWaitTimed(Poll, events, most, &time, null, 0);
        }

        int count = 0;
        for (int i = 0; i < ready; i++)
        {
            if (events[i].Data != WakeHandle)
                into[count++] = new ReadinessRecord { Handle = (uint)events[i].Data, Events = events[i].Events };
        }

        return count;
    }

    /// <summary>Ends a wait.</summary>
    public void Wake()
    {
        ulong one = 1;
        Libc.Write(_wake, (byte*)&one, sizeof(ulong));
    }

    public void Dispose()
    {
        Poll.Dispose();
        _wake.Dispose();
    }
}
