using System;
using Cloister.Crypto;

namespace Cloister.Aot.Vectors;

/// <summary>Runs vectors of every algorithm and prints what came out, to be compared between CoreCLR, compiled programs and boards.</summary>
internal static class Program
{
    private static int s_wrong;

    public static int Main()
    {
        Symmetric.All();
        Hashing.All();
        Asymmetric.All();
        Console.WriteLine(s_wrong == 0 ? "all right" : s_wrong + " wrong");
        return s_wrong == 0 ? 0 : 1;
    }

    /// <summary>Runs a method on the fields of each vector.</summary>
    public static void Each(string[] vectors, Action<byte[][]> run)
    {
        foreach (string vector in vectors)
        {
            string[] fields = vector.Split('/');
            byte[][] bytes = new byte[fields.Length][];
            for (int i = 0; i < fields.Length; i++)
                bytes[i] = Convert.FromHexString(fields[i]);
            run(bytes);
        }
    }

    /// <summary>Prints a result and whether it is the expected one.</summary>
    public static void Report(string algorithm, ReadOnlySpan<byte> result, ReadOnlySpan<byte> expected)
    {
        bool isRight = result.SequenceEqual(expected);
        if (!isRight)
            s_wrong++;
        Console.WriteLine(algorithm + " " + Convert.ToHexStringLower(result) + (isRight ? "" : " WRONG"));
    }

    /// <summary>Prints a decision and whether it is the expected one.</summary>
    public static void Report(string algorithm, bool result, bool expected = true)
    {
        if (result != expected)
            s_wrong++;
        Console.WriteLine(algorithm + " " + (result ? "accepted" : "refused") + (result == expected ? "" : " WRONG"));
    }
}
