using System;
using System.Collections.Generic;
using Cloister.Examples;
using Cloister.Sdk.Enclave;

// An enclave in C#: it prints, and asks its host for a sum, which it checks, as the host may lie.
Console.WriteLine("Hello from an enclave.");
IExampleHost host = new ExampleHostProxy(new HostTransport());
var numbers = new List<long>();
for (long i = 1; i <= 3; i++)
{
    long sum = host.Add(i, i * 10);
    if (sum != i * 11)
        return 1;
    numbers.Add(sum);
}

Console.WriteLine($"The host added: {string.Join(", ", numbers)}.");
Console.WriteLine(HostCalls.Call(63, default, default) < 0 ? "It has no function 63." : "It lies.");
return 42;
