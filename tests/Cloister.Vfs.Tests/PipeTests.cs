using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;

namespace Cloister.Vfs.Tests;

public sealed class PipeTests
{
    [Fact]
    public void BytesComeInOrderAndTheEndIsSeen()
    {
        var m = new Machine();
        (IOpenFile reader, IOpenFile writer) = Create(m, OpenFlags.O_NONBLOCK);
        Assert.Equal(Errno.EAGAIN, m.ReadError(reader));
        m.Write(writer, "abc");
        m.Write(writer, "def");
        Assert.Equal("abcd", m.Read(reader, 4));
        writer.Release();
        Assert.Equal("ef", m.Read(reader, 10));
        Assert.Equal("", m.Read(reader, 10));
        Assert.Equal(PollEvents.HangUp, reader.Poll(null));
        reader.Release();
    }

    [Fact]
    public void WritersWithoutReadersGetASignal()
    {
        var m = new Machine();
        (IOpenFile reader, IOpenFile writer) = Create(m);
        reader.Release();
        Assert.Equal(Errno.EPIPE, m.WriteError(writer, "x"));
        Assert.Equal(FileSignals.SIGPIPE, m.Caller.LastSignal);
        Assert.Equal(PollEvents.Error, writer.Poll(null) & PollEvents.Error);
        writer.Release();
    }

    [Fact]
    public void SmallWritesAreWholeOrNot()
    {
        var m = new Machine();
        (IOpenFile reader, IOpenFile writer) = Create(m, OpenFlags.O_NONBLOCK);
        Assert.Equal(65536, m.Write(writer, new string('x', 70_000)));
        Assert.Equal(Errno.EAGAIN, m.WriteError(writer, "y"));
        m.Read(reader, 100);
        Assert.Equal(Errno.EAGAIN, m.WriteError(writer, new string('y', 100)));
        m.Read(reader, 3996);
        Assert.Equal(100, m.Write(writer, new string('y', 100)));
        Assert.Equal(PollEvents.None, writer.Poll(null) & PollEvents.Out);
        Assert.Equal(65536, ((IPipeFile)writer).Capacity);
        Assert.Equal(Errno.EBUSY, ((IPipeFile)writer).SetCapacity(m.Caller, 4096).Errno);
        Assert.Equal(131072, ((IPipeFile)writer).SetCapacity(m.Caller, 65537).Value);
        Assert.Equal(100, m.Write(writer, new string('y', 100)));
        reader.Release();
        writer.Release();
    }

    [Fact]
    public void PacketsKeepTheirBorders()
    {
        var m = new Machine();
        (IOpenFile reader, IOpenFile writer) = Create(m, OpenFlags.O_DIRECT);
        m.Write(writer, "first");
        m.Write(writer, "second");
        Assert.Equal("fi", m.Read(reader, 2));
        Assert.Equal("second", m.Read(reader, 100));
        reader.Release();
        writer.Release();
    }

    [Fact]
    public void BlockedThreadsGoOn()
    {
        var m = new Machine();
        (IOpenFile reader, IOpenFile writer) = Create(m);
        var other = new FakeCaller(m.Clock);
        long total = 0;
        var thread = new Thread(() =>
        {
            byte[] data = new byte[10_000];
            while (true)
            {
                long count = reader.Read(other, new FakeBuffer().Set(data, data.Length)).Value;
                if (count <= 0)
                    break;
                total += count;
            }
        });
        thread.Start();
        for (int i = 0; i < 200; i++)
            Assert.Equal(5_000, m.Write(writer, new string('x', 5_000)));
        writer.Release();
        Assert.True(thread.Join(10_000));
        Assert.Equal(1_000_000, total);
    }

    [Fact]
    public void SignalsInterruptWaits()
    {
        var m = new Machine();
        (IOpenFile reader, IOpenFile writer) = Create(m);
        var other = new FakeCaller(m.Clock);
        Errno error = Errno.Success;
        var thread = new Thread(() => error = reader.Read(other, new FakeBuffer().Set(new byte[1], 1)).Errno);
        thread.Start();
        Thread.Sleep(50);
        other.Interrupt();
        Assert.True(thread.Join(5_000));
        Assert.Equal(Errno.ERESTARTSYS, error);
        writer.Release();
    }

