using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Cloister.Sdk.Enclave;

// An enclave in C#: it prints, and asks its host for a sum, which it checks, as the host may lie.
const int Add = 6;

Console.WriteLine("Hello from an enclave.");
var numbers = new List<long>();
Span<byte> argument = stackalloc byte[16];
Span<byte> result = stackalloc byte[8];
for (long i = 1; i <= 3; i++)
{
    BinaryPrimitives.WriteInt64LittleEndian(argument, i);
    BinaryPrimitives.WriteInt64LittleEndian(argument[8..], i * 10);
    if (HostCalls.Call(Add, argument, result) != 8 || BinaryPrimitives.ReadInt64LittleEndian(result) != i * 11)
        return 1;
    numbers.Add(BinaryPrimitives.ReadInt64LittleEndian(result));
}

Console.WriteLine($"The host added: {string.Join(", ", numbers)}.");
Console.WriteLine(HostCalls.Call(63, default, default) < 0 ? "It has no function 63." : "It lies.");
return 42;
