using System;
using Cloister.Hal;
using Cloister.Hal.HostProtocol;

namespace Cloister.Host.Switchless;

/// <summary>A host that is called directly, with an exit for each call, each sleep and each wake-up.</summary>
public sealed class MeteredHost(IDirectHost host, ExitMeter meter) : IDirectHost
{
    /// <inheritdoc/>
    public bool TryServe(in SubmissionEntry request, Span<byte> data, out CompletionEntry answer)
    {
        if (!host.TryServe(request, data, out answer))
            return false;
        meter.Count(request.Operation);
        meter.Leave();
        return true;
    }

    /// <inheritdoc/>
    public IHostWait? CreateWait() => host.CreateWait() is { } wait ? new MeteredWait(wait, meter) : null;

    private sealed class MeteredWait(IHostWait wait, ExitMeter meter) : IHostWait
    {
        public void WaitForAny(ReadOnlySpan<ReadinessRecord> wanted, long deadline)
        {
            meter.Leave();
            wait.WaitForAny(wanted, deadline);
        }

        public int WaitForGroup(uint group, Span<ReadinessRecord> changed, long deadline)
        {
            meter.Leave();
            return wait.WaitForGroup(group, changed, deadline);
        }

        public void Wake(uint group)
        {
            meter.Leave();
            wait.Wake(group);
        }

        public void Dispose() => wait.Dispose();
    }
}
