using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host.Files;

/// <summary>Reads and writes of an enclave that are in flight together, by io_uring.</summary>
internal sealed unsafe class BackgroundTransfers : IDisposable
{
    private readonly IoUring _ring;
    private readonly SharedRegion _region;
    private readonly Action<CompletionEntry, bool> _complete;
    private readonly Transfer[] _transfers = new Transfer[HostRegionLayout.SlotCount];
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _work = new(0);
    private readonly Thread _thread;
    private int _inFlight;
    private bool _isPrepared;
    private bool _isThreadAwake;
    private bool _isRefused;
    private bool _disposed;

    private BackgroundTransfers(IoUring ring, SharedRegion region, Action<CompletionEntry, bool> complete)
    {
        _ring = ring;
        _region = region;
        _complete = complete;
        _thread = new Thread(WaitForCompletions) { IsBackground = true, Name = "transfers" };
        _thread.Start();
    }

    /// <summary>Starts; null where the host has no io_uring.</summary>
    /// <param name="region">The memory shared with the enclave.</param>
    /// <param name="complete">Gets the completions; the flag tells that the enclave has to be woken.</param>
    public static BackgroundTransfers? TryStart(SharedRegion region, Action<CompletionEntry, bool> complete) =>
        IoUring.TryCreate(256) is { } ring ? new BackgroundTransfers(ring, region, complete) : null;

    /// <summary>
    /// Takes a transfer over, and the hold on its file in any case; false where the slot has one in flight, which an honest enclave doesn't
    /// try, or where the host refuses them by now.
    /// </summary>
    public bool TryBegin(in SubmissionEntry request, HeldDescriptor held, bool isWrite, int length)
    {
        bool isTaken = false;
        if (length <= HostRegionLayout.GetSlot(_region.Bytes, (int)request.Slot).Length)
        {
            lock (_lock)
            {
                ref Transfer transfer = ref _transfers[request.Slot];
                if (transfer.File is null && !_disposed && !_isRefused)
                {
                    int number = held.Detach(out FileDescriptor file);
                    transfer = new Transfer(request.Id, file, number, isWrite, request.Offset, length);
                    Prepare(request.Slot, transfer);
                    _inFlight++;
                    _isPrepared = true;
                    isTaken = true;
                }
            }
        }

        if (!isTaken)
            held.Dispose();
        return isTaken;
    }

    /// <summary>Hands what was begun to the kernel, and completes what is done already: most of what the page cache serves.</summary>
    public void Submit()
    {
        if (!Volatile.Read(ref _isPrepared))
            return;
        lock (_lock)
        {
            _isPrepared = false;
            Hand();
            TakeCompletions(wake: false);
            if (_inFlight == 0 || _isThreadAwake)
                return;
            _isThreadAwake = true;
        }

        _work.Release();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            if (!_isRefused)
                _ring.Wake();
            Hand();
        }

        _work.Release();
        _thread.Join();
        _ring.Dispose();
        _work.Dispose();
    }

    // A filter for system calls may let rings be made and refuse their use, also from some moment on.
    private void Hand()
    {
        if (_ring.TrySubmit())
            return;
        _isRefused = true;
        foreach (ulong slot in _ring.TakeBack())
        {
            if (slot != IoUring.WakeTag)
                Finish((int)slot, Perform((int)slot), wake: true);
        }
    }

    private int Perform(int slot)
    {
        ref Transfer transfer = ref _transfers[slot];
        Span<byte> data = HostRegionLayout.GetSlot(_region.Bytes, slot);
        nint result;
        // SAFETY: TryBegin has compared the length with the slot's.
        fixed (byte* start = data)
        {
            do
            {
                result = transfer.IsWrite
                    ? Libc.PWrite(transfer.File!, start + transfer.Done, transfer.Length - transfer.Done, transfer.Offset + transfer.Done)
                    : Libc.PRead(transfer.File!, start + transfer.Done, transfer.Length - transfer.Done, transfer.Offset + transfer.Done);
            }
            while (result < 0 && Failure.WasInterrupted);
        }

        return result < 0 ? -(int)Failure.Last : (int)result;
    }

    private void WaitForCompletions()
    {
        while (true)
        {
            _work.Wait();
            while (true)
            {
                lock (_lock)
                {
                    TakeCompletions(wake: true);
                    if (_inFlight == 0)
                    {
                        _isThreadAwake = false;
                        if (_disposed)
                            return;
                        break;
                    }
                }

                _ring.Wait();
            }
        }
    }

    private void TakeCompletions(bool wake)
    {
        while (_ring.TryTake(out ulong slot, out int result))
        {
            if (slot == IoUring.WakeTag)
                continue;
            Finish((int)slot, result, wake);
        }
    }

    private void Finish(int slot, int result, bool wake)
    {
        ref Transfer transfer = ref _transfers[slot];
        // Linux may stop early; to the enclave fewer bytes mean the end of the file or a full disk.
        while (result > 0 && transfer.Done + result < transfer.Length || result == -(int)Errno.EINTR || result == -(int)Errno.EAGAIN)
        {
            transfer.Done += Math.Max(result, 0);
            if (!_isRefused)
            {
                Prepare((uint)slot, transfer);
                Hand();
                return;
            }

            result = Perform(slot);
        }

        int done = transfer.Done + Math.Max(result, 0);
        var answer = new CompletionEntry { Id = transfer.Id, Data = (uint)done, Error = done == 0 && result < 0 ? -result : 0 };
        transfer.File!.DangerousRelease();
        transfer = default;
        _inFlight--;
        _complete(answer, wake);
    }

    private void Prepare(uint slot, in Transfer transfer)
    {
        Span<byte> data = HostRegionLayout.GetSlot(_region.Bytes, (int)slot);
        // SAFETY: the region is mapped, not managed, memory, and outlives the transfers: Dispose waits for them.
        fixed (byte* start = data)
        {
            int done = transfer.Done;
            _ring.Prepare(transfer.IsWrite, transfer.Number, (nint)start + done, transfer.Length - done, transfer.Offset + done, slot);
        }
    }

    /// <summary>A transfer in flight: the requester's id, and how far it is.</summary>
    private struct Transfer(ulong id, FileDescriptor file, int number, bool isWrite, long offset, int length)
    {
        public readonly ulong Id = id;
        public readonly FileDescriptor? File = file;
        public readonly int Number = number;
        public readonly bool IsWrite = isWrite;
        public readonly long Offset = offset;
        public readonly int Length = length;
        public int Done;
    }
}
