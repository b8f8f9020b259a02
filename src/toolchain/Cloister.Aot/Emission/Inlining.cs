using System.Collections.Generic;
using System.Linq;
using System.Text;
using Cloister.Aot.Import;
using Cloister.Aot.TypeSystem;
using MethodImplAttributes = System.Reflection.MethodImplAttributes;

namespace Cloister.Aot.Emission;

/// <summary>
/// Lets the C compiler inline methods of other parts: each part gets copies of the small methods that its own call, which gnu_inline keeps from
/// becoming functions of their own.
/// </summary>
internal sealed class Inlining
{
    // Characters of C: a property, an operator, a loop of a few lines.
    private const int SmallBody = 700;

    // What a test before a call is worth; the test and the other call are added to it.
    private const int TinyBody = 500;
    private readonly Compilation _compilation;
    private readonly IReadOnlyDictionary<MethodDesc, MethodBody> _bodies;
    private readonly Dictionary<MethodDesc, bool> _forced = [];

    // By C names: one body may stand for several methods.
    private readonly Dictionary<string, MethodDesc> _named = [];

    public Inlining(Compilation compilation, IReadOnlyDictionary<MethodDesc, MethodBody> bodies)
    {
        _compilation = compilation;
        _bodies = bodies;
        foreach (MethodDesc method in bodies.Keys)
            _named.Add(compilation.Methods[method].CName, method);
    }

    /// <summary>Writes the copies that a part needs.</summary>
    public void Write(StringBuilder part, MethodDesc[] methods)
    {
        var own = new HashSet<MethodDesc>(methods);
        var copied = new HashSet<MethodDesc>();
        var pending = new Queue<MethodDesc>(methods);
        while (pending.TryDequeue(out MethodDesc? caller))
            foreach (MethodDesc callee in Callees(caller))
                if (!own.Contains(callee) && IsInlinable(callee) && copied.Add(callee))
                    pending.Enqueue(callee);
        foreach (MethodDesc method in copied)
        {
            string attributes = IsForced(method) ? "gnu_inline, always_inline" : "gnu_inline";
            part.Append($"extern inline __attribute__(({attributes}))\n").Append(_bodies[method].Text).Append('\n');
        }
    }

    /// <summary>
    /// What stands before the one definition of a method that others may refer to. By gnu_inline without extern the C compiler inlines it in its
    /// own part as willingly as elsewhere, and still makes a function.
    /// </summary>
    public string Attribute(MethodDesc method) => Implementation(method, MethodImplAttributes.NoInlining) ? "__attribute__((noinline))\n"
        : IsForced(method) ? "inline __attribute__((gnu_inline, always_inline))\n"
        : IsInlinable(method) ? "inline __attribute__((gnu_inline))\n" : "";

    private IEnumerable<MethodDesc> Callees(MethodDesc method)
    {
        foreach (MethodDesc call in _bodies[method].Calls)
        {
            if (_compilation.Methods.TryGetValue(call, out MethodFacts? facts) && _named.TryGetValue(facts.CName, out MethodDesc? callee))
                yield return callee;
        }
    }

    private static bool Implementation(MethodDesc method, MethodImplAttributes flag) => (method.Record.ImplAttributes & flag) != 0;

    /// <summary>Whether the C compiler is to inline a method.</summary>
    public static bool IsSmall(MethodDesc method, MethodBody body) =>
        body.Prelude.Length == 0 && !Implementation(method, MethodImplAttributes.NoInlining) &&
        (Implementation(method, MethodImplAttributes.AggressiveInlining) || body.Text.Length < SmallBody);

    /// <summary>Whether inlining a method pays for a test that it is the one.</summary>
    public static bool IsTiny(MethodDesc method, MethodBody body) => IsSmall(method, body) && body.Text.Length < TinyBody;

    private bool IsInlinable(MethodDesc method) => IsSmall(method, _bodies[method]);

    // AggressiveInlining is an order, except for what calls itself, which the C compiler would refuse.
    private bool IsForced(MethodDesc method)
    {
        if (!_forced.TryGetValue(method, out bool isForced))
            _forced[method] = isForced = Implementation(method, MethodImplAttributes.AggressiveInlining) &&
                _bodies[method].Prelude.Length == 0 && !CallsItself(method);
        return isForced;
    }

    private bool CallsItself(MethodDesc method)
    {
        var seen = new HashSet<MethodDesc>();
        var pending = new Queue<MethodDesc>(Callees(method));
        while (pending.TryDequeue(out MethodDesc? callee))
        {
            if (callee == method)
                return true;
            if (Implementation(callee, MethodImplAttributes.AggressiveInlining) && seen.Add(callee))
                foreach (MethodDesc next in Callees(callee))
                    pending.Enqueue(next);
        }

        return false;
    }
}
