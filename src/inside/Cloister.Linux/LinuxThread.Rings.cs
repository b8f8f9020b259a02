using System;
using System.Threading;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Linux.Memory;

namespace Cloister.Linux;

// What operations of rings need of the thread that makes them.
public sealed partial class LinuxThread
{
    private bool _mayNotWait;

    /// <summary>Whether the kernel made the thread for operations of rings: it has no program, isn't in its process's list, and gets no signals.</summary>
    internal bool IsRingWorker { get; init; }

    /// <summary>
    /// Makes waits end at once, as if a signal had come: how an operation is tried that shall go on later where it would have to wait.
    /// </summary>
    internal bool MayNotWait
    {
        get => Volatile.Read(ref _mayNotWait);
        set => Volatile.Write(ref _mayNotWait, value);
    }

    /// <summary>Keeps the vector that <see cref="Vector"/> has read.</summary>
    internal int SaveVector(ref IoVector[] into) => _buffers.Save(ref into);

    /// <summary>A vector that was kept, as the buffer of a transfer.</summary>
    internal IIoBuffer SavedVector(ReadOnlySpan<IoVector> saved)
    {
        _buffers.SetSaved(saved);
        return _buffers;
    }

    /// <summary>Rings by their number in io_uring_enter(2), which spares the look into the table of descriptors; null without any.</summary>
    internal IOpenFile?[]? RegisteredRings { get; set; }

    /// <summary>Gives the registered rings back: the thread or its program ends.</summary>
    internal void ReleaseRegisteredRings()
    {
        if (RegisteredRings is not { } rings)
            return;
        RegisteredRings = null;
        foreach (IOpenFile? ring in rings)
            ring?.Release();
    }
}
