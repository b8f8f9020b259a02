using System.Collections.Generic;
using System.Linq;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot;

/// <summary>Calls whose method is known only when they run: virtual and interface methods, and those of delegates.</summary>
public sealed partial class Compilation
{
    private readonly Dictionary<MethodDesc, Selector> _selectors = [];
    private readonly HashSet<MethodDesc> _unboxing = [];
    private readonly Dictionary<MethodDesc, string> _thunks = [];

    public IReadOnlyDictionary<MethodDesc, Selector> Selectors => _selectors;

    /// <summary>Functions by which delegates call static methods.</summary>
    public IReadOnlyDictionary<MethodDesc, string> StaticThunks => _thunks;

    /// <summary>Methods of structures that are called on boxes.</summary>
    public IReadOnlySet<MethodDesc> Unboxing => _unboxing;

    /// <summary>The row of dispatch tables for a virtual or interface method.</summary>
    public Selector Select(MethodDesc declaration)
    {
        if (!_selectors.TryGetValue(declaration, out Selector? selector))
        {
            if (_isEmitting)
                throw Late($"the virtual call of {declaration}");
            _selectors[declaration] = selector = new Selector(declaration);
            foreach (TypeDesc type in _constructed.ToArray())
                Implement(selector, type);
        }

        return selector;
    }

    /// <summary>The C name of the function by which a dispatch table or a delegate calls an instance method.</summary>
    public string BoxedEntry(MethodDesc method)
    {
        string name = Reach(method);
        if (!method.Owner.IsValueType || method.IsStatic)
            return name;
        _unboxing.Add(method);
        return "u" + name;
    }

    /// <summary>The C name of the function by which a delegate calls a static method.</summary>
    public string StaticThunk(MethodDesc method)
    {
        if (!_thunks.TryGetValue(method, out string? name))
            _thunks[method] = name = "s" + Reach(method);
        return name;
    }

    private void Implement(Selector selector, TypeDesc type)
    {
        if (selector.Implementations.ContainsKey(type) || VirtualResolution.Resolve(type, selector.Declaration) is not { } method)
            return;
        if (method.IsAbstract)
            throw new CompileException($"{type} doesn't implement {selector.Declaration}.");
        selector.Implementations[type] = method;
        BoxedEntry(method);
    }
}
