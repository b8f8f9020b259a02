using System;
using System.Collections.Generic;
using System.IO;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Hal.HostProtocol;
using Cloister.Host;
using Cloister.Host.Files;
using Cloister.Host.Terminal;
using Cloister.Nucleus.HostCalls;
using Xunit;

namespace Cloister.HostPort.Tests;

/// <summary>Whatever the host answers, the enclave gets an answer that is possible on Linux, or EIO.</summary>
public sealed class LyingHostTests : IDisposable
{
    private static readonly int s_rounds = Environment.GetEnvironmentVariable("CLOISTER_NIGHTLY") == "1" ? 1_000_000 : 100_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("cloister-lies-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_spoiled_answer_is_refused_or_harmless()
    {
        for (int i = 0; i < 3; i++)
            File.WriteAllText(Path.Combine(_folder, "file" + i), "contents");
        File.CreateSymbolicLink(Path.Combine(_folder, "link"), "target");
        using HostShare share = HostShare.OpenDirectory(_folder, isReadOnly: false);
        using var server = new HostServer([share], new ConsoleServer(1_000_000, 1_000_000, 1_000_000));
        var liar = new LyingHost(server, 42);
        HostServices services = HostServices.Start(new LoopbackHostPort(new SharedRegion(), liar), new ThreadCpus());
        IHostFiles files = services.Files;
        Assert.Equal(Errno.Success, files.Root(0, 1, out _));
        Assert.Equal(Errno.Success, files.Lookup(1, "file0"u8, 2, out _));
        Assert.Equal(Errno.Success, files.Lookup(1, "link"u8, 3, out _));

        liar.IsLying = true;
        var random = new Random(43);
        byte[] buffer = new byte[4096];
        var outcomes = new Dictionary<Errno, int>();
        for (int round = 0; round < s_rounds; round++)
        {
            Errno error = CallSomething(random.Next(13), files, services.Console, buffer, out HostFileStatus status);
            outcomes[error] = outcomes.GetValueOrDefault(error) + 1;
            Assert.True(error is >= Errno.Success and <= Errno.EHWPOISON and not Errno.EINTR, error.ToString());
            if (status != default)
                AssertPossible(status);
        }

        liar.IsLying = false;
        services.Stop();
        // The lies were of both kinds, or this test would prove nothing.
        Assert.True(outcomes[Errno.EIO] > s_rounds / 20, "EIO: " + outcomes[Errno.EIO]);
        Assert.True(outcomes[Errno.Success] > s_rounds / 20, "Success: " + outcomes[Errno.Success]);
    }

    [Fact]
    public void Second_stale_and_unknown_answers_are_dropped()
    {
        File.WriteAllText(Path.Combine(_folder, "f"), "contents");
        using HostShare share = HostShare.OpenDirectory(_folder, isReadOnly: true);
        using var server = new HostServer([share], null);
        var forger = new ForgingHost(server);
        HostServices services = HostServices.Start(new LoopbackHostPort(new SharedRegion(), forger), new ThreadCpus());
        Assert.Equal(Errno.Success, services.Files.Root(0, 1, out _));
        Assert.Equal(Errno.Success, services.Files.Lookup(1, "f"u8, 2, out _));
        byte[] buffer = new byte[100];
        for (int round = 0; round < 2000; round++)
        {
            Assert.Equal(Errno.Success, services.Files.Read(2, 0, buffer, out int count));
            Assert.Equal("contents", Encoding.UTF8.GetString(buffer, 0, count));
        }

        services.Stop();
        Assert.True(services.DroppedAnswers >= forger.Forged - 8, $"{services.DroppedAnswers} of {forger.Forged}");
    }

    [Fact]
    public void A_jump_of_the_completion_ring_is_survived()
    {
        using HostShare share = HostShare.OpenDirectory(_folder, isReadOnly: true);
        using var server = new HostServer([share], null);
        var jumper = new JumpingHost(server);
        HostServices services = HostServices.Start(new LoopbackHostPort(new SharedRegion(), jumper), new ThreadCpus());
        Assert.Equal(Errno.Success, services.Files.Root(0, 1, out _));
        jumper.IsJumping = true;
        Errno late = Errno.EIO;
        var caller = new Thread(() => late = services.Files.GetStatus(1, out _)) { IsBackground = true };
        caller.Start();
        Assert.True(SpinWait.SpinUntil(() => services.DroppedAnswers > 0, 10_000));

        // The next answer puts the index right; the one that it hid is found then.
        jumper.IsJumping = false;
        Assert.Equal(Errno.Success, services.Files.GetStatus(1, out _));
        Assert.True(caller.Join(10_000));
        Assert.Equal(Errno.Success, late);
        services.Stop();
    }

    [Fact]
    public void Memory_that_changes_while_it_is_checked_never_gives_a_bad_name()
    {
        for (int i = 0; i < 40; i++)
            File.WriteAllText(Path.Combine(_folder, "some-name-" + i), "");
        using HostShare share = HostShare.OpenDirectory(_folder, isReadOnly: true);
        using var server = new HostServer([share], null);
        var region = new SharedRegion();
        HostServices services = HostServices.Start(new LoopbackHostPort(region, server), new ThreadCpus());
        Assert.Equal(Errno.Success, services.Files.Root(0, 1, out _));
        bool stop = false;
        var scribbler = new Thread(() =>
        {
            var random = new Random(44);
            byte[] values = [0, (byte)'/', (byte)'.', 1, 255];
            while (!Volatile.Read(ref stop))
                HostRegionLayout.GetSlot(region.Bytes, 0)[random.Next(5000)] = values[random.Next(values.Length)];
        });
        scribbler.Start();
        byte[] buffer = new byte[8192];
        int good = 0;
        for (int round = 0; round < 20_000; round++)
        {
            Errno error = services.Files.ReadDirectory(1, 0, buffer, out HostDirectoryBatch batch);
            Assert.True(error is Errno.Success or Errno.EIO or Errno.EINVAL, error.ToString());
            good += error == Errno.Success ? 1 : 0;
            AssertPossible(ref batch);
        }

        Volatile.Write(ref stop, true);
        scribbler.Join();
        services.Stop();
        Assert.True(good is > 0 and < 20_000, good.ToString());
    }

    [Theory]
    [InlineData(HostOperation.Read, (int)Errno.EAGAIN)]
    [InlineData(HostOperation.Read, (int)Errno.EINTR)]
    [InlineData(HostOperation.Read, (int)Errno.ERESTARTSYS)]
    [InlineData(HostOperation.Read, (int)Errno.ENOSYS)]
    [InlineData(HostOperation.Read, -5)]
    [InlineData(HostOperation.Read, int.MinValue)]
    [InlineData(HostOperation.Read, int.MaxValue)]
    [InlineData(HostOperation.GetStatus, (int)Errno.EPIPE)]
    [InlineData(HostOperation.Lookup, (int)Errno.ENOTEMPTY + 4096)]
    public void Errors_that_a_request_cannot_give_become_EIO(HostOperation operation, int error) =>
        Assert.Equal(Errno.EIO, HostErrors.Check(operation, error));

    [Theory]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData("a\0", false)]
    [InlineData("...", true)]
    [InlineData(".a", true)]
    [InlineData("\u00e9", true)]
    public void Names(string name, bool isComponent) => Assert.Equal(isComponent, HostNames.IsComponent(Encoding.UTF8.GetBytes(name)));

