using System;
using System.Collections.Generic;
using System.Linq;
using Cloister.Aot.Import;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot;

/// <summary>
/// Which methods a method may call. A virtual call may reach every implementation, a call of a delegate every method of which a delegate of that
/// type was made, a call by pointer every method whose address was taken.
/// </summary>
public sealed class CallGraph
{
    private readonly IReadOnlyDictionary<MethodDesc, MethodFacts> _methods;
    private readonly Dictionary<TypeRecord, HashSet<MethodDesc>> _delegates = [];
    private readonly HashSet<MethodDesc> _pointers = [];
    private readonly IReadOnlyDictionary<string, MethodDesc> _exports;

    public CallGraph(IReadOnlyDictionary<MethodDesc, MethodFacts> methods, IReadOnlyDictionary<string, MethodDesc> exports)
    {
        _methods = methods;
        _exports = exports;
        foreach (MethodBody body in methods.Values.Select(facts => facts.Body).OfType<MethodBody>())
        {
            _pointers.UnionWith(body.Pointers);
            foreach ((TypeRecord type, MethodDesc? method, Selector? selector) in body.DelegateTargets)
            {
                if (!_delegates.TryGetValue(type, out HashSet<MethodDesc>? targets))
                    _delegates[type] = targets = [];
                if (method is not null)
                    targets.Add(method);
                if (selector is not null)
                    targets.UnionWith(selector.Implementations.Values);
            }
        }
    }

    /// <summary>The methods that a method may call.</summary>
    public IEnumerable<MethodDesc> Callees(MethodDesc method)
    {
        if (!_methods.TryGetValue(method, out MethodFacts? facts))
            return [];
        if (facts.Body is not { } body)
            return _exports.TryGetValue(facts.CName, out MethodDesc? exported) ? [exported] : [];
        IEnumerable<MethodDesc> callees = body.Calls.Concat(body.Selects.SelectMany(selector => selector.Implementations.Values))
            .Concat(body.DelegateCalls.SelectMany(type => _delegates.GetValueOrDefault(type) ?? []));
        return (body.CallsPointers ? callees.Concat(_pointers) : callees).Distinct();
    }

    /// <summary>The methods that may call themselves, by way of others too.</summary>
    public HashSet<MethodDesc> FindRecursive() => [.. Components().Where(component => component.Count > 1 ||
        Callees(component[0]).Contains(component[0])).SelectMany(component => component)];

    /// <summary>Strongly connected components, callees before callers (Tarjan, 1972; without recursion, as programs are deep).</summary>
    public List<List<MethodDesc>> Components()
    {
        var components = new List<List<MethodDesc>>();
        var indices = new Dictionary<MethodDesc, int>();
        var lows = new Dictionary<MethodDesc, int>();
        var open = new Stack<MethodDesc>();
        var isOpen = new HashSet<MethodDesc>();
        var path = new Stack<(MethodDesc Method, IEnumerator<MethodDesc> Callees)>();
        foreach (MethodDesc start in _methods.Keys)
        {
            if (!indices.ContainsKey(start))
                Enter(start);
            while (path.TryPeek(out (MethodDesc Method, IEnumerator<MethodDesc> Callees) top))
            {
                if (top.Callees.MoveNext())
                {
                    MethodDesc callee = top.Callees.Current;
                    if (!indices.TryGetValue(callee, out int index))
                        Enter(callee);
                    else if (isOpen.Contains(callee))
                        lows[top.Method] = Math.Min(lows[top.Method], index);
                    continue;
                }

                path.Pop();
                if (path.TryPeek(out (MethodDesc Method, IEnumerator<MethodDesc>) caller))
                    lows[caller.Method] = Math.Min(lows[caller.Method], lows[top.Method]);
                if (lows[top.Method] != indices[top.Method])
                    continue;
                var component = new List<MethodDesc>();
                do
                {
                    component.Add(open.Pop());
                    isOpen.Remove(component[^1]);
                }
                while (component[^1] != top.Method);
                components.Add(component);
            }
        }

        return components;

        void Enter(MethodDesc method)
        {
            indices[method] = lows[method] = indices.Count;
            open.Push(method);
            isOpen.Add(method);
            path.Push((method, Callees(method).GetEnumerator()));
        }
    }
}
