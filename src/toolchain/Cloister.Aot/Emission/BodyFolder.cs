using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Cloister.Aot.Import;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Emission;

/// <summary>
/// Methods with equal C become one: instances of a generic method for reference types, above all. Calls of equal methods are equal, so it goes on
/// until nothing changes. A method whose address a delegate or a pointer holds stays, because programs can compare those.
/// </summary>
internal static partial class BodyFolder
{
    /// <summary>
    /// The methods that remain with their C, in the program's order. The others' <see cref="MethodFacts.CName"/> is that of the one that stands
    /// for them.
    /// </summary>
    public static Dictionary<MethodDesc, MethodBody> Fold(Compilation compilation)
    {
        var emitted = new Dictionary<MethodDesc, MethodBody>();
        var bodies = new List<(MethodDesc Method, string Name, string Body)>();
        foreach ((MethodDesc method, MethodFacts facts) in compilation.Methods.Where(pair => !pair.Key.IsInternalCall))
        {
            MethodBody body = emitted[method] = compilation.Emit(method);
            bodies.Add((method, facts.CName, body.Text));
        }

        HashSet<MethodDesc> addressed = Addressed(compilation);
        var names = new Dictionary<string, string>();
        while (true)
        {
            var seen = new Dictionary<string, string>();
            var remaining = new List<(MethodDesc Method, string Name, string Body)>();
            int before = names.Count;
            foreach ((MethodDesc method, string name, string body) in bodies)
            {
                // A method that calls itself is like another that calls itself.
                string key = (emitted[method].Prelude + body).Replace(name + "(", "self(", StringComparison.Ordinal)
                    .Replace(name + "__", "self__", StringComparison.Ordinal);
                if (addressed.Contains(method) || seen.TryAdd(key, name))
                    remaining.Add((method, name, body));
                else
                    names[name] = seen[key];
            }

            if (names.Count == before)
                break;
            for (int i = 0; i < remaining.Count; i++)
                remaining[i] = remaining[i] with { Body = Rename(remaining[i].Body, names) };
            bodies = remaining;
        }

        foreach (MethodFacts facts in compilation.Methods.Values)
            while (names.TryGetValue(facts.CName, out string? name))
                facts.CName = name;
        var folded = new Dictionary<MethodDesc, MethodBody>();
        foreach ((MethodDesc method, _, string text) in bodies)
        {
            folded[method] = emitted[method];
            folded[method].Text = text;
        }

        return folded;
    }

    private static HashSet<MethodDesc> Addressed(Compilation compilation)
    {
        var addressed = new HashSet<MethodDesc>();
        foreach (MethodFacts facts in compilation.Methods.Values.Where(facts => facts.Body is not null))
        {
            addressed.UnionWith(facts.Body!.Pointers);
            foreach ((_, MethodDesc? method, Selector? selector) in facts.Body.DelegateTargets)
            {
                addressed.UnionWith(selector?.Implementations.Values.AsEnumerable() ?? []);
                if (method is not null)
                    addressed.Add(method);
            }
        }

        return addressed;
    }

    private static string Rename(string body, Dictionary<string, string> names) => MethodName().Replace(body, match =>
    {
        string name = match.Groups[2].Value;
        while (names.TryGetValue(name, out string? other))
            name = other;
        return match.Groups[1].Value + name;
    });

    [GeneratedRegex(@"\b(u?)(m[0-9]+_[A-Za-z0-9_]*)")]
    private static partial Regex MethodName();
}
