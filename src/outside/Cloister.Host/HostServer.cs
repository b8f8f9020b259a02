using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Files;
using Cloister.Host.Programs;
using Cloister.Host.Sockets;
using Cloister.Host.Switchless;
using Cloister.Host.Terminal;

namespace Cloister.Host;

/// <summary>
/// Serves the requests of one enclave. Those for files are served at once, by the thread that rings; what may wait
/// (readiness of streams, signals, terminal output) is answered later by other threads.
/// </summary>
/// <remarks>The enclave is not trusted with the host either: indexes and lengths in requests are checked, and names can't leave a share.</remarks>
public sealed partial class HostServer : IRingServer, IDisposable
{
    /// <summary>Flag of a read or write that may be completed later.</summary>
    private const uint InBackground = 1;

    /// <summary>Handles that an enclave may have: more than its own memory has room for the files of.</summary>
    private const int MostHandles = 1 << 22;

    private readonly IReadOnlyList<HostShare> _shares;
    private readonly DescriptorBudget _budget;
    private int _handles;
    private readonly ConsoleServer? _console;
    private readonly ConcurrentDictionary<uint, HostNode> _nodes = new();
    private readonly Lock _completionLock = new();
    private readonly StreamWatcher _watcher;
    private readonly LauncherSignals _signals;
    private readonly Lock _transfersLock = new();
    private BackgroundTransfers? _transfers;
    private bool _lacksTransfers;
    private SharedRegion? _region;
    private Action? _completed;
    private Action? _deliver;
    private uint _submissionHead;
    private uint _completionTail;

    /// <summary>Creates the server.</summary>
    /// <param name="shares">What the enclave sees of the host's files, by number.</param>
    /// <param name="console">Its standard streams, or null for none.</param>
    /// <param name="descriptors">How many files the process may have open, if fewer than the host allows.</param>
    /// <param name="network">What it may have of the host's network; null for nothing.</param>
    /// <param name="programs">Programs that may join those inside, which needs a console; null for none.</param>
    public HostServer(
        IReadOnlyList<HostShare> shares,
        ConsoleServer? console,
        long descriptors = long.MaxValue,
        HostNetwork? network = null,
        EnclavePrograms? programs = null)
    {
        _programs = programs;
        _network = network;
        _socketWatcher = new SocketWatcher(OnSocketsReady);
        _budget = new DescriptorBudget(Math.Min(descriptors, ProcessLimits.RaiseDescriptors()));
        _shares = shares;
        _console = console;
        _watcher = new StreamWatcher((request, events) => CompleteLater(new CompletionEntry { Id = request, Flags = (uint)events }));
        _signals = new LauncherSignals((request, signal) => CompleteLater(new CompletionEntry
        {
            Id = request,
            Value = signal.Signal,
            Items = (uint)signal.Program,
            Flags = signal.IsOfTerminal ? 0u : 1u,
        }));
    }

    /// <summary>Counts requests that come by the rings; null for not.</summary>
    public ExitMeter? Meter { get; init; }

    /// <inheritdoc/>
    public void Start(SharedRegion region, Action completed) => Start(region, completed, completed);

    /// <inheritdoc/>
    public void Start(SharedRegion region, Action completed, Action deliver)
    {
        _region = region;
        _completed = completed;
        _deliver = deliver;
        _programs?.Connect(this);
    }

    /// <inheritdoc/>
    public void Serve()
    {
        ServeSubmissions(_region!.Bytes);
        Volatile.Read(ref _transfers)?.Submit();
    }

    /// <summary>Serves the submissions there are; gives how many.</summary>
    internal int ServePending()
    {
        int count = ServeSubmissions(_region!.Bytes);
        if (count > 0)
            Volatile.Read(ref _transfers)?.Submit();
        return count;
    }

    /// <summary>Whether there are submissions that nobody has taken.</summary>
    internal bool HasSubmissions =>
        Volatile.Read(ref HostRegionLayout.GetWord(_region!.Bytes, HostRegionLayout.SubmissionTail)) != Volatile.Read(ref _submissionHead);

