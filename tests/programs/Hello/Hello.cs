using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

// Threads, garbage collections, files, and an exception that the runtime makes of a fault.
Console.WriteLine("Hello from .NET " + Environment.Version.Major);
long[] sums = await Task.WhenAll(Enumerable.Range(0, 16).Select(n => Task.Run(() => Enumerable.Range(0, 100_000).Sum(i => (long)i % (n + 1)))));
Console.WriteLine(sums.Sum());
string file = Path.GetTempFileName();
File.WriteAllText(file, string.Join('\n', Enumerable.Range(0, 1000)));
Console.WriteLine(File.ReadLines(file).Count());
File.Delete(file);
for (int i = 0; i < 100; i++)
    GC.KeepAlive(new byte[1 << 20]);
GC.Collect();
string? text = args.Length > 100 ? "text" : null;
try
{
    Console.WriteLine(text!.Length);
}
catch (NullReferenceException)
{
    Console.WriteLine("null caught");
}
