using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Files;
using Cloister.Host.Terminal;
using Xunit;

namespace Cloister.HostPort.Tests;

/// <summary>What protects the host from an enclave: whatever it asks, from however many threads, stays within its shares.</summary>
[Collection("descriptors of this process")]
public sealed class HostileEnclaveTests : IDisposable
{
    private const string Canary = "no enclave may read this";
    private const uint ReadWrite = 1;
    private const uint ReadOnly = 2;

    private static readonly string[] Names =
        ["mine", "secret", "folder", "link", "out", "new", "other", ".", "..", "/", "a/b", "../outside", "", "x\0y", new string('a', 255), new string('a', 256), "\n"];

    private static readonly long[] Numbers =
    [
        0, 1, -1, 4096, 65536, 65537, 1 << 20, (1 << 20) + 1, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue, -4096, uint.MaxValue,
    ];

    private static readonly string[] Attributes = ["user.a", "security.capability", "trusted.x", "system.posix_acl_access", "user."];

    private readonly string _folder = Directory.CreateTempSubdirectory("cloister-hostile-").FullName;

    public HostileEnclaveTests()
    {
        foreach (string share in (string[])["rw", "ro", "outside"])
        {
            Directory.CreateDirectory(Path.Combine(_folder, share, "folder"));
            File.WriteAllText(Path.Combine(_folder, share, "secret"), share == "outside" ? Canary : "content of " + share);
            File.CreateSymbolicLink(Path.Combine(_folder, share, "link"), "../outside/secret");
            File.CreateSymbolicLink(Path.Combine(_folder, share, "out"), "../outside");
        }
    }

