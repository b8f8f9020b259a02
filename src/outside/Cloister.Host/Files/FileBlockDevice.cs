using System;
using System.IO;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Cloister.Host.Files;

/// <summary>A file of this machine as a device of blocks, for tools that work on volumes outside of enclaves.</summary>
public sealed class FileBlockDevice : IBlockDevice, IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly FileDescriptor _descriptor;
    private long _blockCount;
    private long _readRequests;
    private long _readBytes;
    private long _writeRequests;
    private long _writtenBytes;
    private long _flushes;
    private long _trimmedBytes;

    private FileBlockDevice(SafeFileHandle file)
    {
        _file = file;
        _descriptor = FileDescriptor.Borrow((int)file.DangerousGetHandle());
        _blockCount = RandomAccess.GetLength(file) / IBlockDevice.BlockSize;
    }

    /// <inheritdoc/>
    public long BlockCount => Volatile.Read(ref _blockCount);

    /// <inheritdoc/>
    public BlockCounters Counters => new(
        Volatile.Read(ref _readRequests), Volatile.Read(ref _readBytes), Volatile.Read(ref _writeRequests),
        Volatile.Read(ref _writtenBytes), Volatile.Read(ref _flushes), Volatile.Read(ref _trimmedBytes));

    /// <summary>Opens a file that is there, and keeps others from opening it so.</summary>
    /// <exception cref="HostException">It isn't there, isn't accessible, or is in use.</exception>
    public static FileBlockDevice Open(string path, bool isReadOnly) =>
        Open(path, FileMode.Open, isReadOnly ? FileAccess.Read : FileAccess.ReadWrite, isReadOnly ? FileShare.Read : FileShare.None);

    /// <summary>Makes a sparse file.</summary>
    /// <param name="path">Where; there is none yet.</param>
    /// <param name="blocks">Its size.</param>
    public static FileBlockDevice Create(string path, long blocks)
    {
        FileBlockDevice device = Open(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        Errno error = device.Grow(blocks);
        if (error == Errno.Success)
            return device;
        device.Dispose();
        File.Delete(path);
        throw new HostException($"'{path}' can't be made {blocks * IBlockDevice.BlockSize} bytes long ({error}).");
    }

    /// <inheritdoc/>
    public void Submit(BlockBatch batch)
    {
        batch.Result = Errno.Success;
        foreach (BlockRequest request in batch.Requests)
        {
            Errno error = Transfer(request);
            if (error == Errno.Success)
                continue;
            batch.Result = error;
            return;
        }
    }

    /// <inheritdoc/>
    public Errno Wait(BlockBatch batch) => batch.Result;

    /// <inheritdoc/>
    public Errno Flush()
    {
        Interlocked.Increment(ref _flushes);
        return Libc.FDataSync(_descriptor) == 0 ? Errno.Success : Errno.EIO;
    }

    /// <inheritdoc/>
    public Errno Trim(long firstBlock, long count)
    {
        if (firstBlock < 0 || count < 0 || firstBlock > BlockCount - count)
            return Errno.EINVAL;
        Interlocked.Add(ref _trimmedBytes, count * IBlockDevice.BlockSize);
        const int mode = (int)(FallocateMode.FALLOC_FL_PUNCH_HOLE | FallocateMode.FALLOC_FL_KEEP_SIZE);
        return Failure.From(Libc.FAllocate(_descriptor, mode, firstBlock * IBlockDevice.BlockSize, count * IBlockDevice.BlockSize));
    }

    /// <inheritdoc/>
    public Errno Grow(long blockCount)
    {
        if (blockCount < BlockCount)
            return Errno.EINVAL;
        if (Libc.FTruncate(_descriptor, blockCount * IBlockDevice.BlockSize) != 0)
            return Failure.Last;
        Volatile.Write(ref _blockCount, blockCount);
        return Errno.Success;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _descriptor.Dispose();
        _file.Dispose();
    }

    private static FileBlockDevice Open(string path, FileMode mode, FileAccess access, FileShare share)
    {
        try
        {
            return new FileBlockDevice(File.OpenHandle(path, mode, access, share));
        }
        catch (FileNotFoundException)
        {
            throw new HostException($"There is no volume '{path}': make one with 'cloister fs create'.");
        }
        catch (DirectoryNotFoundException)
        {
            throw new HostException($"The folder of '{path}' doesn't exist.");
        }
        catch (UnauthorizedAccessException)
        {
            throw new HostException($"'{path}' can't be opened: you have no permission, or it is a directory.");
        }
        catch (IOException failure)
        {
            throw new HostException(mode == FileMode.CreateNew && File.Exists(path)
                ? $"'{path}' exists already: remove it first, or choose another name."
                : failure.HResult == (int)Errno.EAGAIN
                    ? $"'{path}' is in use: it is mounted, or an enclave runs with it."
                    : $"'{path}' can't be opened: {failure.Message}");
        }
    }

    private Errno Transfer(in BlockRequest request)
    {
        Span<byte> bytes = request.Buffer.Span;
        if (request.FirstBlock < 0 || request.FirstBlock > BlockCount - (bytes.Length / IBlockDevice.BlockSize))
            return Errno.EINVAL;
        long offset = request.FirstBlock * IBlockDevice.BlockSize;
        Interlocked.Increment(ref request.IsWrite ? ref _writeRequests : ref _readRequests);
        Interlocked.Add(ref request.IsWrite ? ref _writtenBytes : ref _readBytes, bytes.Length);
        try
        {
            if (request.IsWrite)
            {
                RandomAccess.Write(_file, bytes, offset);
                return Errno.Success;
            }

            for (int done = 0; done < bytes.Length;)
            {
                int count = RandomAccess.Read(_file, bytes[done..], offset + done);
                if (count == 0)
                    return Errno.EIO;
                done += count;
            }

            return Errno.Success;
        }
        catch (IOException)
        {
            return Errno.EIO;
        }
    }
}
