using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using Cloister.Monitor.Enclaves;
using Xunit;

namespace Cloister.Monitor.Tests;

/// <summary>
/// Every state that the table of enclaves can come to, on a machine of a few pages and two harts, whatever host and enclaves call; and for each
/// invariant a fault that breaks it, to see that it is found.
/// </summary>
public sealed class ModelTests(ITestOutputHelper output)
{
    private const int Harts = 2;
    private const ulong Page = 4096;

    private static readonly MemoryRange s_memory = Range(0, 7);
    private static readonly MemoryRange s_monitor = Range(0, 1);

    private static MemoryRange Range(ulong first, ulong pages)
    {
        Assert.True(MemoryRange.TryCreate(0x8000_0000 + first * Page, pages * Page, out MemoryRange range));
        return range;
    }

    [Fact]
    public void NoSequenceOfCallsBreaksAnInvariant()
    {
        (string? broken, int states, long calls) = Explore(Step, Plan);
        output.WriteLine($"{states:N0} states, {calls:N0} calls, {Harts} harts, {s_memory.Size / Page} pages, one of them the monitor's");
        Assert.Null(broken);
        Assert.InRange(states, 10_000, 1_000_000);
    }

    [Theory]
    [InlineData("create looks at no other enclave", "two enclaves have the same memory")]
    [InlineData("create takes the monitor's memory", "an enclave has memory of the monitor")]
    [InlineData("create shares what the enclave owns", "an enclave shares its own memory")]
    [InlineData("create takes what is no memory", "an enclave has memory that isn't pages of RAM")]
    [InlineData("leave forgets the hart", "an enclave's state isn't that of its hart")]
    [InlineData("resume takes a running enclave", "an enclave runs on two harts")]
    [InlineData("resume takes one that has exited", "Exited became Running")]
    [InlineData("run takes one that isn't measured", "Measuring became Running")]
    [InlineData("destroy erases nothing", "Stopped became Free")]
    [InlineData("destroy takes a running enclave", "Running became Destroying")]
    [InlineData("the host's plan leaves an enclave out", "the host reaches an enclave's memory")]
    [InlineData("the plan leaves the monitor out", "the monitor's memory isn't closed")]
    [InlineData("an enclave's plan is open", "an enclave reaches memory of the host that it doesn't share")]
    [InlineData("an enclave's plan has another's memory", "an enclave reaches another's memory")]
    [InlineData("an enclave's plan leaves shared memory out", "an enclave doesn't reach its memory")]
    public void PlantedFaultIsFound(string fault, string invariant)
    {
        (string? broken, _, _) = Explore((table, call) => Faults.Step(fault, table, call), (table, hart) => Faults.Plan(fault, table, hart));
        Assert.Equal(invariant, broken);
    }

    // Which states may follow each other.
    private static readonly HashSet<(EnclaveState, EnclaveState)> s_transitions =
    [
        (EnclaveState.Free, EnclaveState.Measuring), (EnclaveState.Measuring, EnclaveState.Fresh), (EnclaveState.Fresh, EnclaveState.Running),
        (EnclaveState.Running, EnclaveState.Stopped), (EnclaveState.Running, EnclaveState.Exited), (EnclaveState.Stopped, EnclaveState.Running),
        (EnclaveState.Fresh, EnclaveState.Destroying), (EnclaveState.Stopped, EnclaveState.Destroying),
        (EnclaveState.Exited, EnclaveState.Destroying), (EnclaveState.Destroying, EnclaveState.Free),
    ];

    private static (string? Broken, int States, long Calls) Explore(Func<EnclaveTable, Call, EnclaveTable> step,
        Func<EnclaveTable, int, ProtectionPlan> plan)
    {
        Call[] calls = [.. AllCalls()];
        var seen = new HashSet<State> { new(default) };
        var queue = new Queue<EnclaveTable>([default]);
        long count = 0;
        while (queue.TryDequeue(out EnclaveTable table))
        {
            foreach (Call call in calls)
            {
                count++;
                EnclaveTable next = step(table, call);
                // Which states follow each other shows on the way, also to a state that is known.
                if (FindForbidden(in table, in next) is { } forbidden)
                    return (forbidden, seen.Count, count);
                if (!seen.Add(new State(next)))
                    continue;
                if (FindBroken(in next, plan) is { } broken)
                    return (broken, seen.Count, count);
                queue.Enqueue(next);
            }
        }

        return (null, seen.Count, count);
    }

