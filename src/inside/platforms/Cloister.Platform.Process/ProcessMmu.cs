using System.Threading;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>What the address spaces of this process have in common.</summary>
internal sealed class ProcessMmu
{
    private int _lastNumber;

    public ProcessMmu(Stubs stubs, ProcessFrames frames, UserAddressRange addresses, CallSiteStatistics statistics)
    {
        Stubs = stubs;
        Frames = frames;
        Addresses = addresses;
        CallSiteStatistics = statistics;
        HostMappings = new HostMappingBudget(stubs);
        PageMap = new HostPageMap(stubs);
        SavedPages = new SavedPagesPool(stubs);
        WriteTracking = new WriteTracking(stubs, PageMap);
    }

    public Stubs Stubs { get; }

    public ProcessFrames Frames { get; }

    public UserAddressRange Addresses { get; }

    public CallSiteStatistics CallSiteStatistics { get; }

    public KnownTexts KnownTexts { get; } = new();

    public HostMappingBudget HostMappings { get; }

    public HostPageMap PageMap { get; }

    public SavedPagesPool SavedPages { get; }

    public WriteTracking WriteTracking { get; }

    /// <summary>Makes an empty space; null where all home ranges are taken.</summary>
    public ProcessAddressSpace? CreateAddressSpace(IPageBudget budget) =>
        Addresses.TryTakeHome(out PageRange home) ? new ProcessAddressSpace(this, home, Interlocked.Increment(ref _lastNumber), budget) : null;
}
