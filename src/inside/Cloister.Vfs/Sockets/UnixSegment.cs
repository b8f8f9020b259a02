using System;
using System.Numerics;
using System.Threading;
using Cloister.Nucleus;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Sockets;

/// <summary>What one send put into a socket's queue: a packet, or a piece of a stream, with what travels beside it. Pooled.</summary>
internal sealed class UnixSegment
{
    /// <summary>Largest piece of a stream, as Linux cuts them (SKB_MAX_HEAD and UNIX_SKB_FRAGS_SZ).</summary>
    public const int LargestPiece = LargestHead + FragmentBytes;

    private const int PageSize = 4096;
    private const int LargestHead = PageSize - SharedInfo;
    private const int FragmentBytes = 32768;

    // sizeof(struct skb_shared_info) and of struct sk_buff, aligned.
    private const int SharedInfo = 320;
    private const int Header = 256;

    // The largest head of a packet: SKB_MAX_ALLOC, four pages.
    private const int LargestPacketHead = (4 * PageSize) - SharedInfo;

    private int _users;

    public byte[] Data { get; private set; } = [];

    /// <summary>First byte that was not received yet.</summary>
    public int Start { get; set; }

    public int End { get; private set; }

    public int Length => End - Start;

    /// <summary>The socket that sent it, which pays for it until it is received.</summary>
    public UnixSocket? Sender { get; set; }

    /// <summary>Credentials of the sender, where it or the receiver wanted them passed.</summary>
    public PeerCredentials? Credentials { get; set; }

    /// <summary>Open files that travel with it.</summary>
    public PassedFiles? Files { get; set; }

    public UnixSegment? Next { get; set; }

    /// <summary>Bytes that it costs its sender of SO_SNDBUF: what Linux allocates for it (truesize).</summary>
    public int Charge { get; private set; }

    /// <summary>Who has paid for it with kernel memory; null where nobody had to.</summary>
    public IKernelMemory? Account { get; set; }

    /// <summary>Takes a segment with room for some bytes.</summary>
    public static UnixSegment Take(FilePools pools, int length, bool isStream)
    {
        ObjectPool<UnixSegment> pool = length <= PageSize ? pools.SmallSegments : pools.LargeSegments;
        UnixSegment segment = pool.Take();
        if (segment.Data.Length < length)
            segment.Data = new byte[length <= PageSize ? RoundUp(Math.Max(length, 1)) : Math.Max(length, LargestPiece)];
        segment.Start = 0;
        segment.End = length;
        segment.Charge = ChargeOf(length, isStream);
        segment._users = 1;
        return segment;
    }

    /// <summary>One more looks at it (MSG_PEEK), without a lock.</summary>
    public void AddUser() => Interlocked.Increment(ref _users);

    /// <summary>Nobody needs it any more, as far as the caller knows.</summary>
    public void Drop(FilePools pools)
    {
        if (Interlocked.Decrement(ref _users) != 0)
            return;
        Account?.Give(Charge);
        Account = null;
        Sender = null;
        Credentials = null;
        Files = null;
        Next = null;
        if (Data.Length <= PageSize)
            pools.SmallSegments.Give(this);
        else if (Data.Length <= LargestPiece)
            pools.LargeSegments.Give(this);
    }

    /// <summary>Fetches its bytes; EFAULT unless all are there.</summary>
    public Errno Fill(IIoBuffer buffer) => buffer.Fetch(Data.AsSpan(0, End)) == End ? Errno.Success : Errno.EFAULT;

    /// <summary>What a segment of some bytes costs.</summary>
    public static int ChargeOf(int length, bool isStream)
    {
        int inPages = Math.Max(0, length - (isStream ? LargestHead : LargestPacketHead));
        inPages = Math.Min(length, (inPages + PageSize - 1) & -PageSize);
        int head = ((length - inPages + 63) & -64) + SharedInfo;
        return Header + RoundUp(head) + ((inPages + PageSize - 1) & -PageSize);
    }

    private static int RoundUp(int size) => (int)BitOperations.RoundUpToPowerOf2((uint)size);
}
