using System;
using System.Collections.Generic;
using System.Threading;
using System.Runtime.InteropServices;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Terminal;

/// <summary>Waits with poll(2), on a thread of its own, until watched streams become ready.</summary>
internal sealed unsafe class StreamWatcher : IDisposable
{
    private const int MostWatches = 2 * HostRegionLayout.EntryCount;

    private readonly record struct Watch(ulong Request, FileDescriptor Stream, short Events);

    private readonly Action<ulong, int> _ready;
    private readonly Lock _lock = new();
    private readonly List<Watch> _watches = [];
    private readonly FileDescriptor _wake;
    private bool _started;
    private volatile bool _stopped;

    /// <summary>Creates it without a thread, which the first watch starts.</summary>
    /// <param name="ready">Gets the request and the events, once.</param>
    public StreamWatcher(Action<ulong, int> ready)
    {
        _ready = ready;
        _wake = new FileDescriptor(Libc.EventFd(0, Constants.EFD_CLOEXEC | Constants.EFD_NONBLOCK));
    }

    /// <summary>Reports when a stream has one of the events, or an error. False for more requests at a time than an enclave has reason for.</summary>
    public bool TryAdd(ulong request, FileDescriptor stream, int events)
    {
        lock (_lock)
        {
            if (_watches.Count == MostWatches)
                return false;
            _watches.Add(new Watch(request, stream, (short)events));
            if (!_started)
            {
                _started = true;
                new Thread(Run, 256 << 10) { IsBackground = true, Name = "cloister: streams" }.Start();
            }
        }

        Wake();
        return true;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_stopped)
                return;
            _stopped = true;
            if (!_started)
            {
                _wake.Dispose();
                return;
            }
        }

        Wake();
    }

    private void Wake()
    {
        ulong one = 1;
        if (!_wake.TryHold(out HeldDescriptor held))
            return;
        using (held)
            Libc.Write(held.File, (byte*)&one, sizeof(ulong));
    }

    private void Run()
    {
        var polls = new List<PollDescriptor>();
        var watches = new List<Watch>();
        while (!_stopped)
        {
            watches.Clear();
            polls.Clear();
            Hold(_wake, Constants.POLLIN, polls);
            lock (_lock)
                watches.AddRange(_watches);
            foreach (Watch watch in watches)
                Hold(watch.Stream, watch.Events, polls);

            Span<PollDescriptor> all = CollectionsMarshal.AsSpan(polls);
            int ready;
            fixed (PollDescriptor* first = all)
                ready = Libc.Poll(first, (nuint)all.Length, -1);
            Release(_wake, all[0]);
            for (int i = 0; i < watches.Count; i++)
                Release(watches[i].Stream, all[i + 1]);
            if (ready < 0)
                continue;
            if (all[0].Returned != 0)
            {
                ulong count;
                Libc.Read(_wake, (byte*)&count, sizeof(ulong));
            }

            for (int i = 0; i < watches.Count; i++)
            {
                if (all[i + 1].Returned == 0)
                    continue;
                lock (_lock)
                    _watches.Remove(watches[i]);
                _ready(watches[i].Request, all[i + 1].Returned);
            }
        }

        _wake.Dispose();
    }

    // poll(2) takes bare numbers; -1 is one that it passes over.
    private static void Hold(FileDescriptor file, short events, List<PollDescriptor> polls)
    {
        bool isHeld = file.TryHold(out HeldDescriptor held);
        polls.Add(new PollDescriptor { Descriptor = isHeld ? held.Detach(out _) : -1, Events = events });
    }

    private static void Release(FileDescriptor file, in PollDescriptor poll)
    {
        if (poll.Descriptor >= 0)
            file.DangerousRelease();
    }
}
