using System;
using Cloister.Monitor.Enclaves;
using Xunit;

namespace Cloister.Monitor.Tests;

/// <summary>Plans of physical memory protection for many enclaves of all sizes, asked at random addresses.</summary>
public sealed class PlanTests
{
    [Fact]
    public void PlansGiveWhatTheTableSays()
    {
        var random = new Random(8);
        Assert.True(MemoryRange.TryCreate(0x8000_0000, 1ul << 32, out MemoryRange memory));
        Assert.True(MemoryRange.TryCreate(0x8000_0000, 2 << 20, out MemoryRange monitor));
        int full = 0, refused = 0;
        for (int round = 0; round < 2000; round++)
        {
            EnclaveTable table = default;
            for (int i = 0; i < 20; i++)
            {
                ulong size = (ulong)random.Next(1, 65) << random.Next(12, 22);
                ulong start = 0x8000_0000 + ((ulong)random.NextInt64(1L << 32) & ~(ulong)(random.Next(2) == 0 ? 4095 : (1 << 22) - 1));
                // Often a neighbour of one that is there.
                if (random.Next(2) == 0 && i > 0 && table[random.Next(i) % 16] is { State: not EnclaveState.Free } neighbour)
                    start = neighbour.Private.End;
                if (!MemoryRange.TryCreate(start, size, out MemoryRange own) ||
                    !MemoryRange.TryCreate(0x8000_0000 + ((ulong)random.NextInt64(1L << 32) & ~4095ul), 8192, out MemoryRange shared))
                    continue;
                switch (table.Reserve(memory, monitor, own, shared, out int id))
                {
                    case KeystoneError.Success:
                        table.FinishMeasuring(id);
                        if (random.Next(4) == 0)
                            table.Run((ulong)id, random.Next(8));
                        break;
                    case KeystoneError.ProtectionFailure: refused++; break;
                    case KeystoneError.NoFreeResource: full++; break;
                }
            }

            for (int hart = 0; hart < 8; hart++)
            {
                ProtectionPlan plan = ProtectionPlan.Make(in table, monitor, hart);
                Assert.Null(Invariants.FindBrokenPlan(in table, monitor, table.Running(hart), in plan));
                for (int i = 0; i < 50; i++)
                {
                    ulong address = 0x8000_0000 + (ulong)random.NextInt64(1L << 32);
                    if (!monitor.Contains(address))
                        Assert.Null(Invariants.FindBrokenAddress(in table, table.Running(hart), in plan, address));
                }
            }
        }

        Assert.True(refused > 0, "no table was ever too much for the entries");
    }
}