    private static Errno CallSomething(int kind, IHostFiles files, IHostConsole console, byte[] buffer, out HostFileStatus status)
    {
        status = default;
        Errno error;
        int length;
        switch (kind)
        {
            case 0:
                error = files.Lookup(1, "file1"u8, 10, out status);
                files.Forget(10);
                return error;
            case 1:
                return files.GetStatus(2, out status);
            case 2:
                error = files.ReadDirectory(1, 0, buffer, out HostDirectoryBatch batch);
                AssertPossible(ref batch);
                return error;
            case 3:
                error = files.ReadLink(3, buffer, out length);
                Assert.InRange(length, 0, 4095);
                Assert.False(buffer.AsSpan(0, length).Contains((byte)0));
                return error;
            case 4:
                error = files.Read(2, 0, buffer, out length);
                Assert.InRange(length, 0, buffer.Length);
                return error;
            case 5:
                error = files.Write(2, 0, "contents"u8, out length);
                Assert.InRange(length, 0, 8);
                return error;
            case 6:
                error = files.GetFileSystemStatus(1, out HostFileSystemStatus fileSystem);
                Assert.True(fileSystem.FreeBlocks <= fileSystem.Blocks && fileSystem.NameLimit <= 255);
                return error;
            case 7:
                error = files.ListExtendedAttributes(2, buffer, out length);
                Assert.InRange(length, 0, buffer.Length);
                return error;
            case 8:
                error = files.GetExtendedAttribute(2, "user.a"u8, default, out length);
                Assert.InRange(length, 0, 65536);
                return error;
            case 9:
                error = files.Create(1, "new"u8, 0x1A4, 11, out status);
                files.Forget(11);
                files.Unlink(1, "new"u8);
                return error;
            case 10:
                error = console.TryRead(0, buffer, out length);
                Assert.InRange(length, 0, buffer.Length);
                return error;
            case 11:
                error = console.Seek(0, 0, 1, out long position);
                Assert.InRange(position, 0, 1L << 62);
                return error;
            default:
                error = console.GetStatus(1, out status);
                console.GetReadable(0, out length);
                Assert.True(length >= 0);
                return error;
        }
    }

