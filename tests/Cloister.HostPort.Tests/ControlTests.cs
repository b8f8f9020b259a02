using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Control;
using Cloister.Host.Enclaves;
using Cloister.Nucleus.HostCalls;
using Xunit;

namespace Cloister.HostPort.Tests;

/// <summary>What is said about programs that join: over the control socket, in the rings, and in the files of an enclave.</summary>
public sealed class ControlTests : IDisposable
{
    private const int Rounds = 20_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("cloister-control-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Requests_that_are_damaged_are_refused_or_harmless()
    {
        byte[] good = new StartRequest
        {
            Arguments = ["/bin/sh"u8.ToArray(), "-c"u8.ToArray(), []],
            Environment = ["A=1"u8.ToArray()],
            WorkingDirectory = "/tmp"u8.ToArray(),
            Identity = (1, 2),
        }.ToPayload();
        var random = new Random(7);
        int refused = 0;
        for (int round = 0; round < Rounds; round++)
        {
            byte[] bytes = Spoil(good, random);
            StartRequest? request = StartRequest.Parse(new ControlMessage(ControlKind.Start, bytes, new Host.Native.FileDescriptor[3]));
            if (request is null)
            {
                refused++;
                continue;
            }

            Assert.NotEmpty(request.Arguments);
            Assert.All(request.Arguments, text => Assert.DoesNotContain((byte)0, text));
            Assert.All(request.Environment, text => Assert.True(Array.IndexOf(text, (byte)'=') > 0));
        }

        Assert.InRange(refused, Rounds / 10, Rounds - (Rounds / 10));
    }

    [Fact]
    public void Programs_that_a_host_forges_are_refused_or_possible()
    {
        byte[] slot = new byte[HostRegionLayout.LargeSlotLength];
        var record = new ProgramRecord { Number = 3, ArgumentCount = 2, VariableCount = 1 };
        var start = new Host.Programs.ProgramStart
        {
            Arguments = ["a"u8.ToArray(), "b"u8.ToArray()],
            Environment = ["A=1"u8.ToArray()],
            WorkingDirectory = "/"u8.ToArray(),
            UserId = 0,
            GroupId = 0,
            Umask = 0,
            HasTerminal = false,
            Streams = [],
        };
        int length = Host.Programs.EnclavePrograms.Write(record, start, slot);
        Assert.Equal(Errno.Success, HostAnswers.CheckProgram(new CompletionEntry { Data = (uint)length }, new SharedWindow(slot), out HostProgram? program));
        Assert.Equal(["a", "b"], Array.ConvertAll([.. program!.Arguments], Encoding.UTF8.GetString));
        var random = new Random(8);
        byte[] good = slot[..length];
        for (int round = 0; round < Rounds; round++)
        {
            byte[] bytes = Spoil(good, random);
            Array.Clear(slot, 0, length + 64);
            bytes.CopyTo(slot, 0);
            var answer = new CompletionEntry { Data = random.Next(4) == 0 ? (uint)random.NextInt64(uint.MaxValue) : (uint)bytes.Length };
            Errno error = HostAnswers.CheckProgram(answer, new SharedWindow(slot), out program);
            Assert.True(error is Errno.Success or Errno.EIO);
            if (error == Errno.Success)
                Assert.True(program!.Number is > 0 and <= HostStreams.Programs && program.Arguments.Count > 0 && program.Files.Length == 3);
        }
    }

    [Fact]
    public void Records_that_are_damaged_are_no_records()
    {
        byte[] good = new EnclaveRecord
        {
            Id = "0123456789ab",
            Name = "name",
            Command = ["/bin/sh", "\udc80"],
            Root = "/",
            Launcher = ProcessIdentity.Current,
            Created = DateTimeOffset.UtcNow,
        }.ToJson();
        Assert.Equal("\\x80", EnclaveRecord.Parse(good)!.Command[1]);
        Assert.True(EnclaveRecord.Parse(good)!.Launcher.IsAlive);
        Assert.False((ProcessIdentity.Current with { StartTicks = 1 }).IsAlive);
        var random = new Random(9);
        for (int round = 0; round < Rounds / 10; round++)
            EnclaveRecord.Parse(Spoil(good, random));
    }

    [Fact]
    public void A_log_is_bounded_and_read_across_its_files()
    {
        using var log = new EnclaveLog(_folder, () => { });
        using var reader = new LogReader(_folder);
        byte[] line = new byte[64 << 10];
        Array.Fill(line, (byte)'x');
        line[^1] = (byte)'\n';
        int read = 0;
        for (int i = 0; i < 400; i++)
        {
            log.Add(i % 2 == 0 ? "stdout" : "stderr", line);
            if (i % 50 == 0)
                Read();
        }

        Read();
        Assert.Equal(400, read);
        Assert.InRange(new FileInfo(EnclaveLog.PathIn(_folder)).Length, 1, EnclaveLog.LargestFile);
        Assert.InRange(new FileInfo(EnclaveLog.OldPathIn(_folder)).Length, 1, EnclaveLog.LargestFile);

        void Read()
        {
            foreach (LogRecord record in reader.Read())
            {
                Assert.Equal(line.Length - 1, record.Text.Length);
                Assert.Equal(read % 2 == 1, record.IsError);
                read++;
            }
        }
    }

    private static byte[] Spoil(byte[] good, Random random)
    {
        byte[] bytes = (byte[])good.Clone();
        for (int i = random.Next(1, 5); i > 0; i--)
            bytes[random.Next(bytes.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : random.Next(2) == 0 ? (byte)0 : (byte)255;
        return random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }
}
