using System;
using Cloister.Hal;

namespace Cloister.Host;

/// <summary>Serves the rings of a region.</summary>
public interface IRingServer
{
    /// <summary>Gets the region before the first request.</summary>
    /// <param name="region">The shared memory.</param>
    /// <param name="completed">To be called after requests were completed outside of <see cref="Serve"/>; any thread.</param>
    void Start(SharedRegion region, Action completed);

    /// <summary>As the other.</summary>
    /// <param name="region">The shared memory.</param>
    /// <param name="completed">As above.</param>
    /// <param name="deliver">To be called instead by a thread with nothing better to do, for answers that somebody waits for.</param>
    void Start(SharedRegion region, Action completed, Action deliver) => Start(region, completed);

    /// <summary>Serves the submissions there are, on the calling thread, except for those that may wait.</summary>
    void Serve();
}

/// <summary>A host port whose host is an object in the same process: the <c>process</c> platform, and tests.</summary>
public sealed class LoopbackHostPort : IHostPort
{
    private readonly SharedRegion _region;
    private readonly IRingServer _server;
    private volatile IParker? _completions;
    private volatile Action? _deliver;

    /// <summary>Connects a region with who serves it.</summary>
    /// <param name="region">The region.</param>
    /// <param name="server">Who serves its rings.</param>
    /// <param name="direct">The same for callers without rings; null where there are to be none.</param>
    public LoopbackHostPort(SharedRegion region, IRingServer server, IDirectHost? direct = null)
    {
        Direct = direct;
        _region = region;
        _server = server;
        server.Start(region, () => _completions?.Unpark(), () => _deliver?.Invoke());
    }

    /// <inheritdoc/>
    public IDirectHost? Direct { get; }

    /// <inheritdoc/>
    public int Patience { get; init; } = 200;

    /// <inheritdoc/>
    public Span<byte> SharedMemory => _region.Bytes;

    /// <inheritdoc/>
    public void Ring() => _server.Serve();

    /// <inheritdoc/>
    public void Attach(IParker completions) => _completions = completions;

    /// <inheritdoc/>
    public void Attach(IParker completions, Action deliver)
    {
        _completions = completions;
        _deliver = deliver;
    }
}
