using System;

namespace Cloister.Aot.Programs;

/// <summary>Runs every program; each is a method that prints. The output is to be the same on CoreCLR and everywhere else.</summary>
internal static class Program
{
    public static int Count;

    public static void Main()
    {
        Arithmetic.All();
        Conversions.All();
        Generics.All();
        Interfaces.All();
        Delegates.All();
        Exceptions.All();
        Structures.All();
        Spans.All();
        SpanTexts.All();
        Patterns.All();
        Text.All();
        Texts.All();
        Collections.All();
        Parts.All();
        Converting.All();
        Numbers.All();
        Formats.All();
        Mathematics.All();
        Lanes.All();
        Modern.All();
        Sorted.All();
        Encodings.All();
        Control.All();
        Filters.All();
        Refs.All();
        Statics.All();
        Memory.All();
        Arrays.All();
        Likely.All();
        Blocks.All();
        Checks.All();
        Threads.All();
        Durations.All();
        Console.WriteLine("programs: " + Count);
    }

    public static void Run(string name, Action program)
    {
        Count++;
        Console.WriteLine("== " + name);
        try
        {
            program();
        }
        catch (Exception exception)
        {
            Console.WriteLine("escaped: " + exception.GetType() + ": " + exception.Message);
        }
    }
}