    [Fact]
    public void FifosWaitForTheOtherEnd()
    {
        var m = new Machine();
        Assert.Equal(Errno.Success, m.Vfs.MakeNode(m.Caller, m.Path("/fifo"), FileModes.S_IFIFO | 0x1B6, 0));
        Assert.Equal(Errno.ENXIO, m.TryOpen("/fifo", OpenFlags.O_WRONLY | OpenFlags.O_NONBLOCK));
        IOpenFile? reader = null;
        var other = new FakeCaller(m.Clock);
        var thread = new Thread(() => m.Vfs.Open(other, new PathArgument(m.Context, null, "/fifo"u8, LookupFlags.Follow), OpenFlags.O_RDONLY, 0, out reader));
        thread.Start();
        Thread.Sleep(50);
        Assert.Null(reader);
        IOpenFile writer = m.Open("/fifo", OpenFlags.O_WRONLY);
        Assert.True(thread.Join(5_000));
        m.Write(writer, "hi");
        Assert.Equal("hi", m.Read(reader!, 10));
        IOpenFile both = m.Open("/fifo", OpenFlags.O_RDWR);
        m.Write(both, "x");
        Assert.Equal("x", m.Read(reader!, 10));
        both.Release();
        writer.Release();
        Assert.Equal("", m.Read(reader!, 10));
        reader!.Release();
    }

    [Fact]
    public void CopiesBetweenFilesAndPipes()
    {
        var m = new Machine();
        m.Put("/a", new string('a', 100_000) + "tail");
        m.Put("/b", "");
        IOpenFile from = m.Open("/a");
        IOpenFile to = m.Open("/b", OpenFlags.O_RDWR);
        long none = -1;
        Assert.Equal(100_004, m.Vfs.Copy(m.Caller, from, ref none, to, ref none, 1 << 20, CopyKind.SendFile).Value);
        Assert.Equal(0, m.Vfs.Copy(m.Caller, from, ref none, to, ref none, 1 << 20, CopyKind.SendFile).Value);
        Assert.EndsWith("atail", m.Get("/b"));
        (IOpenFile reader, IOpenFile writer) = Create(m);
        long offset = 100_000;
        Assert.Equal(4, m.Vfs.Copy(m.Caller, from, ref offset, writer, ref none, 100, CopyKind.Splice).Value);
        Assert.Equal(100_004, offset);
        (IOpenFile reader2, IOpenFile writer2) = Create(m);
        Assert.Equal(4, m.Vfs.Copy(m.Caller, reader, ref none, writer2, ref none, 100, CopyKind.Tee).Value);
        Assert.Equal("tail", m.Read(reader2, 10));
        long target = 2;
        Assert.Equal(4, m.Vfs.Copy(m.Caller, reader, ref none, to, ref target, 100, CopyKind.Splice).Value);
        Assert.StartsWith("aataila", m.Get("/b"));
        Assert.Equal(Errno.EAGAIN, m.Vfs.Copy(m.Caller, reader, ref none, to, ref none, 100, CopyKind.SpliceNonBlocking).Errno);
        Assert.Equal(Errno.EINVAL, m.Vfs.Copy(m.Caller, from, ref none, to, ref none, 100, CopyKind.Splice).Errno);
        long start = 0;
        long inside = 5;
        IOpenFile same = m.Open("/b", OpenFlags.O_RDWR);
        Assert.Equal(Errno.EINVAL, m.Vfs.Copy(m.Caller, same, ref start, to, ref inside, 100, CopyKind.CopyFileRange).Errno);
        Assert.Equal(Errno.ESPIPE, m.Vfs.Copy(m.Caller, reader, ref start, to, ref none, 100, CopyKind.Splice).Errno);
    }

    private static (IOpenFile Reader, IOpenFile Writer) Create(Machine m, OpenFlags flags = 0)
    {
        Assert.Equal(Errno.Success, m.Vfs.CreatePipe(m.Caller, flags, out IOpenFile? reader, out IOpenFile? writer));
        return (reader!, writer!);
    }
}
