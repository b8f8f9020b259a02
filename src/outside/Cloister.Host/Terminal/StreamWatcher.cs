using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Host.Native;

namespace Cloister.Host.Terminal;

/// <summary>Waits with poll(2), on a thread of its own, until watched streams become ready.</summary>
internal sealed unsafe class StreamWatcher : IDisposable
{
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

    /// <summary>Reports when a stream has one of the events, or an error.</summary>
    public void Add(ulong request, FileDescriptor stream, int events)
    {
        lock (_lock)
        {
            _watches.Add(new Watch(request, stream, (short)events));
            if (!_started)
            {
                _started = true;
                new Thread(Run, 256 << 10) { IsBackground = true, Name = "cloister: streams" }.Start();
            }
        }

        Wake();
    }

    public void Dispose()
    {
        _stopped = true;
        Wake();
    }

    private void Wake()
    {
        ulong one = 1;
        Libc.Write(_wake, (byte*)&one, sizeof(ulong));
    }

    private void Run()
    {
        var polls = new List<PollDescriptor>();
        var watches = new List<Watch>();
        while (!_stopped)
        {
            watches.Clear();
            lock (_lock)
                watches.AddRange(_watches);
            polls.Clear();
            polls.Add(new PollDescriptor { Descriptor = _wake.Number, Events = Constants.POLLIN });
            foreach (Watch watch in watches)
                polls.Add(new PollDescriptor { Descriptor = watch.Stream.Number, Events = watch.Events });

            Span<PollDescriptor> all = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(polls);
            fixed (PollDescriptor* first = all)
            {
                if (Libc.Poll(first, (nuint)all.Length, -1) < 0)
                    continue;
            }

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
    }
}
