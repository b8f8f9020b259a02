using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Threading;
using Cloister.Hal;
using Cloister.Hal.HostProtocol;

namespace Cloister.HostPort.Tests;

/// <summary>A host that is called directly, serves as an honest one does, and then spoils answers, records and data.</summary>
internal sealed class LyingDirectHost(IDirectHost honest, int seed) : IDirectHost
{
    private readonly Random _random = new(seed);

    public bool IsLying { get; set; }

    public bool TryServe(in SubmissionEntry request, Span<byte> data, out CompletionEntry answer)
    {
        if (!honest.TryServe(request, data, out answer))
            return false;
        if (IsLying)
        {
            Spoil(MemoryMarshal.AsBytes(new Span<CompletionEntry>(ref answer))[8..32]);
            if (_random.Next(2) == 0)
                answer.Error = 0;
            if (_random.Next(2) == 0)
                Spoil(data[..Math.Min(data.Length, 400)]);
        }

        return true;
    }

    public IHostWait CreateWait() => new Wait(this);

    private void Spoil(Span<byte> target)
    {
        for (int i = _random.Next(1, 4); i > 0 && target.Length >= 8; i--)
        {
            int place = _random.Next(target.Length / 4) * 4;
            uint value = _random.Next(3) switch
            {
                0 => (uint)_random.Next(),
                1 => uint.MaxValue,
                _ => 1u << _random.Next(32),
            };
            BinaryPrimitives.WriteUInt32LittleEndian(target[place..], value);
        }
    }

    /// <summary>Comes back with changes of sockets that nobody has, more of them than there is room for.</summary>
    private sealed class Wait(LyingDirectHost host) : IHostWait
    {
        public void WaitForAny(ReadOnlySpan<ReadinessRecord> wanted, long deadline) => Thread.Yield();

        public int WaitForGroup(uint group, Span<ReadinessRecord> changed, long deadline)
        {
            host.Spoil(MemoryMarshal.AsBytes(changed));
            return host._random.Next(3) switch
            {
                0 => -1,
                1 => int.MaxValue,
                _ => changed.Length,
            };
        }

        public void Wake(uint group)
        {
        }

        public void Dispose()
        {
        }
    }
}
