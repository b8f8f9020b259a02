using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts.Storage;
using Cloister.Host.Native;

namespace Cloister.Host.Storage;

/// <summary>
/// Blocks in a file of the host. Large batches are served by threads, so that several are in flight and the caller can seal
/// the next meanwhile; small ones at once.
/// </summary>
public sealed unsafe class FileBlockDevice : IBlockDevice, IDisposable
{
    private const int LockExclusive = 2;
    private const int LockShared = 1;
    private const int LockNonBlocking = 4;

    // What takes less time to do than to hand over.
    private const int LargestInline = 64 * 1024;

    private readonly FileDescriptor _file;
    private readonly Thread[] _threads;
    private readonly Queue<Flight> _queue = new();
    private readonly object _lock = new();
    private long _blockCount;
    private long _readRequests;
    private long _readBytes;
    private long _writeRequests;
    private long _writtenBytes;
    private long _flushes;
    private long _trimmedBytes;
    private bool _isDisposed;

    private FileBlockDevice(FileDescriptor file, long blockCount, int threads)
    {
        _file = file;
        _blockCount = blockCount;
        _threads = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            _threads[i] = new Thread(Serve) { IsBackground = true, Name = "block device" };
            _threads[i].Start();
        }
    }

    /// <inheritdoc/>
    public long BlockCount => Volatile.Read(ref _blockCount);

    /// <inheritdoc/>
    public BlockCounters Counters => new(
        Volatile.Read(ref _readRequests), Volatile.Read(ref _readBytes), Volatile.Read(ref _writeRequests), Volatile.Read(ref _writtenBytes),
        Volatile.Read(ref _flushes), Volatile.Read(ref _trimmedBytes));

    /// <summary>Makes a new file, without allocating its blocks.</summary>
    /// <exception cref="HostException">It exists, or can't be made.</exception>
    public static FileBlockDevice Create(string path, long blockCount, int threads = 2)
    {
        FileDescriptor file = Open(path, Constants.O_RDWR | Constants.O_CREAT | Constants.O_EXCL | Constants.O_CLOEXEC, isReadOnly: false);
        if (Libc.FTruncate(file, blockCount * IBlockDevice.BlockSize) < 0)
        {
            Errno error = Failure.Last;
            file.Dispose();
            System.IO.File.Delete(path);
            throw new HostException($"'{path}' can't be made {blockCount * IBlockDevice.BlockSize} bytes long ({error}).");
        }

        return new FileBlockDevice(file, blockCount, threads);
    }

    /// <summary>Opens a file and locks it, so that nobody mounts a volume twice.</summary>
    /// <exception cref="HostException">It can't be opened, or is in use.</exception>
    public static FileBlockDevice Open(string path, bool isReadOnly, int threads = 2)
    {
        FileDescriptor file = Open(path, (isReadOnly ? Constants.O_RDONLY : Constants.O_RDWR) | Constants.O_CLOEXEC, isReadOnly);
        return new FileBlockDevice(file, Libc.LSeek(file, 0, 2) / IBlockDevice.BlockSize, threads);
    }

    /// <inheritdoc/>
    public void Submit(BlockBatch batch)
    {
        batch.Result = Errno.Success;
        var flight = (Flight?)batch.DeviceState;
        if (flight is null)
            batch.DeviceState = flight = new Flight(batch);
        int bytes = 0;
        foreach (ref readonly BlockRequest request in batch.Requests)
            bytes += request.Buffer.Length;
        flight.IsDone = true;
        if (bytes <= LargestInline || _threads.Length == 0)
        {
            Perform(batch);
            return;
        }

        flight.IsDone = false;
        lock (_lock)
        {
            _queue.Enqueue(flight);
            Monitor.PulseAll(_lock);
        }
    }

    /// <inheritdoc/>
    public Errno Wait(BlockBatch batch)
    {
        if (batch.DeviceState is not Flight flight)
            return batch.Result;
        if (Volatile.Read(ref flight.IsDone))
            return batch.Result;
        lock (_lock)
        {
            // Where nobody has begun, doing it is faster than waiting for somebody to do it.
            if (_queue.Count == 1 && _queue.Peek() == flight)
            {
                _queue.Dequeue();
            }
            else
            {
                while (!flight.IsDone)
                    Monitor.Wait(_lock);
                return batch.Result;
            }
        }

        Perform(batch);
        flight.IsDone = true;
        return batch.Result;
    }

    /// <inheritdoc/>
    public Errno Flush()
    {
        Interlocked.Increment(ref _flushes);
        return Libc.FDataSync(_file) < 0 ? Failure.Last : Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Trim(long firstBlock, long count)
    {
        if (firstBlock < 0 || count <= 0 || firstBlock > BlockCount - count)
            return Errno.EINVAL;
        const int keepSize = 1, punchHole = 2;
        if (Libc.FAllocate(_file, keepSize | punchHole, firstBlock * IBlockDevice.BlockSize, count * IBlockDevice.BlockSize) < 0)
            return Failure.Last;
        Interlocked.Add(ref _trimmedBytes, count * IBlockDevice.BlockSize);
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Grow(long blockCount)
    {
        if (blockCount < BlockCount)
            return Errno.EINVAL;
        if (Libc.FTruncate(_file, blockCount * IBlockDevice.BlockSize) < 0)
            return Failure.Last;
        Volatile.Write(ref _blockCount, blockCount);
        return Errno.Success;
    }

    /// <summary>Closes the file. Nothing is in flight.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            Monitor.PulseAll(_lock);
        }

        foreach (Thread thread in _threads)
            thread.Join();
        _file.Dispose();
    }

    private static FileDescriptor Open(string path, int flags, bool isReadOnly)
    {
        FileDescriptor file;
        byte[] bytes = ByteText.Terminated(path);
        // SAFETY: the path ends with a NUL and stays where it is during the call.
        fixed (byte* pointer = bytes)
            file = new FileDescriptor(Libc.Open(pointer, flags | Constants.O_NONBLOCK | Constants.O_NOCTTY, 0x180));
        if (file.IsInvalid)
        {
            throw new HostException(Failure.Last switch
            {
                Errno.ENOENT => $"There is no file '{path}'.",
                Errno.EEXIST => $"'{path}' exists already: choose another name, or remove it first.",
                Errno error => $"'{path}' can't be opened ({error}).",
            });
        }

        // Not a FIFO, which would be waited for, and whose blocks couldn't be found again. Block devices are fine.
        if (Files.StatusReader.Read(file, out Hal.HostProtocol.FileRecord status) != Errno.Success
            || (status.Mode & Constants.S_IFMT) is not (Constants.S_IFREG or Constants.S_IFBLK))
        {
            file.Dispose();
            throw new HostException($"'{path}' is no regular file: a volume has to be one.");
        }

        if (Libc.FLock(file, (isReadOnly ? LockShared : LockExclusive) | LockNonBlocking) == 0)
            return file;
        file.Dispose();
        throw new HostException($"'{path}' is in use by another process: unmount it there first.");
    }

    private void Serve()
    {
        while (true)
        {
            Flight? flight;
            lock (_lock)
            {
                while (!_queue.TryDequeue(out flight))
                {
                    if (_isDisposed)
                        return;
                    Monitor.Wait(_lock);
                }
            }

            Perform(flight.Batch);
            lock (_lock)
            {
                flight.IsDone = true;
                Monitor.PulseAll(_lock);
            }
        }
    }

    private void Perform(BlockBatch batch)
    {
        foreach (ref readonly BlockRequest request in batch.Requests)
        {
            if (request.FirstBlock < 0 || request.FirstBlock + request.Buffer.Length / IBlockDevice.BlockSize > BlockCount)
                batch.Result = Errno.EINVAL;
            else if (Transfer(request) is var error and not Errno.Success)
                batch.Result = error;
        }
    }

    private Errno Transfer(in BlockRequest request)
    {
        Interlocked.Increment(ref request.IsWrite ? ref _writeRequests : ref _readRequests);
        Interlocked.Add(ref request.IsWrite ? ref _writtenBytes : ref _readBytes, request.Buffer.Length);
        long offset = request.FirstBlock * IBlockDevice.BlockSize;
        // SAFETY: the span is pinned while the call uses it, and the length is its own.
        fixed (byte* buffer = request.Buffer.Span)
        {
            for (int done = 0; done < request.Buffer.Length;)
            {
                nint count = request.IsWrite
                    ? Libc.PWrite(_file, buffer + done, request.Buffer.Length - done, offset + done)
                    : Libc.PRead(_file, buffer + done, request.Buffer.Length - done, offset + done);
                if (count < 0 && Failure.WasInterrupted)
                    continue;
                if (count < 0)
                    return Failure.Last;
                // The file was cut short behind our back.
                if (count == 0)
                    return Errno.EIO;
                done += (int)count;
            }
        }

        return Errno.Success;
    }

    private sealed class Flight(BlockBatch batch)
    {
        public bool IsDone;

        public BlockBatch Batch { get; } = batch;
    }
}
