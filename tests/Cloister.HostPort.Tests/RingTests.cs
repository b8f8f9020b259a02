using System;
using Cloister.Hal.HostProtocol;
using Cloister.Nucleus.HostCalls;
using Xunit;

namespace Cloister.HostPort.Tests;

/// <summary>The enclave's end of the rings keeps its rules whatever the host does, and each rule is needed.</summary>
public sealed class RingTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(2, 0u)]
    [InlineData(3, 0u)]
    [InlineData(2, uint.MaxValue - 1)]
    [InlineData(3, uint.MaxValue - 1)]
    public void No_host_breaks_a_rule(int size, uint firstHead)
    {
        var explorer = new RingExplorer(size, firstHead, (entries, head, memory) => new ExploredRing(entries, head, memory));
        string? problem = explorer.Run();
        output.WriteLine($"{size} entries from {firstHead}: {explorer.States} states, {explorer.Steps} steps");
        Assert.Null(problem);
        Assert.Equal((int)Math.Pow(4, size), explorer.States);
    }

    [Theory]
    [InlineData("bound", "entries were taken")]
    [InlineData("generation", "has the answer of another one")]
    [InlineData("in flight", "answered without being in flight")]
    [InlineData("once", "counted as dropped")]
    [InlineData("one read", "entries were read")]
    [InlineData("known", "an exception")]
    [InlineData("goes on", "can't be answered any more")]
    public void A_ring_without_one_of_the_rules_is_found(string rule, string problem)
    {
        var explorer = new RingExplorer(2, 0, (entries, head, memory) => new PlantedRing(entries, head, memory, rule));
        string? found = explorer.Run();
        output.WriteLine($"{rule}: {found} ({explorer.States} states, {explorer.Steps} steps)");
        Assert.Contains(problem, found);
    }

    /// <summary>A ring with a planted bug.</summary>
    private sealed class PlantedRing(uint size, uint head, HostMemory memory, string rule) : ExploredRing(size, head, memory)
    {
        private bool _isBroken;

        protected override bool IsPossible(uint count)
        {
            switch (rule)
            {
                case "bound":
                    return true;
                case "goes on":
                    _isBroken |= !base.IsPossible(count);
                    return !_isBroken;
                default:
                    return base.IsPossible(count);
            }
        }

        protected override PendingCall? Find(ReadOnlySpan<PendingCall> pending, ulong id) =>
            rule == "known" ? pending[(int)(id & PendingCall.IndexMask)] : base.Find(pending, id);

        protected override bool Deliver(PendingCall pending, in CompletionEntry answer)
        {
            switch (rule)
            {
                case "generation":
                    return pending.TryDeliver(answer with { Id = pending.Id });
                case "in flight" when pending.State == PendingCall.Free && answer.Id == pending.Id:
                    pending.TryBegin();
                    return pending.TryDeliver(answer with { Id = pending.Id });
                case "once" when pending.State == PendingCall.Done && answer.Id == pending.Id:
                    pending.Answer = answer;
                    return true;
                case "one read":
                    return pending.TryDeliver(Memory.ReadEntry());
                default:
                    return pending.TryDeliver(answer);
            }
        }
    }
}
