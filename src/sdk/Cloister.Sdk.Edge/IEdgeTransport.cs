using System;

namespace Cloister.Sdk.Edge;

/// <summary>Brings calls to the other side, as bytes.</summary>
public interface IEdgeTransport
{
    /// <summary>Calls.</summary>
    /// <param name="number">Which function.</param>
    /// <param name="argument">What it gets.</param>
    /// <param name="result">Gets what it gives.</param>
    /// <returns>The bytes that it gave, at most as many as there is room for; -1 where the call was refused, or the answer can't be right.</returns>
    int Call(int number, ReadOnlySpan<byte> argument, Span<byte> result);
}

/// <summary>The other side refused a call, or what it answered can't be an answer.</summary>
/// <param name="method">The method that was called.</param>
public sealed class EdgeException(string method) : Exception("The host refused " + method + ", or answered what can't be right.");
