using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Hal.HostProtocol;
using Cloister.Host;

namespace Cloister.HostPort.Tests;

/// <summary>
/// Serves requests as an honest host does, then spoils what it wrote before the enclave reads it. Ids stay as they are:
/// a request without an answer would wait for ever, which a host can always bring about.
/// </summary>
internal sealed class LyingHost(IRingServer honest, int seed) : IRingServer
{
    private static readonly ulong[] s_extremes =
        [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, ulong.MaxValue];

    private readonly Random _random = new(seed);
    private SharedRegion? _region;
    private uint _seen;

    public bool IsLying { get; set; }

    public void Start(SharedRegion region, Action completed)
    {
        _region = region;
        honest.Start(region, completed);
    }

    public void Serve()
    {
        honest.Serve();
        Span<byte> region = _region!.Bytes;
        uint tail = Volatile.Read(ref HostRegionLayout.GetWord(region, HostRegionLayout.CompletionTail));
        for (; _seen != tail; _seen++)
        {
            if (!IsLying)
                continue;
            Span<byte> completion = HostRegionLayout.GetCompletion(region, _seen);
            int slot = (int)(MemoryMarshal.Read<CompletionEntry>(completion).Id & 0xFFFF);
            if (slot < HostRegionLayout.SlotCount)
                Spoil(completion[8..32], HostRegionLayout.GetSlot(region, slot)[..400]);
        }
    }

    private void Spoil(Span<byte> completion, Span<byte> data)
    {
        int kind = _random.Next(4);
        // Most lies are told without an error, or the rest wouldn't be looked at.
        if (kind != 0)
            completion[..4].Clear();
        Span<byte> target = kind < 2 ? completion : data;
        for (int i = _random.Next(1, 6); i > 0; i--)
        {
            int place = _random.Next(target.Length / 4) * 4;
            if (_random.Next(2) == 0)
                target[place + _random.Next(4)] ^= (byte)(1 << _random.Next(8));
            else if (_random.Next(2) == 0)
                BinaryPrimitives.WriteUInt32LittleEndian(target[place..], (uint)s_extremes[_random.Next(s_extremes.Length)]);
            else if (place + 8 <= target.Length)
                BinaryPrimitives.WriteUInt64LittleEndian(target[place..], s_extremes[_random.Next(s_extremes.Length)]);
        }

        if (kind == 3)
            completion[..4].Clear();
    }
}
