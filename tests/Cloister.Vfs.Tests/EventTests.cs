using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;

namespace Cloister.Vfs.Tests;

public sealed class EventTests
{
    private const uint In = (uint)PollEvents.In;

    [Fact]
    public void LevelEdgeAndOneShot()
    {
        var m = new Machine();
        m.Vfs.CreatePipe(m.Caller, OpenFlags.O_NONBLOCK, out IOpenFile? reader, out IOpenFile? writer);
        IEventPoll level = Create(m);
        IEventPoll edge = Create(m);
        IEventPoll once = Create(m);
        Add(m, level, 5, reader!, In, 1);
        Add(m, edge, 5, reader!, In | EpollFlags.EPOLLET, 2);
        Add(m, once, 5, reader!, In | EpollFlags.EPOLLONESHOT, 3);
        Assert.Empty(Wait(m, level));
        m.Write(writer!, "ab");
        Assert.Equal([(In, 1UL)], Wait(m, level));
        Assert.Equal([(In, 1UL)], Wait(m, level));
        Assert.Equal([(In, 2UL)], Wait(m, edge));
        Assert.Empty(Wait(m, edge));
        Assert.Equal([(In, 3UL)], Wait(m, once));
        m.Write(writer!, "c");
        Assert.Equal([(In, 2UL)], Wait(m, edge));
        Assert.Empty(Wait(m, once));
        Assert.Equal(Errno.Success, once.Change(m.Caller, EpollOperation.EPOLL_CTL_MOD, 5, reader!, new EpollEvent { Events = In | EpollFlags.EPOLLONESHOT, Data = 4 }));
        Assert.Equal([(In, 4UL)], Wait(m, once));
        m.Read(reader!, 10);
        Assert.Empty(Wait(m, level));
        writer!.Release();
        Assert.Equal([((uint)PollEvents.HangUp, 1UL)], Wait(m, level));
        reader!.Release();
        Assert.Empty(Wait(m, level));
    }

    [Fact]
    public void ErrorsOfEpollCtl()
    {
        var m = new Machine();
        m.Put("/f", "");
        m.Vfs.CreateEventCounter(m.Caller, 0, 0, out IOpenFile? counter);
        IEventPoll poll = Create(m);
        var item = new EpollEvent { Events = In };
        Assert.Equal(Errno.EPERM, poll.Change(m.Caller, EpollOperation.EPOLL_CTL_ADD, 1, m.Open("/f"), item));
        Assert.Equal(Errno.EINVAL, poll.Change(m.Caller, EpollOperation.EPOLL_CTL_ADD, 1, (IOpenFile)poll, item));
        Assert.Equal(Errno.ENOENT, poll.Change(m.Caller, EpollOperation.EPOLL_CTL_MOD, 1, counter!, item));
        Assert.Equal(Errno.ENOENT, poll.Change(m.Caller, EpollOperation.EPOLL_CTL_DEL, 1, counter!, item));
        Assert.Equal(Errno.Success, poll.Change(m.Caller, EpollOperation.EPOLL_CTL_ADD, 1, counter!, item));
        Assert.Equal(Errno.EEXIST, poll.Change(m.Caller, EpollOperation.EPOLL_CTL_ADD, 1, counter!, item));
        Assert.Equal(Errno.Success, poll.Change(m.Caller, EpollOperation.EPOLL_CTL_ADD, 2, counter!, item));
        IEventPoll outer = Create(m);
        Assert.Equal(Errno.Success, outer.Change(m.Caller, EpollOperation.EPOLL_CTL_ADD, 3, (IOpenFile)poll, item));
        Assert.Equal(Errno.ELOOP, poll.Change(m.Caller, EpollOperation.EPOLL_CTL_ADD, 4, (IOpenFile)outer, item));
        m.Table.Reserve(0, 10, false, out _);
        WriteCounter(m, counter!, 1);
        Assert.Single(Wait(m, outer));
        Assert.Equal(2, Wait(m, poll).Count);
    }

    [Fact]
    public void WaitersAreWokenAndTimeOut()
    {
        var m = new Machine();
        m.Vfs.CreateEventCounter(m.Caller, 0, 0, out IOpenFile? counter);
        IEventPoll poll = Create(m);
        Add(m, poll, 1, counter!, In, 9);
        var events = new EpollEvent[4];
        Assert.Equal(0, poll.Wait(m.Caller, events, m.Caller.MonotonicNow + 20_000_000).Value);
        var other = new FakeCaller(m.Clock);
        long count = -1;
        var thread = new Thread(() => count = poll.Wait(other, new EpollEvent[4], Deadline.Never).Value);
        thread.Start();
        Thread.Sleep(50);
        WriteCounter(m, counter!, 3);
        Assert.True(thread.Join(5_000));
        Assert.Equal(1, count);
        byte[] value = new byte[8];
        counter!.Read(m.Caller, m.Buffer.Set(value, 8));
        Assert.Equal(3, value[0]);
    }