    private int ServeSubmissions(Span<byte> region)
    {
        int count = 0;
        // What is submitted after this has a ring of its own: no caller has to work for all others for ever.
        uint tail = Volatile.Read(ref HostRegionLayout.GetWord(region, HostRegionLayout.SubmissionTail));
        while (true)
        {
            uint head = Volatile.Read(ref _submissionHead);
            if (unchecked(tail - head) is 0 or > HostRegionLayout.EntryCount)
                return count;
            count++;
            // Copied before it is claimed: afterwards the enclave may use the place again.
            SubmissionEntry request = MemoryMarshal.Read<SubmissionEntry>(HostRegionLayout.GetSubmission(region, head));
            if (Interlocked.CompareExchange(ref _submissionHead, unchecked(head + 1), head) != head)
                continue;
            Meter?.Count(request.Operation);
            var answer = new CompletionEntry { Id = request.Id };
            if (Handle(request, ref answer))
                Complete(answer);
        }
    }

    /// <summary>Closes the handles and puts the terminal back. Shares belong to the caller.</summary>
    public void Dispose()
    {
        lock (_transfersLock)
        {
            _transfers?.Dispose();
            _lacksTransfers = true;
            _transfers = null;
        }

        _signals.Dispose();
        _watcher.Dispose();
        _console?.Dispose();
        foreach (uint handle in _nodes.Keys)
            Forget(handle);
        _socketWatcher.Dispose();
        foreach (uint handle in _sockets.Keys)
            CloseSocket(handle);
        foreach (uint handle in _groups.Keys)
            CloseGroup(handle);
        _network?.Dispose();
    }

    /// <summary>Serves a request; false where the answer comes later.</summary>
    private bool Handle(in SubmissionEntry request, ref CompletionEntry answer)
    {
        Span<byte> data = request.Slot < HostRegionLayout.SlotCount
            ? HostRegionLayout.GetSlot(_region!.Bytes, (int)request.Slot)
            : default;
        return Handle(request, data, ref answer);
    }

    private bool Handle(in SubmissionEntry request, Span<byte> data, ref CompletionEntry answer)
    {
        try
        {
            Errno error;
            if (request.Operation >= HostOperation.SocketOpen)
            {
                if (!TryHandleSocket(request, data, ref answer, out error))
                    return false;
            }
            else if (request.Operation is >= HostOperation.WaitForProgram and <= HostOperation.ReleaseProgram)
            {
                if (!TryHandleProgram(request, data, out error))
                    return false;
            }
            else if (request.Operation >= HostOperation.ConsoleRead)
            {
                if (!TryHandleConsole(request, data, ref answer, out error))
                    return false;
            }
            else if (request.Operation is HostOperation.Read or HostOperation.Write && request.Flags == InBackground && TryTransfer(request))
            {
                return false;
            }
            else
            {
                // A signal to the launcher is none of the program's business: what it interrupted has done nothing yet.
                do
                    error = HandleFile(request, data, ref answer);
                while (error == Errno.EINTR);
            }

            answer.Error = (int)error;
        }
        catch (Exception e) when (e is OutOfMemoryException or ObjectDisposedException or ArgumentException)
        {
            // A handle that was closed while it was used, or a length that doesn't fit: the enclave's mistake.
            answer.Error = (int)(e is OutOfMemoryException ? Errno.ENOMEM : Errno.EBADF);
        }

        return true;
    }

    private void Complete(in CompletionEntry answer)
    {
        Span<byte> region = _region!.Bytes;
        lock (_completionLock)
        {
            MemoryMarshal.Write(HostRegionLayout.GetCompletion(region, _completionTail), answer);
            _completionTail++;
            Volatile.Write(ref HostRegionLayout.GetWord(region, HostRegionLayout.CompletionTail), _completionTail);
        }
    }

    private void CompleteLater(in CompletionEntry answer)
    {
        Complete(answer);
        _completed!();
    }
}
