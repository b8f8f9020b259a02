using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot;

/// <summary>
/// The most stack that a program without recursion uses, from the C compiler's figures for each function (-fstack-usage). Methods that code outside
/// of the program calls begin on an empty stack, as the entry point does.
/// </summary>
/// <param name="Bytes">From the entry of the program to the deepest call.</param>
/// <param name="Path">The methods of the deepest call, the one first that is called from outside.</param>
public sealed record StackUsage(long Bytes, IReadOnlyList<MethodDesc> Path)
{
    // What functions of libgcc may use, for which there are no figures; those that are called are leaves.
    private const int CompilerFunctions = 128;

    /// <summary>Reads the figures that the C compiler left.</summary>
    /// <param name="folder">Where the object files are.</param>
    /// <exception cref="CompileException">A function's use of the stack has no bound.</exception>
    public static StackUsage Read(Compilation compilation, MethodDesc entryPoint, string folder)
    {
        Dictionary<string, long> frames = Frames(folder, out HashSet<string> unbounded);
        CallGraph graph = compilation.Graph!;
        var deepest = new Dictionary<MethodDesc, (long Bytes, MethodDesc? Next)>();
        // Callees come before callers.
        foreach (MethodDesc method in graph.Components().SelectMany(component => component))
        {
            string name = compilation.Methods[method].CName;
            if (unbounded.Contains(name))
                throw new CompileException($"{method} takes memory from the stack, by stackalloc, whose size isn't constant." +
                    Environment.NewLine + compilation.Path(method));
            (long bytes, MethodDesc? next) = (0, null);
            foreach (MethodDesc callee in graph.Callees(method))
                if (deepest[callee].Bytes > bytes)
                    (bytes, next) = (deepest[callee].Bytes, callee);
            deepest[method] = (bytes + Frame(name) + Frame("u" + name), next);
        }

        var path = new List<MethodDesc>();
        MethodDesc first = compilation.Entries.Append(entryPoint).MaxBy(method => deepest[method].Bytes)!;
        for (MethodDesc? step = first; step is not null; step = deepest[step].Next)
            path.Add(step);
        long leaves = new[] { "memcpy", "memmove", "memset", "memcmp", "cl_fmod" }.Max(Frame) + CompilerFunctions;
        return new StackUsage(deepest[first].Bytes + Frame("cl_bare_start") + Frame("cl_main") + leaves, path);

        long Frame(string name) => frames.GetValueOrDefault(name);
    }

    // Lines are place, size and kind, with tabs between; the place ends in the function's name, which has a suffix where the C compiler took the
    // function apart: all parts together count, as they may call each other.
    private static Dictionary<string, long> Frames(string folder, out HashSet<string> unbounded)
    {
        var frames = new Dictionary<string, long>();
        unbounded = [];
        foreach (string[] fields in Directory.GetFiles(folder, "*.su").SelectMany(File.ReadLines).Select(line => line.Split('\t')))
        {
            string name = fields[0][(fields[0].LastIndexOf(':') + 1)..].Split('.')[0];
            frames[name] = frames.GetValueOrDefault(name) + long.Parse(fields[1], CultureInfo.InvariantCulture);
            if (fields[2].StartsWith("dynamic", StringComparison.Ordinal) && !fields[2].EndsWith("bounded", StringComparison.Ordinal))
                unbounded.Add(name);
        }

        return frames;
    }
}
