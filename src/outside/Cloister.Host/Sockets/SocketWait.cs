using System;
using System.Diagnostics;
using Cloister.Hal;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Sockets;

/// <summary>Where a thread of the enclave waits by itself, so that no other thread of the host has to wake first. One thread at a time.</summary>
internal sealed unsafe class SocketWait(HostServer server, FileDescriptor wake) : IHostWait
{
    // More are polled in memory of the heap.
    private const int MostOnStack = 32;

    private FileDescriptor[] _held = new FileDescriptor[4];

    /// <inheritdoc/>
    public void WaitForAny(ReadOnlySpan<ReadinessRecord> wanted, long deadline)
    {
        Span<PollDescriptor> polled = wanted.Length < MostOnStack ? stackalloc PollDescriptor[MostOnStack] : new PollDescriptor[wanted.Length + 1];
        if (_held.Length <= wanted.Length)
            _held = new FileDescriptor[wanted.Length + 1];
        int count = 0;
        Add(wake, Constants.POLLIN, polled, ref count);
        foreach (ReadinessRecord record in wanted)
        {
            // A socket that is gone is ready: who waits for it finds out.
            FileDescriptor? file = server.FileOf(record);
            if (file is null || !Add(file, (short)record.Events, polled, ref count))
                deadline = 0;
        }

        TimeSpec time = default;
        bool isTimed = deadline != long.MaxValue;
        if (isTimed)
            time = ToTime(deadline);
        fixed (PollDescriptor* first = polled)
            Libc.PPoll(first, (nuint)count, isTimed ? &time : null, null);
        if (polled[0].Returned != 0)
        {
            ulong value;
            Libc.Read(wake, (byte*)&value, sizeof(ulong));
        }

        for (int i = 0; i < count; i++)
            _held[i].DangerousRelease();
    }

    /// <inheritdoc/>
    public int WaitForGroup(uint group, Span<ReadinessRecord> changed, long deadline)
    {
        if (server.FindGroup(group) is not { } found)
            return 0;
        if (deadline == long.MaxValue)
            return found.Take(changed, -1);
        TimeSpec time = ToTime(deadline);
        return found.Take(changed, (time.Seconds * 1_000_000_000) + time.Nanoseconds);
    }

    /// <inheritdoc/>
    public void Wake(uint group)
    {
        if (group != 0)
        {
            server.FindGroup(group)?.Wake();
            return;
        }

        ulong one = 1;
        Libc.Write(wake, (byte*)&one, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose() => wake.Dispose();

    private bool Add(FileDescriptor file, short events, Span<PollDescriptor> polled, ref int count)
    {
        if (!file.TryHold(out HeldDescriptor held))
            return false;
        polled[count] = new PollDescriptor { Descriptor = held.Detach(out _held[count]), Events = events };
        count++;
        return true;
    }

    // Stopwatch counts nanoseconds of the monotonic clock on Linux, as the enclave's deadlines do on this platform.
    private static TimeSpec ToTime(long deadline)
    {
        long rest = Math.Max(0, deadline - Stopwatch.GetTimestamp());
        return new TimeSpec { Seconds = rest / 1_000_000_000, Nanoseconds = rest % 1_000_000_000 };
    }
}
