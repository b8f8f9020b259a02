using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;

namespace Cloister.Vfs.Tests;

/// <summary>Lookups take no lock: what exists is found whatever others do.</summary>
public sealed class ConcurrencyTests
{
    private const int Rounds = 30_000;

    [Fact]
    public void PermanentNamesAreAlwaysFound()
    {
        var m = new Machine();
        m.MkDir("/d");
        m.MkDir("/e");
        for (int i = 0; i < 50; i++)
            m.Put($"/d/keep{i}", "");
        m.Put("/d/target", "");
        bool isDone = false;
        int missed = 0;
        int wrong = 0;
        var reader = new Thread(() =>
        {
            var caller = new FakeCaller(m.Clock);
            var random = new Random(1);
            while (!Volatile.Read(ref isDone))
            {
                string name = random.Next(4) == 0 ? "/d/target" : $"/d/keep{random.Next(50)}";
                if (m.Vfs.GetStatus(caller, m.Path(name), out _) != Errno.Success)
                    Interlocked.Increment(ref missed);
                if (m.Vfs.GetStatus(caller, m.Path("/d/never"), out _) != Errno.ENOENT)
                    Interlocked.Increment(ref wrong);
            }
        });
        reader.Start();
        for (int i = 0; i < Rounds; i++)
        {
            string name = $"/d/new{i % 200}";
            Assert.Equal(Errno.Success, m.TryOpen(name, OpenFlags.O_CREAT | OpenFlags.O_WRONLY));
            if (i % 3 == 0)
                Assert.Equal(Errno.Success, m.Rename(name, "/d/target"));
            else if (i % 3 == 1)
                Assert.Equal(Errno.Success, m.Rename(name, "/e/moved"));
            else if (i % 5 == 0)
                Assert.Equal(Errno.Success, m.Unlink(name));
        }

        Volatile.Write(ref isDone, true);
        reader.Join();
        Assert.Equal((0, 0), (missed, wrong));
    }

    [Fact]
    public void BorrowedFilesAreTheRightOnes()
    {
        var m = new Machine();
        m.Put("/a", "a");
        m.Put("/b", "b");
        m.Table.AddUser();
        m.Table.Reserve(0, 10, false, out int fd);
        m.Table.Install(fd, m.Open("/a"));
        bool isDone = false;
        int wrong = 0;
        var reader = new Thread(() =>
        {
            var caller = new FakeCaller(m.Clock);
            var buffer = new FakeBuffer();
            byte[] data = new byte[1];
            while (!Volatile.Read(ref isDone))
            {
                using BorrowedFile borrowed = m.Table.Borrow(fd);
                if (borrowed.File is not { } file)
                    continue;

                // Descriptor 0 is never of /b.
                if (file.ReadAt(caller, buffer.Set(data, 1), 0).Value != 1 || data[0] != (byte)'a')
                    Interlocked.Increment(ref wrong);
            }
        });
        reader.Start();
        for (int i = 0; i < Rounds; i++)
        {
            m.Table.Close(m.Caller, fd);
            m.Open("/b").Release();
            m.Table.Reserve(0, 10, false, out int again);
            Assert.Equal(fd, again);
            m.Table.Install(fd, m.Open("/a"));
        }

        Volatile.Write(ref isDone, true);
        reader.Join();
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void AppendsFromManyThreadsAllArrive()
    {
        var m = new Machine();
        m.Put("/log", "");
        var threads = new Thread[4];
        for (int t = 0; t < threads.Length; t++)
        {
            threads[t] = new Thread(() =>
            {
                var caller = new FakeCaller(m.Clock);
                var buffer = new FakeBuffer();
                byte[] line = Machine.Bytes("0123456789");
                m.Vfs.Open(caller, m.Path("/log"), OpenFlags.O_WRONLY | OpenFlags.O_APPEND, 0, out IOpenFile? file);
                for (int i = 0; i < 2_000; i++)
                    file!.Write(caller, buffer.Set(line, line.Length));
                file!.Release();
            });
            threads[t].Start();
        }

        foreach (Thread thread in threads)
            thread.Join();
        Assert.Equal(80_000, m.Stat("/log").Size);
        Assert.Equal(80_000, m.Get("/log").Replace("0123456789", "..........", StringComparison.Ordinal).Split('0')[0].Length);
    }
}
