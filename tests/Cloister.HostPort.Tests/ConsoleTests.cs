using System;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Host.Terminal;
using Xunit;

namespace Cloister.HostPort.Tests;

/// <summary>The launcher's streams over pipes and a pseudoterminal, and its signals.</summary>
public sealed class ConsoleTests
{
    private const int NonBlocking = 0x800;

    // A descriptor that isn't open.
    private const int None = 1_000_000;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    [Fact]
    public void Reads_a_pipe_without_waiting_and_wakes_when_data_come()
    {
        (int read, int write) = Unix.Pipe();
        using var bench = new Bench(console: new ConsoleServer(read, None, None));
        var queue = new Queue();
        bench.Console.Subscribe(0, queue);
        byte[] buffer = new byte[100];
        Assert.Equal(Errno.EAGAIN, bench.Console.TryRead(0, buffer, out _));
        Unix.Write(write, "hello");
        Assert.True(queue.Await(s_patience));
        Assert.Equal(Errno.Success, bench.Console.GetReadable(0, out int readable));
        Assert.Equal(5, readable);
        Assert.Equal(Errno.Success, bench.Console.TryRead(0, buffer, out int count));
        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, count));

        queue.Woken.Reset();
        Assert.Equal(PollEvents.None, bench.Console.Poll(0) & PollEvents.In);
        Unix.Close(write);
        Assert.True(queue.Await(s_patience));
        Assert.Equal(Errno.Success, bench.Console.TryRead(0, buffer, out count));
        Assert.Equal(0, count);
        Assert.False(bench.Console.IsTerminal(0));
        Assert.Equal(Errno.ESPIPE, bench.Console.Seek(0, 0, 1, out _));
        Assert.Equal(Errno.Success, bench.Console.GetStatus(0, out HostFileStatus status));
        Assert.Equal(0x1000u, status.Type);
        Assert.Equal(0, Unix.Flags(read) & NonBlocking);
        Unix.Close(read);
    }

    [Fact]
    public void A_full_pipe_never_blocks_and_wakes_when_it_drains()
    {
        (int read, int write) = Unix.Pipe();
        using var bench = new Bench(console: new ConsoleServer(None, write, None));
        var queue = new Queue();
        bench.Console.Subscribe(1, queue);
        byte[] data = new byte[10_000];
        long total = 0;
        Errno error;
        while ((error = bench.Console.TryWrite(1, data, out int count)) == Errno.Success)
            total += count;
        Assert.Equal(Errno.EAGAIN, error);
        // A pipe holds 16 pages, of which those between two writes may be partly filled (pipe(7)).
        Assert.InRange(total, 50_000, 65_536);
        Assert.False(queue.Await(TimeSpan.FromMilliseconds(20)));
        Unix.Read(read, (int)total);
        Assert.True(queue.Await(s_patience));
        Assert.Equal(Errno.Success, bench.Console.TryWrite(1, data, out _));
        Assert.Equal(0, Unix.Flags(write) & NonBlocking);
        Unix.Close(read);
        Assert.Equal(Errno.EPIPE, bench.Console.TryWrite(1, data, out _));
        Unix.Close(write);
    }

    [Fact]
    public void Missing_streams_are_EBADF()
    {
        using var bench = new Bench(console: new ConsoleServer(None, None, None));
        Assert.Equal(Errno.EBADF, bench.Console.TryRead(0, new byte[1], out _));
        Assert.Equal(Errno.EBADF, bench.Console.TryWrite(1, new byte[1], out _));
        Assert.Equal(Errno.EBADF, bench.Console.GetStatus(2, out _));
        Assert.Equal(Errno.EBADF, bench.Console.TryRead(3, new byte[1], out _));
    }

    [Fact]
    public void A_regular_file_is_read_at_the_shared_position()
    {
        using var bench = new Bench();
        string path = bench.PathOf("input");
        System.IO.File.WriteAllText(path, "0123456789");
        using System.IO.FileStream file = System.IO.File.OpenRead(path);
        using var other = new Bench(console: new ConsoleServer((int)file.SafeFileHandle.DangerousGetHandle(), None, None));
        byte[] buffer = new byte[4];
        Assert.Equal(Errno.Success, other.Console.TryRead(0, buffer, out _));
        Assert.Equal("0123"u8, buffer);
        Assert.Equal(Errno.Success, other.Console.Seek(0, -2, 1, out long position));
        Assert.Equal(2, position);
        Assert.Equal(Errno.Success, other.Console.TryRead(0, buffer, out _));
        Assert.Equal("2345"u8, buffer);
    }

    [Fact]
    public void A_terminal_has_settings_that_are_restored()
    {
        (int master, int slave) = Unix.OpenTerminal();
        byte[] original = new byte[HostTerminal.TermiosLength];
        byte[] found = new byte[HostTerminal.TermiosLength];
        var console = new ConsoleServer(slave, slave, slave);
        using (var bench = new Bench(console: console))
        {
            Assert.True(bench.Console.IsTerminal(0));
            Assert.Equal(Errno.Success, bench.Console.GetTermios(0, original));
            byte[] raw = (byte[])original.Clone();
            raw[12] &= unchecked((byte)~0x0A); // c_lflag: no ICANON, no ECHO (termios(3))
            foreach (HostTermiosAction when in new[] { HostTermiosAction.Now, HostTermiosAction.Drain, HostTermiosAction.Flush })
                Assert.Equal(Errno.Success, bench.Console.SetTermios(0, when, raw));
            Assert.Equal(Errno.Success, bench.Console.GetTermios(1, found));
            Assert.Equal(raw, found);

            var queue = new Queue();
            bench.Console.Subscribe(0, queue);
            byte[] buffer = new byte[10];
            Assert.Equal(Errno.EAGAIN, bench.Console.TryRead(0, buffer, out _));
            Unix.Write(master, "k");
            Assert.True(queue.Await(s_patience));
            Assert.Equal(Errno.Success, bench.Console.TryRead(0, buffer, out int count));
            Assert.Equal(1, count);

            Assert.Equal(Errno.Success, bench.Console.SetWindowSize(0, new HostWindowSize(50, 132, 0, 7)));
            Assert.Equal(Errno.Success, bench.Console.GetWindowSize(1, out HostWindowSize size));
            Assert.Equal(new HostWindowSize(50, 132, 0, 7), size);
            Assert.Equal(Errno.Success, bench.Console.TryWrite(1, "out"u8, out _));
            Assert.Equal("out", Unix.Read(master, 3));
            Assert.Equal(Errno.Success, bench.Console.Flush(0, 0));
            Assert.Equal(0, Unix.Flags(slave) & NonBlocking);
        }

        using var again = new Bench(console: new ConsoleServer(slave, slave, slave));
        Assert.Equal(Errno.Success, again.Console.GetTermios(0, found));
        Assert.Equal(original, found);
        Assert.Equal(Errno.ENOTTY, new Bench(console: new ConsoleServer(Unix.Pipe().Read, None, None)).Console.GetTermios(0, found));
        Unix.Close(slave);
        Unix.Close(master);
    }

    [Fact]
    public void Signals_of_the_launcher_reach_the_enclave()
    {
        using var bench = new Bench(console: new ConsoleServer(None, None, None));
        var events = new Events();
        bench.Console.Subscribe(events);
        foreach (int signal in new[] { 28, 18, 28 })
        {
            Unix.Kill(Environment.ProcessId, signal);
            Assert.True(events.Await(s_patience));
            Assert.Equal(signal, events.Last);
            events.Arrived.Reset();
        }
    }

    private sealed class Events : IHostEvents
    {
        public ManualResetEventSlim Arrived { get; } = new();

        public int Last { get; private set; }

        public bool Await(TimeSpan patience) => Arrived.Wait(patience, CancellationToken.None);

        public void OnSignal(int program, int signal, bool isOfTerminal)
        {
            Last = signal;
            Arrived.Set();
        }
    }

    private sealed class Queue : IWaitQueue
    {
        public ManualResetEventSlim Woken { get; } = new();

        public bool Await(TimeSpan patience) => Woken.Wait(patience, CancellationToken.None);

        public void Wake(PollEvents events = PollEvents.All) => Woken.Set();
    }
}
