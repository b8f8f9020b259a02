using System;

namespace Cloister.Sdk.Edge;

/// <summary>
/// An interface whose methods an enclave calls of its host. A generator makes three classes of an interface IName: NameProxy for the enclave, which
/// checks what the host gives; NameDispatcher for a host, which checks what the enclave asks; and NameHeader, a header for a host in C.
/// </summary>
/// <remarks>
/// Parameters are int, uint, long and ulong, 8 bytes each, little-endian; the last may be a <see cref="ReadOnlySpan{T}"/> of bytes, which is the rest
/// of the argument. A result is one of these numbers; or the last parameter is a <see cref="Span{T}"/> of bytes, which is the result, and the method
/// returns as an int how many it has.
/// </remarks>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class EdgeInterfaceAttribute : Attribute;

/// <summary>A method of an <see cref="EdgeInterfaceAttribute">edge interface</see>: the number by which both sides know it.</summary>
/// <param name="number">From 1 to 63; 11 is Keystone's for forwarded system calls.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EdgeCallAttribute(int number) : Attribute
{
    /// <summary>The number.</summary>
    public int Number => number;
}
