using System;
using Cloister.Sdk.Edge;

namespace Cloister.Sdk.Enclave;

/// <summary>Calls of generated proxies, by <see cref="HostCalls"/>.</summary>
public sealed class HostTransport : IEdgeTransport
{
    /// <inheritdoc/>
    public int Call(int number, ReadOnlySpan<byte> argument, Span<byte> result) => HostCalls.Call(number, argument, result);
}
