using System;
using System.Threading;
using Cloister.Contracts;
using Cloister.Hal;

namespace Cloister.Nucleus;

/// <summary>
/// The enclave's memory as one number: private pages of programs, frames of files and shared memory, and what the kernel
/// keeps for programs are all taken from it. What is left holds pages of files that can be had again, and are given back
/// when something else needs the memory.
/// </summary>
public sealed class EnclaveMemory : IKernelMemory
{
    /// <summary>One part in so many stays for pages that can be given back: programs can't run without their text.</summary>
    private const int CacheShare = 16;

    /// <summary>Kernel memory on behalf of programs takes at most one part in so many.</summary>
    private const int KernelShare = 4;

    /// <summary>Pages that are given back at once, so that the next ones needn't look for some again.</summary>
    private const int ReclaimBatch = 256;

    private readonly IFrames _frames;
    private readonly long _reserve;
    private long _used;
    private long _private;
    private long _kernel;

    /// <summary>Begins with all of it free.</summary>
    /// <param name="frames">Where frames come from; their number is the enclave's memory.</param>
    public EnclaveMemory(IFrames frames)
    {
        _frames = frames;
        Total = frames.Total << FrameExtent.FrameShift;
        _reserve = Total / CacheShare;
    }

    /// <summary>Bytes of the enclave.</summary>
    public long Total { get; }

    /// <summary>Bytes that nobody has.</summary>
    public long FreeBytes => Math.Max(0, Total - Volatile.Read(ref _used));

    /// <summary>Bytes that could be had, by giving back pages of files.</summary>
    public long Available => Math.Clamp(Total - Volatile.Read(ref _used) + CachedBytes, 0, Total);

    /// <summary>Bytes of pages of files that can be given back.</summary>
    public long CachedBytes => Cache.Pages << FrameExtent.FrameShift;

    /// <summary>Bytes of private pages that programs have or were promised.</summary>
    public long PrivateBytes => Volatile.Read(ref _private);

    /// <summary>Bytes that the kernel keeps for programs.</summary>
    public long KernelBytes => Volatile.Read(ref _kernel);

    /// <summary>Bytes that may be promised to programs.</summary>
    public long Promisable => Total - _reserve;

    /// <summary>Pages that can be given back.</summary>
    internal PageCache Cache { get; } = new();

    /// <summary>Takes adjacent zeroed frames. The caller may wait, and holds no lock of an address space.</summary>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="isCache">Whether they can be given back.</param>
    /// <param name="extent">The frames.</param>
    /// <returns>False where there are none, or not so many adjacent ones.</returns>
    public bool TryAllocate(int count, bool isCache, out FrameExtent extent)
    {
        long bytes = (long)count << FrameExtent.FrameShift;
        long limit = isCache ? Total : Promisable;
        while (true)
        {
            if (TryCharge(bytes, limit))
            {
                if (_frames.TryAllocate(count, out extent))
                    return true;
                Interlocked.Add(ref _used, -bytes);
                if (count > 1)
                    return false;
            }

            extent = default;
            if (Cache.Reclaim(Math.Max(count, Math.Min(ReclaimBatch, Total >> (FrameExtent.FrameShift + 4))), mayWait: true) < count)
                return false;
        }
    }

    /// <summary>Takes adjacent zeroed frames where a quarter of all memory stays free, with whatever locks: for what can do without.</summary>
    public bool TryAllocateAtOnce(int count, out FrameExtent extent)
    {
        extent = default;
        long bytes = (long)count << FrameExtent.FrameShift;
        if (!TryCharge(bytes, Total / 4 * 3))
            return false;
        if (_frames.TryAllocate(count, out extent))
            return true;
        Interlocked.Add(ref _used, -bytes);
        return false;
    }

    /// <summary>Gives frames back; no mapping of them may be left.</summary>
    public void Free(FrameExtent extent)
    {
        _frames.Free(extent);
        Interlocked.Add(ref _used, -extent.Length);
    }

    /// <summary>The bytes of allocated frames.</summary>
    public Span<byte> GetBytes(FrameExtent extent) => _frames.GetBytes(extent);

    /// <summary>
    /// Gives back pages of files, until so many bytes are free or no more can be: to be called without locks before
    /// <see cref="TryTakePrivate"/> is called with one.
    /// </summary>
    public void MakeRoom(long bytes)
    {
        long missing = bytes - (Promisable - Volatile.Read(ref _used));
        if (missing > 0 && bytes <= Promisable)
            Cache.Reclaim((missing >> FrameExtent.FrameShift) + 1, mayWait: true);
    }

    /// <summary>Takes memory for private pages, with whatever locks.</summary>
    public bool TryTakePrivate(ulong bytes)
    {
        if (!TryTake(bytes))
            return false;
        Interlocked.Add(ref _private, (long)bytes);
        return true;
    }

    /// <summary>Gives back what <see cref="TryTakePrivate"/> took.</summary>
    public void GivePrivate(ulong bytes)
    {
        Interlocked.Add(ref _private, -(long)bytes);
        Interlocked.Add(ref _used, -(long)bytes);
    }

    /// <summary>Takes memory for something that the kernel keeps for a program.</summary>
    public bool TryTakeKernel(long bytes)
    {
        if (Interlocked.Add(ref _kernel, bytes) <= Total / KernelShare && TryTake((ulong)bytes))
            return true;
        Interlocked.Add(ref _kernel, -bytes);
        return false;
    }

    /// <summary>Gives back what <see cref="TryTakeKernel"/> took.</summary>
    public void GiveKernel(long bytes)
    {
        Interlocked.Add(ref _kernel, -bytes);
        Interlocked.Add(ref _used, -bytes);
    }

    /// <inheritdoc/>
    bool IKernelMemory.TryTake(long bytes) => TryTakeKernel(bytes);

    /// <inheritdoc/>
    void IKernelMemory.Give(long bytes) => GiveKernel(bytes);

    private bool TryTake(ulong bytes)
    {
        if (bytes > (ulong)Promisable)
            return false;
        while (!TryCharge((long)bytes, Promisable))
        {
            long missing = Math.Max(1, ((long)bytes - (Promisable - Volatile.Read(ref _used))) >> FrameExtent.FrameShift);
            if (Cache.Reclaim(missing, mayWait: false) == 0)
                return false;
        }

        return true;
    }

    private bool TryCharge(long bytes, long limit)
    {
        if (Interlocked.Add(ref _used, bytes) <= limit)
            return true;
        Interlocked.Add(ref _used, -bytes);
        return false;
    }
}
