using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using Cloister.Hal.HostProtocol;
using Cloister.Host;
using Cloister.Host.Files;
using Cloister.Host.Terminal;

namespace Cloister.HostPort.Tests;

/// <summary>An enclave that puts into the rings what it likes, from several threads, without a kernel that would check anything.</summary>
internal sealed class HostileEnclave : IDisposable
{
    private readonly SharedRegion _region = new();
    private readonly HostServer _server;
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<ulong, CompletionEntry> _answers = new();
    private uint _tail;
    private uint _taken;
    private ulong _id;

    public HostileEnclave(IReadOnlyList<HostShare> shares, ConsoleServer? console = null, long descriptors = long.MaxValue)
    {
        _server = new HostServer(shares, console, descriptors);
        _server.Start(_region, () => { });
    }

    public Span<byte> Slot(uint slot) => HostRegionLayout.GetSlot(_region.Bytes, (int)slot);

    /// <summary>Puts a request into the ring and lets the host serve; doesn't look at the answer.</summary>
    public ulong Send(SubmissionEntry request)
    {
        lock (_lock)
        {
            request.Id = ++_id;
            MemoryMarshal.Write(HostRegionLayout.GetSubmission(_region.Bytes, _tail), request);
            _tail++;
            Volatile.Write(ref HostRegionLayout.GetWord(_region.Bytes, HostRegionLayout.SubmissionTail), _tail);
        }

        _server.Serve();
        return request.Id;
    }

    /// <summary>Waits for the answer of a request. Not together with requests whose answers nobody takes.</summary>
    public CompletionEntry Call(SubmissionEntry request)
    {
        ulong id = Send(request);
        CompletionEntry answer;
        while (!_answers.TryRemove(id, out answer))
        {
            lock (_lock)
            {
                uint tail = Volatile.Read(ref HostRegionLayout.GetWord(_region.Bytes, HostRegionLayout.CompletionTail));
                for (; _taken != tail; _taken++)
                {
                    CompletionEntry entry = MemoryMarshal.Read<CompletionEntry>(HostRegionLayout.GetCompletion(_region.Bytes, _taken));
                    _answers[entry.Id] = entry;
                }
            }

            Thread.Yield();
        }

        return answer;
    }

    /// <summary>Calls an operation with a name.</summary>
    public CompletionEntry Call(HostOperation operation, uint slot, uint handle, string name, uint newHandle = 0, uint secondHandle = 0, uint mode = 0)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        bytes.CopyTo(Slot(slot));
        return Call(new SubmissionEntry
        {
            Operation = operation,
            Slot = slot,
            Handle = handle,
            NewHandle = newHandle,
            SecondHandle = secondHandle,
            FirstLength = (uint)bytes.Length,
            Mode = mode,
        });
    }

    public void Dispose()
    {
        _server.Dispose();
        _region.Dispose();
    }
}
