using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Text;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot;

/// <summary>The list of what a program contains: bytes and names of methods, and of types' descriptors.</summary>
public static class MapFile
{
    public static string Write(Compilation compilation, Target target, string program)
    {
        Dictionary<string, long> sizes = Sizes(target, program);
        var lines = new List<(long Size, string Text)>();
        // Methods with equal bodies are one; the first of them stands for all.
        foreach ((MethodDesc method, MethodFacts facts) in compilation.Methods.DistinctBy(pair => pair.Value.CName))
            if (sizes.TryGetValue(facts.CName, out long size))
                lines.Add((size, "method " + method));
        foreach ((TypeDesc type, TypeFacts facts) in compilation.Types)
            if (sizes.TryGetValue("T" + facts.Number, out long size))
                lines.Add((size, "type   " + type));
        var text = new StringBuilder();
        foreach ((long size, string line) in lines.OrderByDescending(line => line.Size).ThenBy(line => line.Text, StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"{size,8} {line}\n");
        return text.ToString();
    }

    private static Dictionary<string, long> Sizes(Target target, string program)
    {
        var start = new ProcessStartInfo(target.Compiler[..^3] + "nm", ["--print-size", program]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string[] lines = process.StandardOutput.ReadToEnd().Split('\n');
        process.WaitForExit();
        var sizes = new Dictionary<string, long>();
        foreach (string[] fields in lines.Select(line => line.Split(' ')).Where(fields => fields.Length == 4))
            sizes[fields[3]] = long.Parse(fields[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return sizes;
    }
}