    private static int Requests => Environment.GetEnvironmentVariable("CLOISTER_NIGHTLY") == "1" ? 10_000_000 : 100_000;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(40L)]
    public void Nothing_leads_out_of_the_shares_or_changes_what_is_read_only(long descriptors)
    {
        const int threads = 4;
        (int inputRead, int inputWrite) = Unix.Pipe();
        (int outputRead, int outputWrite) = Unix.Pipe();
        RunShares(threads, requests: 1000, descriptors, inputRead, outputWrite);
        string outside = Snapshot("outside");
        string readOnly = Snapshot("ro");
        int descriptorsBefore = CountDescriptors();
        long memoryBefore = GC.GetTotalMemory(forceFullCollection: true);

        RunShares(threads, Requests, descriptors, inputRead, outputWrite);

        Assert.Equal(outside, Snapshot("outside"));
        Assert.Equal(readOnly, Snapshot("ro"));
        Assert.True(SpinWait.SpinUntil(() => CountDescriptors() <= descriptorsBefore, TimeSpan.FromMinutes(3)), $"{CountDescriptors()} descriptors, {descriptorsBefore} before");
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true), 0, memoryBefore + (4 << 20));
        foreach (int descriptor in (int[])[inputRead, inputWrite, outputRead, outputWrite])
            Unix.Close(descriptor);
    }

    [Theory]
    [InlineData(HostOperation.SetMode)]
    [InlineData(HostOperation.HardLink)]
    [InlineData(HostOperation.SetExtendedAttribute)]
    [InlineData(HostOperation.Write)]
    public void A_handle_that_is_bound_anew_while_a_request_uses_it_changes_nothing_else(HostOperation operation)
    {
        int rounds = Requests / 50;
        string before = Snapshot("ro");
        using HostShare readWrite = HostShare.OpenDirectory(Path.Combine(_folder, "rw"), isReadOnly: false);
        using HostShare readOnly = HostShare.OpenDirectory(Path.Combine(_folder, "ro"), isReadOnly: true);
        using var enclave = new HostileEnclave([readWrite, readOnly]);
        BindRoots(enclave);
        enclave.Call(HostOperation.Create, 0, ReadWrite, "mine", newHandle: 3, mode: 0x1A4);
        enclave.Call(new SubmissionEntry { Operation = HostOperation.Forget, Handle = 3 });
        int begun = 0, ended = 0;
        uint handle = 0;
        var other = new Thread(() =>
        {
            var random = new Random(1);
            for (int round = 1; round <= rounds; round++)
            {
                SpinWait.SpinUntil(() => Volatile.Read(ref begun) >= round);
                Thread.SpinWait(random.Next(400));
                enclave.Call(new SubmissionEntry { Operation = HostOperation.Forget, Handle = handle });
                enclave.Call(HostOperation.Lookup, 5, ReadOnly, "secret", newHandle: handle + 1);
                Volatile.Write(ref ended, round);
            }
        });
        other.Start();
        for (int round = 1; round <= rounds; round++)
        {
            handle = (uint)(10 + (2 * (round % 1000)));
            enclave.Call(HostOperation.Lookup, 6, ReadWrite, "mine", newHandle: handle);
            Volatile.Write(ref begun, round);
            switch (operation)
            {
                case HostOperation.SetMode:
                    enclave.Call(new SubmissionEntry { Operation = operation, Handle = handle, Mode = 0x1FF, Slot = 7 });
                    break;
                case HostOperation.HardLink:
                    enclave.Call(operation, 7, handle, "stolen", secondHandle: ReadWrite);
                    break;
                case HostOperation.Write:
                    "OVERWRITTEN"u8.CopyTo(enclave.Slot(7));
                    enclave.Call(new SubmissionEntry { Operation = operation, Handle = handle, FirstLength = 11, Slot = 7 });
                    break;
                default:
                    "user.aOVERWRITTEN"u8.CopyTo(enclave.Slot(7));
                    enclave.Call(new SubmissionEntry { Operation = operation, Handle = handle, FirstLength = 6, SecondLength = 11, Slot = 7 });
                    break;
            }

            SpinWait.SpinUntil(() => Volatile.Read(ref ended) == round);
            enclave.Call(new SubmissionEntry { Operation = HostOperation.Forget, Handle = handle + 1 });
            string stolen = Path.Combine(_folder, "rw", "stolen");
            if (File.Exists(stolen))
            {
                Assert.DoesNotContain("content of ro", File.ReadAllText(stolen));
                enclave.Call(HostOperation.Unlink, 7, ReadWrite, "stolen");
            }
        }

        other.Join();
        Assert.Equal(before, Snapshot("ro"));
    }

    private void RunShares(int threads, int requests, long descriptors, int input, int output)
    {
        using HostShare readWrite = HostShare.OpenDirectory(Path.Combine(_folder, "rw"), isReadOnly: false);
        using HostShare readOnly = HostShare.OpenDirectory(Path.Combine(_folder, "ro"), isReadOnly: true);
        using var enclave = new HostileEnclave([readWrite, readOnly], new ConsoleServer(input, output, output), descriptors);
        var failures = new List<Exception>();
        Thread[] workers = [.. Enumerable.Range(0, threads).Select(seed => new Thread(() =>
        {
            try
            {
                Attack(enclave, new Random(seed), requests / threads, (uint)seed);
            }
            catch (Exception e)
            {
                lock (failures)
                    failures.Add(e);
            }
        }))];
        foreach (Thread worker in workers)
            worker.Start();
        foreach (Thread worker in workers)
            worker.Join();
        Assert.Empty(failures);
    }

    private static void BindRoots(HostileEnclave enclave)
    {
        enclave.Call(new SubmissionEntry { Operation = HostOperation.Root, Handle = 0, NewHandle = ReadWrite, Slot = 0 });
        enclave.Call(new SubmissionEntry { Operation = HostOperation.Root, Handle = 1, NewHandle = ReadOnly, Slot = 0 });
    }

    private static void Attack(HostileEnclave enclave, Random random, int count, uint thread)
    {
        byte[] canary = Encoding.UTF8.GetBytes(Canary);
        for (int i = 0; i < count; i++)
        {
            if (i % 100 == 0)
            {
                enclave.Send(new SubmissionEntry { Operation = HostOperation.Root, Handle = 0, NewHandle = ReadWrite, Slot = thread });
                enclave.Send(new SubmissionEntry { Operation = HostOperation.Root, Handle = 1, NewHandle = ReadOnly, Slot = thread });
            }

            HostOperation operation = Choose(random);
            uint slot = random.Next(8) == 0 ? AnyNumber(random) : (thread * 8) + (uint)random.Next(8);
            byte[] first = Encoding.UTF8.GetBytes(operation is >= HostOperation.GetExtendedAttribute and <= HostOperation.RemoveExtendedAttribute
                ? Attributes[random.Next(Attributes.Length)]
                : Names[random.Next(Names.Length)]);
            byte[] second = Encoding.UTF8.GetBytes(Names[random.Next(Names.Length)]);
            if (slot < HostRegionLayout.SlotCount)
            {
                first.CopyTo(enclave.Slot(slot));
                second.CopyTo(enclave.Slot(slot)[first.Length..]);
            }

            var request = new SubmissionEntry
            {
                Operation = operation,
                Slot = slot,
                Handle = Handle(random),
                SecondHandle = Handle(random),
                NewHandle = Handle(random),
                Flags = random.Next(2) == 0 ? (uint)random.Next(4) : AnyNumber(random),
                Offset = random.Next(2) == 0 ? random.Next(100) : Numbers[random.Next(Numbers.Length)],
                Count = random.Next(2) == 0 ? random.Next(100) : Numbers[random.Next(Numbers.Length)],
                FirstLength = random.Next(4) == 0 ? AnyNumber(random) : (uint)first.Length,
                SecondLength = random.Next(4) == 0 ? AnyNumber(random) : (uint)second.Length,
                Mode = random.Next(2) == 0 ? 0x1FF : AnyNumber(random),
            };
            // What would only fill the disk of the machine that tests.
            if (operation == HostOperation.Allocate && (request.Count > 1 << 16 || request.Offset > 1 << 20))
                (request.Offset, request.Count) = (0, 4096);
            enclave.Send(request);
            if (operation == HostOperation.Read && slot < HostRegionLayout.SlotCount)
                Assert.False(enclave.Slot(slot)[..4096].IndexOf(canary) >= 0);
        }
    }

    private static HostOperation Choose(Random random)
    {
        while (true)
        {
            var operation = (HostOperation)(random.Next(16) == 0 ? random.Next(65536) : random.Next(8) == 0 ? random.Next(64, 90) : random.Next(0, 30));
            // These stop the process of the tests, or take its signals.
            if (operation is not (HostOperation.Suspend or HostOperation.WaitForSignal))
                return operation;
        }
    }

    private static uint Handle(Random random) => random.Next(16) == 0 ? AnyNumber(random) : (uint)random.Next(1, 24);

    private static uint AnyNumber(Random random) => random.Next(4) == 0 ? (uint)random.NextInt64(uint.MaxValue) : unchecked((uint)Numbers[random.Next(Numbers.Length)]);

    private static int CountDescriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    private string Snapshot(string share)
    {
        var text = new StringBuilder();
        foreach (string path in Directory.EnumerateFileSystemEntries(Path.Combine(_folder, share), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var file = new FileInfo(path);
            text.Append(path).Append(' ').Append(file.LinkTarget);
            if (file.LinkTarget is null)
                text.Append(File.GetUnixFileMode(path)).Append(file.LastWriteTimeUtc.Ticks).Append(Unix.ListAttributes(path));
            if (file.LinkTarget is null && file.Exists)
                text.Append(Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))));
            text.Append('\n');
        }

        return text.ToString();
    }
}
