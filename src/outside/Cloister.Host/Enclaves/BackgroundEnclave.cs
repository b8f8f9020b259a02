using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using Cloister.Host.Control;
using Cloister.Host.Native;
using Cloister.Host.Programs;
using Cloister.Host.Terminal;

namespace Cloister.Host.Enclaves;

/// <summary>What a program that joins has where the command says nothing else: what the first one has.</summary>
/// <param name="Environment">Its environment.</param>
/// <param name="WorkingDirectory">Its working directory.</param>
/// <param name="UserId">Its user.</param>
/// <param name="GroupId">Its group.</param>
/// <param name="AllowsPrograms">Whether the enclave listens at all.</param>
public sealed record ProgramDefaults(
    IReadOnlyList<byte[]> Environment, byte[] WorkingDirectory, uint UserId, uint GroupId, bool AllowsPrograms = true);

/// <summary>The launcher's side of an enclave that runs in the background: its record, its log, and the commands that come for it.</summary>
public sealed partial class BackgroundEnclave : IProgramObserver
{
    private const int Killed = 137;

    private readonly EnclaveStore _store;
    private readonly ProgramDefaults _defaults;
    private readonly BackgroundStreams _streams;
    private readonly EnclaveLog _log;
    private readonly Lock _lock = new();
    private EnclaveRecord _record;

    private BackgroundEnclave(EnclaveStore store, EnclaveRecord record, ProgramDefaults defaults, BackgroundStreams streams)
    {
        _store = store;
        _record = record;
        _defaults = defaults;
        _streams = streams;
        Programs = new EnclavePrograms(this);
        _log = new EnclaveLog(store.FolderOf(record), OnLogGrown);
        _streams.Written = (name, bytes) => _log.Add(name, bytes.Span);
        _streams.Begin();
        _ = new ControlServer(store.FolderOf(record), Serve);
    }

    /// <summary>Makes this process a launcher in the background: it leaves the caller's session, and has a folder for others to find it.</summary>
    /// <param name="name">The enclave's name; null for one that is made up.</param>
    /// <param name="create">Makes the record of id and name.</param>
    /// <param name="defaults">For programs that join.</param>
    public static BackgroundEnclave Create(string? name, Func<string, string, EnclaveRecord> create, ProgramDefaults defaults)
    {
        EnclaveStore store = EnclaveStore.Open();
        EnclaveRecord record = store.Create(name, create);
        try
        {
            // Fails only for the leader of a group, which is what the caller's session doesn't reach either.
            Libc.SetSid();
            BackgroundStreams streams = record.HasTerminal ? BackgroundStreams.OfTerminal() : BackgroundStreams.OfPipes(record.HasInput);
            return new BackgroundEnclave(store, record, defaults, streams);
        }
        catch (Exception)
        {
            store.Remove(record);
            throw;
        }
    }

    /// <summary>The programs that join.</summary>
    public EnclavePrograms Programs { get; }

    /// <summary>Descriptors of the first program's input, output and error.</summary>
    public int[] Streams
    {
        get
        {
            int[] numbers = new int[_streams.Given.Length];
            for (int i = 0; i < numbers.Length; i++)
                numbers[i] = (int)_streams.Given[i].DangerousGetHandle();
            return numbers;
        }
    }

    /// <summary>The first program runs: the command that has started this process may go.</summary>
    public void OnRunning()
    {
        lock (_lock)
        {
            _record = _record with { Status = EnclaveStatus.Running, Started = DateTimeOffset.UtcNow };
            _store.Write(_record);
        }

        LauncherOutput.WriteOutput(_record.Id + "\n");
        // From here on what the launcher itself has to say goes to the log.
        using FileDescriptor nothing = BackgroundStreams.OpenNull();
        CallerProcess.ReplaceStreams(nothing, nothing, _streams.Given[2]);
        Environment.CurrentDirectory = "/";
    }

    /// <inheritdoc/>
    public void OnFailed(int code, string sentence)
    {
        // Told by the enclave's end.
    }

    /// <inheritdoc/>
    public void OnEnded(int code)
    {
        // Likewise.
    }

    /// <summary>The enclave has ended: records it, and tells who waits.</summary>
    public void Finish(int code)
    {
        bool hasRun = _record.Status == EnclaveStatus.Running;
        if (hasRun)
        {
            using FileDescriptor nothing = BackgroundStreams.OpenNull();
            Libc.Dup2(nothing, 2);
        }

        _streams.Dispose();
        Record(code);
        // One that never ran, or that is to leave nothing.
        if (!hasRun || _record.IsRemoved)
            Remove();
        OnEnclaveEnd(code);
    }

    private void Record(int code)
    {
        lock (_lock)
        {
            _record = _record with { Status = EnclaveStatus.Exited, Finished = DateTimeOffset.UtcNow, ExitCode = code };
            if (Directory.Exists(_store.FolderOf(_record)))
                _store.Write(_record);
        }
    }

    private void Remove()
    {
        try
        {
            _store.Remove(_record);
        }
        catch (IOException)
        {
            // Somebody else removes it.
        }
    }

    /// <summary>Ends this process although the enclave goes on.</summary>
    private void Terminate()
    {
        Record(Killed);
        if (_record.IsRemoved)
            Remove();
        OnEnclaveEnd(Killed);
        const int kill = 9;
        Libc.Kill(Environment.ProcessId, kill);
    }
}
