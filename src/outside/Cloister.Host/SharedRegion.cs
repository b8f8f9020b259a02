using System;
using Cloister.Hal.HostProtocol;
using Cloister.Host.Native;

namespace Cloister.Host;

/// <summary>The memory shared by enclave and host, laid out by <see cref="HostRegionLayout"/>.</summary>
public sealed unsafe class SharedRegion : IDisposable
{
    private byte* _start;
    private readonly bool _owned;

    /// <summary>Maps fresh memory. Pages that are never used cost nothing.</summary>
    public SharedRegion()
    {
        nint address = Libc.MMap(
            0,
            HostRegionLayout.RegionLength,
            Constants.PROT_READ | Constants.PROT_WRITE,
            Constants.MAP_SHARED | Constants.MAP_ANONYMOUS | Constants.MAP_NORESERVE,
            -1,
            0);
        if (address == -1)
            throw new HostException($"No memory for the rings between host and enclave: {Failure.Last}.");
        _start = (byte*)address;
        _owned = true;
    }

    /// <summary>Uses memory that somebody else has mapped, at least <see cref="HostRegionLayout.RegionLength"/> bytes.</summary>
    public SharedRegion(nint address) => _start = (byte*)address;

    /// <summary>The bytes.</summary>
    public Span<byte> Bytes => new(_start, HostRegionLayout.RegionLength);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_owned && _start is not null)
            Libc.MUnmap((nint)_start, HostRegionLayout.RegionLength);
        _start = null;
    }
}
