using System;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Hal;
using Cloister.Nucleus;

namespace Cloister.Linux.Rings;

/// <summary>
/// Memory that a ring shares with programs. They may change any of it at any time: a word is read once, into a local, and checked there.
/// </summary>
internal sealed class RingMemory
{
    private readonly EnclaveMemory _memory;
    private readonly MemoryObject _object;
    private readonly int[] _frames;
    private readonly int[] _pins;
    private int _pinCount;

    private RingMemory(EnclaveMemory memory, MemoryObject pages, int count)
    {
        _memory = memory;
        _object = pages;
        _frames = new int[count];
        _pins = new int[count];
    }

    /// <summary>Bytes, whole pages.</summary>
    public ulong Length => (ulong)_frames.Length * FrameExtent.FrameSize;

    /// <summary>The pages, to be mapped.</summary>
    public MemoryObject Pages => _object;

    /// <summary>Makes zeroed memory, all of which is there until <see cref="Release"/>.</summary>
    /// <returns>Null where there is none left.</returns>
    public static RingMemory? TryCreate(EnclaveMemory memory, IKernelMemory account, int bytes)
    {
        int count = (bytes + FrameExtent.FrameSize - 1) / FrameExtent.FrameSize;
        if (!account.TryTake(MemoryObject.Weight))
            return null;
        var pages = new MemoryObject(memory) { MostPages = count, Account = account };
        var created = new RingMemory(memory, pages, count);
        for (int page = 0; page < count;)
        {
            if (pages.Pin(page, count - page, forStores: true, out FrameExtent run, out int pin) != Errno.Success)
            {
                created.Release();
                return null;
            }

            created._pins[created._pinCount++] = pin;
            for (int i = 0; i < run.Count; i++)
                created._frames[page++] = run.First + i;
        }

        return created;
    }

    /// <summary>Ends the kernel's use; the frames go with the last mapping.</summary>
    public void Release()
    {
        for (int i = 0; i < _pinCount; i++)
            _object.Unpin(_pins[i]);
        _pinCount = 0;
        _object.RemoveUser();
    }

    /// <summary>Reads a word once; what is read after it isn't older.</summary>
    public uint Load(int offset) => Volatile.Read(ref Word(offset));

    /// <summary>Stores a word when everything before is there.</summary>
    public void Store(int offset, uint value) => Volatile.Write(ref Word(offset), value);

    /// <summary>Sets bits of a word that the program may change too.</summary>
    public void Or(int offset, uint bits) => Interlocked.Or(ref Word(offset), bits);

    /// <summary>Clears bits likewise.</summary>
    public void AndNot(int offset, uint bits) => Interlocked.And(ref Word(offset), ~bits);

    /// <summary>Copies a structure, once. It doesn't cross a page.</summary>
    public T Read<T>(int offset)
        where T : unmanaged => MemoryMarshal.Read<T>(At(offset));

    /// <summary>Writes a structure. It doesn't cross a page.</summary>
    public void Write<T>(int offset, in T value)
        where T : unmanaged => MemoryMarshal.Write(At(offset), in value);

    private ref uint Word(int offset) => ref MemoryMarshal.AsRef<uint>(At(offset));

    private Span<byte> At(int offset)
    {
        var frame = new FrameExtent(_frames[offset >> FrameExtent.FrameShift], 1);
        return _memory.GetBytes(frame)[(offset & (FrameExtent.FrameSize - 1))..];
    }
}