    [Fact]
    public void CountersAddAndSemaphoresCountDown()
    {
        var m = new Machine();
        m.Vfs.CreateEventCounter(m.Caller, 2, EventFdFlags.EFD_SEMAPHORE | EventFdFlags.EFD_NONBLOCK, out IOpenFile? counter);
        byte[] value = new byte[8];
        Assert.Equal(8, counter!.Read(m.Caller, m.Buffer.Set(value, 8)).Value);
        Assert.Equal(1, value[0]);
        Assert.Equal(8, counter.Read(m.Caller, m.Buffer.Set(value, 8)).Value);
        Assert.Equal(Errno.EAGAIN, counter.Read(m.Caller, m.Buffer.Set(value, 8)).Errno);
        Assert.Equal(Errno.EINVAL, counter.Read(m.Caller, m.Buffer.Set(value, 7)).Errno);
        Assert.Equal(8, WriteCounter(m, counter, ulong.MaxValue - 1).Value);
        Assert.Equal(Errno.EAGAIN, WriteCounter(m, counter, 1).Errno);
        Assert.Equal(Errno.EINVAL, WriteCounter(m, counter, ulong.MaxValue).Errno);
    }

    [Fact]
    public void PollSeesDescriptors()
    {
        var m = new Machine();
        m.Vfs.CreatePipe(m.Caller, 0, out IOpenFile? reader, out IOpenFile? writer);
        m.Table.Reserve(0, 10, false, out int r);
        m.Table.Install(r, reader!);
        m.Table.Reserve(0, 10, false, out int w);
        m.Table.Install(w, writer!);
        PollDescriptor[] fds = [new() { Fd = r, Events = 1 }, new() { Fd = w, Events = 4 }, new() { Fd = 9, Events = 1 }, new() { Fd = -1, Events = 1 }];
        Assert.Equal(2, m.Vfs.Poll(m.Caller, m.Table, fds, 0).Value);
        Assert.Equal([0, 4, 0x20, 0], new[] { fds[0].ReturnedEvents, fds[1].ReturnedEvents, fds[2].ReturnedEvents, fds[3].ReturnedEvents });
        PollDescriptor[] one = [new() { Fd = r, Events = 1 }];
        Assert.Equal(0, m.Vfs.Poll(m.Caller, m.Table, one, m.Caller.MonotonicNow + 10_000_000).Value);
        var thread = new Thread(() =>
        {
            Thread.Sleep(50);
            writer!.Write(new FakeCaller(m.Clock), new FakeBuffer().Set([1], 1));
        });
        thread.Start();
        Assert.Equal(1, m.Vfs.Poll(m.Caller, m.Table, one, Deadline.Never).Value);
        thread.Join();
        m.Caller.Interrupt();
        m.Read(reader!, 1);
        Assert.Equal(Errno.ERESTARTNOHAND, m.Vfs.Poll(m.Caller, m.Table, one, Deadline.Never).Errno);
    }

    private static IEventPoll Create(Machine m)
    {
        m.Vfs.CreateEventPoll(m.Caller, out IOpenFile? file);
        return (IEventPoll)file!;
    }

    private static void Add(Machine m, IEventPoll poll, int fd, IOpenFile file, uint events, ulong data) =>
        Assert.Equal(Errno.Success, poll.Change(m.Caller, EpollOperation.EPOLL_CTL_ADD, fd, file, new EpollEvent { Events = events, Data = data }));

    private static List<(uint, ulong)> Wait(Machine m, IEventPoll poll)
    {
        var events = new EpollEvent[8];
        long count = poll.Wait(m.Caller, events, 0).Value;
        var result = new List<(uint, ulong)>();
        for (int i = 0; i < count; i++)
            result.Add((events[i].Events, events[i].Data));
        return result;
    }

    private static SyscallResult WriteCounter(Machine m, IOpenFile counter, ulong value) =>
        counter.Write(m.Caller, m.Buffer.Set(System.BitConverter.GetBytes(value), 8));
}
