using System;
using System.Text;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Files;
using Cloister.Host.Native;
using Cloister.Host.Programs;
using Cloister.Host.Terminal;

namespace Cloister.Host;

/// <summary>Programs that join those inside, and their streams.</summary>
public sealed partial class HostServer
{
    private readonly EnclavePrograms? _programs;
    private readonly HostShare?[] _programShares = new HostShare?[HostStreams.Programs * HostStreams.Standard];

    /// <summary>Gives a program its streams, before it starts.</summary>
    internal void OpenStreams(int program, FileDescriptor[] streams)
    {
        int first = HostStreams.FirstOf(program);
        for (int i = 0; i < HostStreams.Standard; i++)
        {
            _console!.Open(first + i, streams[i]);
            _programShares[first - HostStreams.Inherited + i] = OpenShare(streams[i]);
        }
    }

    /// <summary>Puts the terminal of a program that has ended back as it was.</summary>
    internal void RestoreTerminal(int program)
    {
        for (int i = 0; i < HostStreams.Standard; i++)
            _console!.Find((uint)(HostStreams.FirstOf(program) + i))?.RestoreTermios();
    }

    /// <summary>Nobody uses them any more.</summary>
    internal void CloseStreams(int program)
    {
        int first = HostStreams.FirstOf(program);
        for (int i = 0; i < HostStreams.Standard; i++)
        {
            _console!.Close(first + i);
            ref HostShare? share = ref _programShares[first - HostStreams.Inherited + i];
            share?.Dispose();
            share = null;
        }
    }

    internal void Signal(int program, int signal, bool isOfTerminal) => _signals.Send(new ProgramSignal(program, signal, isOfTerminal));

    /// <summary>Answers the enclave's wait with a program.</summary>
    internal void AnswerProgram(in SubmissionEntry request, int number, ProgramStart start)
    {
        int first = HostStreams.FirstOf(number);
        var record = new ProgramRecord
        {
            Number = (uint)number,
            Flags = start.HasTerminal ? ProgramRecord.HasTerminal : 0,
            UserId = start.UserId,
            GroupId = start.GroupId,
            Umask = start.Umask,
            ArgumentCount = (uint)start.Arguments.Count,
            VariableCount = (uint)start.Environment.Count,
            Input = Describe(first),
            Output = Describe(first + 1),
            Error = Describe(first + 2),
        };
        Span<byte> data = HostRegionLayout.GetSlot(_region!.Bytes, (int)request.Slot);
        int length = EnclavePrograms.Write(record, start, data);
        CompleteLater(new CompletionEntry { Id = request.Id, Data = (uint)length });
    }

    private ProgramStream Describe(int stream)
    {
        int place = stream - HostStreams.Inherited;
        return new ProgramStream
        {
            Share = _programShares[place] is null ? -1 : _shares.Count + place,
            Flags = (uint)(_console!.Find((uint)stream)?.Flags ?? 0),
        };
    }

    private static DirectoryShare? OpenShare(FileDescriptor stream)
    {
        if (StatusReader.Read(stream, out FileRecord record) != Errno.Success || !stream.TryHold(out HeldDescriptor held))
            return null;
        using (held)
        {
            uint type = record.Mode & Constants.S_IFMT;
            var flags = (OpenFlags)Libc.FCntl(stream, Constants.F_GETFL, 0);
            return type is Constants.S_IFREG or Constants.S_IFDIR
                ? new DirectoryShare(new CallerFile(held.Number, flags, type == Constants.S_IFREG, type == Constants.S_IFDIR))
                : null;
        }
    }

    private HostShare? FindShare(uint number)
    {
        if (number < (uint)_shares.Count)
            return _shares[(int)number];
        uint place = number - (uint)_shares.Count;
        return place < (uint)_programShares.Length ? _programShares[place] : null;
    }

    /// <summary>Serves a request; false where the answer comes later.</summary>
    private bool TryHandleProgram(in SubmissionEntry request, Span<byte> data, out Errno error)
    {
        error = Errno.EOPNOTSUPP;
        if (_programs is null)
            return true;
        error = Errno.Success;
        switch (request.Operation)
        {
            case HostOperation.WaitForProgram:
                // What is written there later must have room.
                error = data.Length == HostRegionLayout.LargeSlotLength ? Errno.Success : Errno.EINVAL;
                if (error != Errno.Success)
                    return true;
                _programs.OnWait(request);
                return false;
            case HostOperation.ReportProgram:
                string sentence = Encoding.UTF8.GetString(data[..CheckedLength(request.FirstLength)]);
                _programs.OnReport(request.Handle, request.Flags, (int)(request.Count & 0xFF), sentence);
                return true;
            default:
                _programs.OnRelease(request.Handle);
                return true;
        }
    }
}
