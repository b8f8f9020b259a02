using System;
using System.Collections.Generic;
using System.Linq;
using Cloister.Aot.Emission;
using Cloister.Aot.Import;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot;

/// <summary>
/// A whole program: what its entry point reaches. Methods are imported twice. The first time finds what they need, until nothing new turns up;
/// the second time, when every object type and every implementation of a virtual method is known, writes C.
/// </summary>
public sealed partial class Compilation
{
    private const string SupportClass = "Cloister.Runtime.Support";

    private readonly Dictionary<MethodDesc, MethodFacts> _methods = [];
    private readonly Queue<MethodDesc> _pending = [];
    private readonly Dictionary<string, string> _literals = [];
    private readonly Dictionary<MethodRecord, (string Name, MethodDesc Method)> _traced = [];
    private MethodDesc? _current;
    private HashSet<MethodDesc> _recursive = [];
    private bool _isEmitting;

    public Compilation(Universe universe, Profile profile = Profile.Os, Processor? processor = null)
    {
        Universe = universe;
        Profile = profile;
        Processor = processor ?? Processor.Generic;
        Support = universe.CoreType(SupportClass);
    }

    public Universe Universe { get; }

    /// <summary>Where the program starts; known after <see cref="Scan"/>.</summary>
    public MethodDesc? EntryPoint { get; private set; }

    /// <summary>What the program may do.</summary>
    public Profile Profile { get; }

    /// <summary>Whether the C text names the C# lines it comes from.</summary>
    public bool HasLines { get; init; }

    /// <summary>What the runtime in the program is told.</summary>
    public RuntimeOptions Options { get; init; } = new();

    /// <summary>Methods that appear in stack traces, with the C names of their descriptions.</summary>
    public IReadOnlyDictionary<MethodRecord, (string Name, MethodDesc Method)> Traced => _traced;

    /// <summary>Methods that C of the runtime calls, by their C names.</summary>
    public SortedDictionary<string, MethodDesc> Exports { get; } = new(StringComparer.Ordinal);

    /// <summary>Methods of the program that code outside of it calls, each on an empty stack.</summary>
    public List<MethodDesc> Entries { get; } = [];

    /// <summary>Which methods delegates probably call.</summary>
    public DelegateFlow Delegates { get; } = new();

    /// <summary>The processor whose instructions may be used.</summary>
    public Processor Processor { get; }

    /// <summary>The class of the core library whose methods generated code calls.</summary>
    public DefinedType Support { get; }

    /// <summary>Every method of the program, in the order in which it was reached.</summary>
    public IReadOnlyDictionary<MethodDesc, MethodFacts> Methods => _methods;

    public IReadOnlyDictionary<string, string> Literals => _literals;

    /// <summary>Finds everything that the entry point reaches.</summary>
    /// <exception cref="CompileException">Something that is reached is missing or not supported.</exception>
    public void Scan(MethodDesc entryPoint)
    {
        EntryPoint = entryPoint;
        Reach(entryPoint);
        while (TryTake(out MethodDesc? method))
        {
            _current = method;
            Import(method);
        }

        ThrowErrors();
        _current = null;
        FindThrowers();
        Graph = new CallGraph(_methods, Exports);
        _recursive = Graph.FindRecursive();
        if (Profile == Profile.Monitor && _methods.Keys.FirstOrDefault(_recursive.Contains) is { } recursive)
            throw new CompileException($"{recursive} may call itself, which the profile monitor doesn't allow." +
                Environment.NewLine + Path(recursive));
        Delegates.Settle();
        _isEmitting = true;
        Selector.Colour(_selectors.Values, _constructed);
    }

    /// <summary>The text of a method, when everything is known.</summary>
    public MethodBody Emit(MethodDesc method)
    {
        _current = method;
        return new MethodImporter(this, method).Import();
    }

    /// <summary>The C name of a method's description for stack traces.</summary>
    public string Trace(MethodDesc method)
    {
        // Instances of a generic method look the same in a trace.
        if (!_traced.TryGetValue(method.Record, out (string Name, MethodDesc) traced))
            _traced[method.Record] = traced = ($"D{_traced.Count}", method);
        return traced.Name;
    }

    /// <summary>How the entry point reaches a method, a line for each step.</summary>
    public string Path(MethodDesc method)
    {
        var lines = new List<string>();
        for (MethodDesc? step = method; step is not null && lines.Count < 40; step = _methods[step].From)
            lines.Add($"  {(lines.Count == 0 ? "in" : "called by")} {step}");
        return string.Join(Environment.NewLine, lines);
    }

    /// <summary>The C name of a method, which is compiled because of this.</summary>
    public string Reach(MethodDesc method)
    {
        if (_methods.TryGetValue(method, out MethodFacts? facts))
            return facts.CName;
        if (_isEmitting)
            throw Late($"the method {method}");
        string name = method.IsInternalCall ? $"cl_{method.Owner.Record.Name}_{method.Name}"
            : $"m{_methods.Count}_{CNames.Readable(method.Owner.Record.Name)}_{CNames.Readable(method.Name)}";
        _methods[method] = new MethodFacts(name, _current);
        if (!method.IsInternalCall)
            _pending.Enqueue(method);
        return name;
    }

    /// <summary>A method of <see cref="Support"/> by name.</summary>
    public MethodDesc SupportMethod(string name) => Support.Method(name);

    /// <summary>Which methods call which; known after <see cref="Scan"/>.</summary>
    public CallGraph? Graph { get; private set; }

    public bool MayThrow(MethodDesc method) => Profile != Profile.Monitor && (!_isEmitting || _methods[method].Throws);

    public bool MayThrow(Selector selector) => Profile != Profile.Monitor && (!_isEmitting || selector.Implementations.Values.Any(MayThrow));

    /// <summary>Whether a method may call itself, by way of others too.</summary>
    public bool IsRecursive(MethodDesc method) => _recursive.Contains(method);

    public string Literal(string text)
    {
        if (!_literals.TryGetValue(text, out string? name))
        {
            _literals[text] = name = "L" + _literals.Count;
            Construct(Universe.CoreType("System.String"));
        }

        return name;
    }

    // Both passes import the same IL and ask the same questions, so this is a fault of the compiler; the message says what to do until it is gone.
    private CompileException Late(string what)
    {
        string place = _current is null ? "the program's data" : _current.ToString();
        return new CompileException($"While {place} was written, the compiler found {what}, which it had missed before. " +
            "This is a fault of the compiler; report it with the program. Using the same thing in a simple statement of Main may help until then." +
            (_current is null ? "" : Environment.NewLine + Path(_current)));
    }

    // A method may throw if it throws itself or calls one that may; the rest needs no test after calls.
    private void FindThrowers()
    {
        bool changed = true;
        while (changed)
        {
            changed = false;
            foreach (MethodFacts facts in _methods.Values)
            {
                if (facts.Throws || facts.Body is not { } body)
                    continue;
                if (body.Throws || body.Calls.Any(callee => _methods[callee].Throws) ||
                    body.Selects.Any(selector => selector.Implementations.Values.Any(callee => _methods[callee].Throws)))
                    facts.Throws = changed = true;
            }
        }
    }
}
