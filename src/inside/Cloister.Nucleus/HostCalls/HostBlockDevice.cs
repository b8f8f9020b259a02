using System;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Storage;
using Cloister.Hal.HostProtocol;

namespace Cloister.Nucleus.HostCalls;

/// <summary>A file of the host as a device of blocks, with many requests in flight.</summary>
/// <remarks>
/// A batch is cut into pieces of the size of a data slot. As many as there are spare slots are submitted with one ring of
/// the doorbell; each that has completed makes room for the next.
/// </remarks>
internal sealed class HostBlockDevice(HostChannel channel, IHostFiles files, uint handle, long blockCount) : IBlockDevice
{
    private long _blockCount = blockCount;
    private long _readRequests;
    private long _readBytes;
    private long _writeRequests;
    private long _writtenBytes;
    private long _flushes;
    private long _trimmedBytes;

    /// <inheritdoc/>
    public long BlockCount => Volatile.Read(ref _blockCount);

    /// <inheritdoc/>
    public BlockCounters Counters => new(
        Volatile.Read(ref _readRequests), Volatile.Read(ref _readBytes), Volatile.Read(ref _writeRequests),
        Volatile.Read(ref _writtenBytes), Volatile.Read(ref _flushes), Volatile.Read(ref _trimmedBytes));

    /// <inheritdoc/>
    public void Submit(BlockBatch batch)
    {
        Flight flight = batch.DeviceState as Flight ?? new Flight();
        batch.DeviceState = flight;
        flight.Start();
        foreach (BlockRequest request in batch.Requests)
        {
            long count = request.Buffer.Length / IBlockDevice.BlockSize;
            if (request.FirstBlock < 0 || request.FirstBlock > BlockCount - count)
                flight.Error = Errno.EINVAL;
            Interlocked.Increment(ref request.IsWrite ? ref _writeRequests : ref _readRequests);
            Interlocked.Add(ref request.IsWrite ? ref _writtenBytes : ref _readBytes, request.Buffer.Length);
        }

        if (flight.Error == Errno.Success && BeginPieces(batch, flight))
            channel.Ring();
    }

    /// <inheritdoc/>
    public Errno Wait(BlockBatch batch)
    {
        var flight = (Flight)batch.DeviceState!;
        while (flight.Error == Errno.Success && flight.NextRequest < batch.Count || flight.InFlight > 0)
        {
            if (flight.InFlight == 0)
            {
                // No slot was to spare: wait for one, as every other call does.
                BeginPiece(batch, flight, channel.Acquire(large: false));
                channel.Ring();
            }

            Piece piece = flight.Take();
            channel.Await(piece.Slot, out CompletionEntry answer);
            BlockRequest request = batch.Requests[piece.Request];
            Errno error = HostAnswers.CheckCount(request.IsWrite ? HostOperation.Write : HostOperation.Read, answer, piece.Length, out int count);
            if (error == Errno.Success && count < piece.Length)
                error = Errno.EIO; // the file is shorter than it was, or its disk is full
            if (error == Errno.Success && !request.IsWrite)
                channel.GetData(piece.Slot).CopyTo(request.Buffer.Span.Slice(piece.Offset, count));
            if (error != Errno.Success && flight.Error == Errno.Success)
                flight.Error = error == Errno.ENOSPC ? Errno.ENOSPC : Errno.EIO;
            channel.Release(piece.Slot);
            if (flight.Error == Errno.Success && BeginPieces(batch, flight))
                channel.Ring();
        }

        return flight.Error;
    }

    /// <inheritdoc/>
    public Errno Flush()
    {
        Interlocked.Increment(ref _flushes);
        return files.Synchronize(handle, dataOnly: true) == Errno.Success ? Errno.Success : Errno.EIO;
    }

    /// <inheritdoc/>
    public Errno Trim(long firstBlock, long count)
    {
        if (firstBlock < 0 || count < 0 || firstBlock > BlockCount - count)
            return Errno.EINVAL;
        Interlocked.Add(ref _trimmedBytes, count * IBlockDevice.BlockSize);
        const FallocateMode mode = FallocateMode.FALLOC_FL_PUNCH_HOLE | FallocateMode.FALLOC_FL_KEEP_SIZE;
        return files.Allocate(handle, (int)mode, firstBlock * IBlockDevice.BlockSize, count * IBlockDevice.BlockSize);
    }

    /// <inheritdoc/>
    public Errno Grow(long blockCount)
    {
        if (blockCount < BlockCount)
            return Errno.EINVAL;
        Errno error = files.Truncate(handle, blockCount * IBlockDevice.BlockSize);
        if (error == Errno.Success)
            Volatile.Write(ref _blockCount, blockCount);
        return error;
    }

    /// <summary>Begins pieces as long as there are spare slots.</summary>
    private bool BeginPieces(BlockBatch batch, Flight flight)
    {
        bool any = false;
        while (flight.NextRequest < batch.Count && !flight.IsFull)
        {
            int left = batch.Requests[flight.NextRequest].Buffer.Length - flight.NextOffset;
            bool isLarge = left > HostRegionLayout.SmallSlotLength;
            if (!(isLarge && channel.TryAcquireSpare(large: true, out int slot)) && !channel.TryAcquireSpare(large: false, out slot))
                break;
            BeginPiece(batch, flight, slot);
            any = true;
        }

        return any;
    }

    private void BeginPiece(BlockBatch batch, Flight flight, int slot)
    {
        BlockRequest request = batch.Requests[flight.NextRequest];
        SharedWindow data = channel.GetData(slot);
        var piece = new Piece(slot, flight.NextRequest, flight.NextOffset, Math.Min(request.Buffer.Length - flight.NextOffset, data.Length));
        var submission = new SubmissionEntry
        {
            Operation = request.IsWrite ? HostOperation.Write : HostOperation.Read,
            Handle = handle,
            Flags = 1,
            Offset = (request.FirstBlock * IBlockDevice.BlockSize) + piece.Offset,
        };
        if (request.IsWrite)
        {
            data.CopyFrom(request.Buffer.Span.Slice(piece.Offset, piece.Length));
            submission.FirstLength = (uint)piece.Length;
        }
        else
        {
            submission.Count = piece.Length;
        }

        channel.Begin(slot, ref submission);
        flight.Add(piece, isLast: piece.Offset + piece.Length == request.Buffer.Length);
    }

    /// <summary>A part of a request, in a slot.</summary>
    private readonly record struct Piece(int Slot, int Request, int Offset, int Length);

    /// <summary>A batch on its way: the pieces in flight, oldest first, and what comes next.</summary>
    private sealed class Flight
    {
        private const int Most = 64;

        private readonly Piece[] _pieces = new Piece[Most];
        private int _first;

        public Errno Error { get; set; }

        public int InFlight { get; private set; }

        public int NextRequest { get; private set; }

        public int NextOffset { get; private set; }

        public bool IsFull => InFlight == Most;

        public void Start()
        {
            Error = Errno.Success;
            NextRequest = 0;
            NextOffset = 0;
        }

        public void Add(in Piece piece, bool isLast)
        {
            _pieces[(_first + InFlight++) % Most] = piece;
            NextRequest += isLast ? 1 : 0;
            NextOffset = isLast ? 0 : NextOffset + piece.Length;
        }

        public Piece Take()
        {
            Piece piece = _pieces[_first];
            _first = (_first + 1) % Most;
            InFlight--;
            return piece;
        }
    }
}