    private static string? FindForbidden(in EnclaveTable before, in EnclaveTable after)
    {
        // No more than three enclaves fit into these pages.
        for (int id = 0; id < 4; id++)
            if (before[id].State != after[id].State && !s_transitions.Contains((before[id].State, after[id].State)))
                return $"{before[id].State} became {after[id].State}";
        return null;
    }

    private static string? FindBroken(in EnclaveTable after, Func<EnclaveTable, int, ProtectionPlan> plan)
    {
        if ((Invariants.FindBrokenRegions(in after, s_memory, s_monitor) ?? Invariants.FindBrokenHarts(in after, Harts)) is { } broken)
            return broken;
        for (int hart = 0; hart < Harts; hart++)
        {
            ProtectionPlan made = plan(after, hart);
            if (Invariants.FindBrokenPlan(in after, s_monitor, after.Running(hart), in made) is { } brokenPlan)
                return brokenPlan;
            // Every page, and not only the ends of ranges.
            for (ulong address = s_memory.Start + Page / 2; address < s_memory.End; address += Page)
                if (!s_monitor.Contains(address) &&
                    Invariants.FindBrokenAddress(in after, after.Running(hart), in made, address) is { } brokenAddress)
                    return brokenAddress;
        }

        return null;
    }

    private static EnclaveTable Step(EnclaveTable table, Call call)
    {
        switch (call.Kind)
        {
            case CallKind.Create: table.Reserve(s_memory, s_monitor, call.Own, call.Shared, out _); break;
            case CallKind.FinishMeasuring when table[call.Id].State == EnclaveState.Measuring: table.FinishMeasuring(call.Id); break;
            case CallKind.Run: table.Run((ulong)call.Id, call.Hart); break;
            case CallKind.Resume: table.Resume((ulong)call.Id, call.Hart); break;
            case CallKind.Stop: table.Leave(call.Hart, hasEnded: false); break;
            case CallKind.Exit: table.Leave(call.Hart, hasEnded: true); break;
            case CallKind.Destroy: table.Destroy((ulong)call.Id); break;
            case CallKind.FinishDestroying when table[call.Id].State == EnclaveState.Destroying: table.FinishDestroying(call.Id); break;
        }

        return table;
    }

    private static ProtectionPlan Plan(EnclaveTable table, int hart) => ProtectionPlan.Make(in table, s_monitor, hart);

    private enum CallKind { Create, FinishMeasuring, Run, Resume, Stop, Exit, Destroy, FinishDestroying }

    private readonly record struct Call(CallKind Kind, int Id = 0, int Hart = 0, MemoryRange Own = default, MemoryRange Shared = default);

    // One page is behind the end of memory, one is the monitor's.
    private static IEnumerable<Call> AllCalls()
    {
        for (ulong first = 0; first < 8; first++)
            for (ulong pages = 1; pages <= 2; pages++)
                for (ulong shared = 0; shared < 8; shared++)
                    yield return new Call(CallKind.Create, Own: Range(first, pages), Shared: Range(shared, 1));
        for (int id = 0; id < 4; id++)
        {
            yield return new Call(CallKind.FinishMeasuring, id);
            yield return new Call(CallKind.Destroy, id);
            yield return new Call(CallKind.FinishDestroying, id);
            for (int hart = 0; hart < Harts; hart++)
            {
                yield return new Call(CallKind.Run, id, hart);
                yield return new Call(CallKind.Resume, id, hart);
            }
        }

        for (int hart = 0; hart < Harts; hart++)
        {
            yield return new Call(CallKind.Stop, Hart: hart);
            yield return new Call(CallKind.Exit, Hart: hart);
        }
    }

