using System.Runtime.InteropServices;

namespace Cloister.Abi.Rings;

/// <summary>struct io_uring_params.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct RingParameters
{
    public uint SubmissionEntries;
    public uint CompletionEntries;
    public RingSetupFlags Flags;
    public uint PollingCpu;
    public uint PollingIdle;
    public RingFeatures Features;
    public uint WorkerRing;
    public uint Reserved0;
    public uint Reserved1;
    public uint Reserved2;
    public SubmissionRingOffsets Submission;
    public CompletionRingOffsets Completion;
}

/// <summary>struct io_sqring_offsets.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SubmissionRingOffsets
{
    public uint Head;
    public uint Tail;
    public uint Mask;
    public uint Entries;
    public uint Flags;
    public uint Dropped;
    public uint Array;
    public uint Reserved;
    public ulong UserAddress;
}

/// <summary>struct io_cqring_offsets.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct CompletionRingOffsets
{
    public uint Head;
    public uint Tail;
    public uint Mask;
    public uint Entries;
    public uint Overflow;
    public uint Completions;
    public uint Flags;
    public uint Reserved;
    public ulong UserAddress;
}

/// <summary>The first 64 bytes of struct io_uring_sqe. What a field means beside its first name depends on the operation.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SubmissionEntry
{
    public RingOperation Operation;
    public SubmissionFlags Flags;
    public ushort Priority;
    public int Descriptor;

    /// <summary>off, and addr2.</summary>
    public ulong Offset;

    /// <summary>addr, and splice_off_in.</summary>
    public ulong Address;
    public uint Length;

    /// <summary>rw_flags, and the flags of the other operations.</summary>
    public uint OperationFlags;
    public ulong UserData;

    /// <summary>buf_index, and buf_group.</summary>
    public ushort Buffer;
    public ushort Personality;

    /// <summary>splice_fd_in, and file_index.</summary>
    public int SecondDescriptor;

    /// <summary>addr3.</summary>
    public ulong ThirdAddress;
    public ulong Reserved;

    /// <summary>Size of the structure, in bytes.</summary>
    public const int Size = 64;
}

/// <summary>struct io_uring_cqe.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct CompletionQueueEntry
{
    public ulong UserData;
    public int Result;
    public CompletionFlags Flags;

    /// <summary>Size of the structure, in bytes.</summary>
    public const int Size = 16;
}

/// <summary>struct io_uring_getevents_arg.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct RingWaitArgument
{
    public ulong SignalMask;
    public uint SignalMaskSize;
    public uint Reserved;
    public ulong Timeout;

    /// <summary>Size of the structure, in bytes.</summary>
    public const int Size = 24;
}

/// <summary>struct io_uring_rsrc_register.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ResourceRegistration
{
    public uint Count;
    public uint Flags;
    public ulong Reserved;
    public ulong Data;
    public ulong Tags;

    /// <summary>Size of the structure, in bytes.</summary>
    public const int Size = 32;
}

/// <summary>struct io_uring_rsrc_update2, of which struct io_uring_rsrc_update is the beginning.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ResourceUpdate
{
    public uint Offset;
    public uint Reserved;
    public ulong Data;
    public ulong Tags;
    public uint Count;
    public uint Reserved2;

    /// <summary>Size of struct io_uring_rsrc_update.</summary>
    public const int ShortSize = 16;

    /// <summary>Size of the structure, in bytes.</summary>
    public const int Size = 32;
}

/// <summary>struct io_uring_buf: an entry of a ring of buffers, or its head with the tail in the last field.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ProvidedBuffer
{
    public ulong Address;
    public uint Length;
    public ushort Id;

    /// <summary>In the first entry the ring's tail, else reserved.</summary>
    public ushort Tail;

    /// <summary>Size of the structure, in bytes.</summary>
    public const int Size = 16;

    /// <summary>Where the tail lies in the first entry.</summary>
    public const int TailOffset = 14;
}

/// <summary>struct io_uring_buf_reg.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct BufferRingRegistration
{
    public ulong RingAddress;
    public uint Entries;
    public ushort Group;
    public ushort Flags;
    public ulong Reserved0;
    public ulong Reserved1;
    public ulong Reserved2;
}

/// <summary>struct io_uring_sync_cancel_reg.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SynchronousCancel
{
    public ulong Address;
    public int Descriptor;
    public RingCancelFlags Flags;
    public long Seconds;
    public long Nanoseconds;
    public ulong Reserved0;
    public ulong Reserved1;
    public ulong Reserved2;
    public ulong Reserved3;
}

/// <summary>struct io_uring_restriction.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct RingRestriction
{
    public ushort Kind;
    public byte Value;
    public byte Reserved;
    public uint Reserved0;
    public uint Reserved1;
    public uint Reserved2;

    /// <summary>Size of the structure, in bytes.</summary>
    public const int Size = 16;
}
