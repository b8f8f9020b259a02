using System;
using System.Diagnostics;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus;

namespace Cloister.Vfs.Tests;

/// <summary>Hot paths allocate nothing.</summary>
public sealed class AllocationTests
{
    private static readonly byte[] Path = "/tmp/directory/file"u8.ToArray();

    [Fact]
    public void Stat()
    {
        Machine m = Create();
        AssertNoAllocation("stat", () => m.Vfs.GetStatus(m.Caller, new PathArgument(m.Context, null, Path, LookupFlags.Follow), out _));
    }

    [Fact]
    public void OpenAndClose()
    {
        Machine m = Create();
        AssertNoAllocation("open+close", () =>
        {
            m.Table.Reserve(0, 1024, false, out int fd);
            m.Vfs.Open(m.Caller, new PathArgument(m.Context, null, Path, LookupFlags.Follow), OpenFlags.O_RDWR, 0, out IOpenFile? file);
            m.Table.Install(fd, file!);
            m.Table.Close(m.Caller, fd);
        });
    }

    [Fact]
    public void ReadAndWriteOfAFile()
    {
        Machine m = Create();
        byte[] data = new byte[4096];
        IOpenFile file = m.Open("/tmp/directory/file", OpenFlags.O_RDWR);
        m.Table.Reserve(0, 1024, false, out int fd);
        m.Table.Install(fd, file);
        AssertNoAllocation("write+read 4096", () =>
        {
            using BorrowedFile borrowed = m.Table.Borrow(fd);
            borrowed.File!.WriteAt(m.Caller, m.Buffer.Set(data, data.Length), 0);
            borrowed.File!.ReadAt(m.Caller, m.Buffer.Set(data, data.Length), 0);
        });
    }

    [Fact]
    public void ReadOfZeros()
    {
        Machine m = Create();
        byte[] data = new byte[1];
        IOpenFile file = m.Open("/dev/zero", OpenFlags.O_RDWR);
        m.Table.Reserve(0, 1024, false, out int fd);
        m.Table.Install(fd, file);
        AssertNoAllocation("read /dev/zero", () =>
        {
            using BorrowedFile borrowed = m.Table.Borrow(fd);
            borrowed.File!.Read(m.Caller, m.Buffer.Set(data, 1));
        });
    }

    [Fact]
    public void PipeWriteAndRead()
    {
        Machine m = Create();
        byte[] data = new byte[1];
        m.Vfs.CreatePipe(m.Caller, 0, out IOpenFile? reader, out IOpenFile? writer);
        AssertNoAllocation("pipe write+read", () =>
        {
            writer!.Write(m.Caller, m.Buffer.Set(data, 1));
            reader!.Read(m.Caller, m.Buffer.Set(data, 1));
        });
    }

    [Fact]
    public void PollAndEpollWait()
    {
        Machine m = Create();
        m.Vfs.CreatePipe(m.Caller, 0, out IOpenFile? reader, out IOpenFile? writer);
        m.Table.Reserve(0, 1024, false, out int fd);
        m.Table.Install(fd, reader!);
        m.Write(writer!, "x");
        m.Vfs.CreateEventPoll(m.Caller, out IOpenFile? file);
        var poll = (IEventPoll)file!;
        Assert.Equal(Errno.Success, poll.Change(m.Caller, EpollOperation.EPOLL_CTL_ADD, fd, reader!, new EpollEvent { Events = 1 }));
        var descriptors = new PollDescriptor[1];
        descriptors[0] = new PollDescriptor { Fd = fd, Events = 1 };
        var events = new EpollEvent[4];
        AssertNoAllocation("poll", () => m.Vfs.Poll(m.Caller, m.Table, descriptors, Deadline.Never));
        AssertNoAllocation("epoll_wait", () => poll.Wait(m.Caller, events, Deadline.Never));
    }

    private static Machine Create()
    {
        var m = new Machine();
        m.Vfs.MountTmpfs("/tmp"u8, 0x3FF);
        m.Vfs.MountDevices("/dev"u8);
        m.MkDir("/tmp/directory");
        m.Put("/tmp/directory/file", new string('x', 5000));
        return m;
    }

    private static void AssertNoAllocation(string name, Action action)
    {
        const int rounds = 20_000;
        for (int i = 0; i < rounds; i++)
            action();
        System.Threading.Thread.Sleep(150);
        for (int i = 0; i < rounds; i++)
            action();
        long best = long.MaxValue;
        long allocated = 0;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < rounds; i++)
                action();
            best = Math.Min(best, Stopwatch.GetTimestamp() - start);
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }

        TestContext.Current.SendDiagnosticMessage($"{name}: {best * 1e9 / Stopwatch.Frequency / rounds:F0} ns");
        Assert.Equal(0, allocated);
    }
}