    // Tables compare by their bytes.
    private readonly struct State(EnclaveTable table) : IEquatable<State>
    {
        private readonly EnclaveTable _table = table;

        private ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in _table, 1));

        public bool Equals(State other) => Bytes.SequenceEqual(other.Bytes);

        public override bool Equals(object? obj) => obj is State other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.AddBytes(Bytes);
            return hash.ToHashCode();
        }
    }

    /// <summary>The model with one fault each.</summary>
    private static class Faults
    {
        public static EnclaveTable Step(string fault, EnclaveTable table, Call call)
        {
            EnclaveTable next = ModelTests.Step(table, call);
            EnclaveState state = table[call.Id].State;
            switch (fault, call.Kind)
            {
                case ("create looks at no other enclave", CallKind.Create):
                    EnclaveTable empty = default;
                    if (table[0].State != EnclaveState.Free && table[1].State == EnclaveState.Free &&
                        empty.Reserve(s_memory, s_monitor, call.Own, call.Shared, out _) == KeystoneError.Success)
                        return Put(table, 1, EnclaveState.Measuring, call.Own, call.Shared);
                    break;
                case ("create takes the monitor's memory", CallKind.Create) when call.Own.Overlaps(s_monitor) &&
                    !call.Own.Overlaps(call.Shared) && s_memory.Contains(call.Shared):
                case ("create shares what the enclave owns", CallKind.Create) when call.Own.Overlaps(call.Shared) &&
                    s_memory.Contains(call.Own) && !call.Own.Overlaps(s_monitor):
                case ("create takes what is no memory", CallKind.Create) when !s_memory.Contains(call.Own) && s_memory.Contains(call.Shared):
                    return table[0].State == EnclaveState.Free ? Put(table, 0, EnclaveState.Measuring, call.Own, call.Shared) : table;
                case ("leave forgets the hart", CallKind.Stop) when table.Running(call.Hart) >= 0:
                    return Put(table, table.Running(call.Hart), EnclaveState.Stopped);
                case ("resume takes a running enclave", CallKind.Resume) when state == EnclaveState.Running && table.Running(call.Hart) < 0:
                case ("resume takes one that has exited", CallKind.Resume) when state == EnclaveState.Exited && table.Running(call.Hart) < 0:
                case ("run takes one that isn't measured", CallKind.Run) when state == EnclaveState.Measuring && table.Running(call.Hart) < 0:
                    return PutRunning(Put(table, call.Id, EnclaveState.Running), call.Hart, call.Id);
                case ("destroy erases nothing", CallKind.Destroy) when state == EnclaveState.Stopped:
                    return Put(table, call.Id, EnclaveState.Free);
                case ("destroy takes a running enclave", CallKind.Destroy) when state == EnclaveState.Running:
                    return PutRunning(Put(table, call.Id, EnclaveState.Destroying), table.Running(0) == call.Id ? 0 : 1, -1);
            }

            return next;
        }

        public static ProtectionPlan Plan(string fault, EnclaveTable table, int hart)
        {
            int running = table.Running(hart);
            switch (fault)
            {
                case "the host's plan leaves an enclave out" when running < 0 && table[0].State == EnclaveState.Stopped:
                    return ModelTests.Plan(Put(table, 0, EnclaveState.Free), hart);
                case "the plan leaves the monitor out" when running < 0:
                    Assert.True(MemoryRange.TryCreate(s_memory.End, Page, out MemoryRange elsewhere));
                    return ProtectionPlan.Make(in table, elsewhere, hart);
                case "an enclave's plan is open" when running == 0 && table[1].State == EnclaveState.Free:
                    return ModelTests.Plan(Put(table, 0, EnclaveState.Running, table[0].Private, Range(1, 6)), hart);
                case "an enclave's plan has another's memory" when running == 0 && table[1].Private.Start == table[0].Private.End:
                    Assert.True(MemoryRange.TryCreate(table[0].Private.Start, table[1].Private.End - table[0].Private.Start, out MemoryRange both));
                    return ModelTests.Plan(Put(table, 0, EnclaveState.Running, both, table[0].Shared), hart);
                case "an enclave's plan leaves shared memory out" when running >= 0:
                    return ModelTests.Plan(Put(table, running, EnclaveState.Running, table[running].Private, Range(100, 1)), hart);
            }

            return ModelTests.Plan(table, hart);
        }

        // The table keeps its fields to itself: sixteen slots, then the enclave of each hart, plus one.
        private static EnclaveTable Put(EnclaveTable table, int id, EnclaveState state, MemoryRange own = default, MemoryRange shared = default)
        {
            Span<byte> bytes = MemoryMarshal.AsBytes(new Span<EnclaveTable>(ref table));
            ref EnclaveSlot slot = ref MemoryMarshal.Cast<byte, EnclaveSlot>(bytes[..(EnclaveTable.MaxEnclaves * Marshal.SizeOf<EnclaveSlot>())])[id];
            slot = state == EnclaveState.Free ? default : own.IsEmpty ? slot with { State = state }
                : new EnclaveSlot { State = state, Private = own, Shared = shared };
            return table;
        }

        private static EnclaveTable PutRunning(EnclaveTable table, int hart, int id)
        {
            Span<byte> bytes = MemoryMarshal.AsBytes(new Span<EnclaveTable>(ref table));
            MemoryMarshal.Cast<byte, int>(bytes[(EnclaveTable.MaxEnclaves * Marshal.SizeOf<EnclaveSlot>())..])[hart] = id + 1;
            return table;
        }
    }
}
