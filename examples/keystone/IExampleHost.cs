using System;
using Cloister.Sdk.Edge;

namespace Cloister.Examples;

/// <summary>What the examples' enclaves ask of their host, which is written in C (host.c) with the header made from this.</summary>
[EdgeInterface]
internal interface IExampleHost
{
    [EdgeCall(1)]
    void Print(ReadOnlySpan<byte> text);

    /// <summary>The sealed file, or nothing where there is none.</summary>
    [EdgeCall(2)]
    int Load(Span<byte> content);

    [EdgeCall(3)]
    void Store(ReadOnlySpan<byte> content);

    /// <summary>What the verifier sends so that a report is new.</summary>
    [EdgeCall(4)]
    int Challenge(Span<byte> challenge);

    [EdgeCall(5)]
    void Report(ReadOnlySpan<byte> report);

    [EdgeCall(6)]
    long Add(long left, long right);
}
