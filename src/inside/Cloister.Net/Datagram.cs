using Cloister.Contracts;
using Cloister.Contracts.Network;

namespace Cloister.Net;

/// <summary>A datagram on its way inside.</summary>
internal sealed class Datagram(byte[] bytes, NetworkEndpoint sender, NetworkAddress to, int typeOfService, int timeToLive, long time, IKernelMemory account)
{
    // What Linux counts for a small packet besides its bytes (sizeof(struct sk_buff) and of struct skb_shared_info).
    private const int Overhead = 576;

    public byte[] Bytes => bytes;

    public NetworkEndpoint From => sender;

    public NetworkAddress To => to;

    public int TypeOfService => typeOfService;

    public int TimeToLive => timeToLive;

    /// <summary>When it was sent, in nanoseconds since 1970.</summary>
    public long Time => time;

    public IKernelMemory Account => account;

    /// <summary>What it costs of the receiver's SO_RCVBUF.</summary>
    public int Charge => bytes.Length + Overhead;
}