    private static void AssertPossible(ref HostDirectoryBatch batch)
    {
        while (batch.MoveNext(out HostDirectoryEntry entry))
        {
            Assert.True(HostNames.IsComponent(entry.Name));
            AssertPossible(entry.Status);
        }
    }

    private static void AssertPossible(in HostFileStatus status)
    {
        Assert.True(status.Type is 0x1000 or 0x2000 or 0x4000 or 0x6000 or 0x8000 or 0xA000 or 0xC000);
        Assert.InRange(status.Size, 0, (1L << 62) - 1);
        Assert.InRange(status.Blocks, 0, (1L << 62) - 1);
        Assert.True(BitOperations.IsPow2(status.BlockSize) && status.Mode <= 0xFFFF);
    }

    /// <summary>Says that there are far more answers than there can be.</summary>
    private sealed class JumpingHost(HostServer honest) : IRingServer
    {
        private SharedRegion? _region;

        public bool IsJumping { get; set; }

        public void Start(SharedRegion region, Action completed)
        {
            _region = region;
            honest.Start(region, completed);
        }

        public void Serve()
        {
            honest.Serve();
            if (IsJumping)
                HostRegionLayout.GetWord(_region!.Bytes, HostRegionLayout.CompletionTail) += 4 * HostRegionLayout.EntryCount;
        }
    }

    /// <summary>Before and after each honest answer it posts forged ones: of other generations, of unknown requests, and the same again.</summary>
    private sealed class ForgingHost(HostServer honest) : IRingServer
    {
        private readonly SharedRegion _private = new();
        private SharedRegion? _region;
        private uint _submissions;
        private uint _answers;
        private uint _posted;

        public long Forged { get; private set; }

        public void Start(SharedRegion region, Action completed)
        {
            _region = region;
            honest.Start(_private, completed);
        }

        // The honest server works on a copy of the region; answers are carried over with forgeries around them.
        public void Serve()
        {
            Span<byte> region = _region!.Bytes;
            Span<byte> copy = _private.Bytes;
            uint tail = HostRegionLayout.GetWord(region, HostRegionLayout.SubmissionTail);
            for (; _submissions != tail; _submissions++)
            {
                Span<byte> submission = HostRegionLayout.GetSubmission(region, _submissions);
                submission.CopyTo(HostRegionLayout.GetSubmission(copy, _submissions));
                var request = MemoryMarshal.Read<SubmissionEntry>(submission);
                bool hasSlot = request.Slot < HostRegionLayout.SlotCount;
                if (hasSlot)
                    HostRegionLayout.GetSlot(region, (int)request.Slot)[..512].CopyTo(HostRegionLayout.GetSlot(copy, (int)request.Slot));
                HostRegionLayout.GetWord(copy, HostRegionLayout.SubmissionTail) = _submissions + 1;
                honest.Serve();
                if (hasSlot)
                    HostRegionLayout.GetSlot(copy, (int)request.Slot)[..512].CopyTo(HostRegionLayout.GetSlot(region, (int)request.Slot));
                var answer = MemoryMarshal.Read<CompletionEntry>(HostRegionLayout.GetCompletion(copy, _answers++));
                Forge(answer.Id - 0x10000);
                Forge(answer.Id + 0x10000);
                Forge((answer.Id & ~0xFFFFul) | 0xFFFF);
                Forge((answer.Id & ~0xFFFFul) | HostRegionLayout.SlotCount);
                Post(answer);
                Forge(answer.Id);
            }

            Volatile.Write(ref HostRegionLayout.GetWord(region, HostRegionLayout.CompletionTail), _posted);
        }

        private void Forge(ulong id)
        {
            Forged++;
            Post(new CompletionEntry { Id = id, Error = 1, Data = 77 });
        }

        private void Post(in CompletionEntry answer) =>
            MemoryMarshal.Write(HostRegionLayout.GetCompletion(_region!.Bytes, _posted++), answer);
    }
}
