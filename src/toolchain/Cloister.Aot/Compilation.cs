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
    private readonly Dictionary<TypeDesc, TypeFacts> _types = [];
    private readonly List<TypeDesc> _constructed = [];
    private readonly Dictionary<MethodDesc, Selector> _selectors = [];
    private readonly Dictionary<FieldDesc, string> _statics = [];
    private readonly Dictionary<string, string> _literals = [];
    private readonly Dictionary<MethodDesc, string> _thunks = [];
    private readonly Dictionary<DefinedType, MethodDesc?> _staticConstructors = [];
    private readonly Dictionary<TypeDesc, TypeShape> _shapes = [];
    private readonly Dictionary<TypeDesc, string> _structures = [];
    private readonly HashSet<MethodDesc> _unboxing = [];
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

    /// <summary>Which methods delegates probably call.</summary>
    public DelegateFlow Delegates { get; } = new();

    /// <summary>The processor whose instructions may be used.</summary>
    public Processor Processor { get; }

    /// <summary>The class of the core library whose methods generated code calls.</summary>
    public DefinedType Support { get; }

    /// <summary>Every method of the program, in the order in which it was reached.</summary>
    public IReadOnlyDictionary<MethodDesc, MethodFacts> Methods => _methods;

    /// <summary>Every type that has a descriptor.</summary>
    public IReadOnlyDictionary<TypeDesc, TypeFacts> Types => _types;

    public IReadOnlyDictionary<MethodDesc, Selector> Selectors => _selectors;

    public IReadOnlyDictionary<FieldDesc, string> Statics => _statics;

    public IReadOnlyDictionary<string, string> Literals => _literals;

    public IReadOnlyDictionary<TypeDesc, string> Structures => _structures;

    /// <summary>Functions by which delegates call static methods.</summary>
    public IReadOnlyDictionary<MethodDesc, string> StaticThunks => _thunks;

    /// <summary>Methods of structures that are called on boxes.</summary>
    public IReadOnlySet<MethodDesc> Unboxing => _unboxing;

    /// <summary>Types whose static constructor runs, with it.</summary>
    public IEnumerable<KeyValuePair<DefinedType, MethodDesc>> StaticConstructors =>
        _staticConstructors.Where(pair => pair.Value is not null).Select(pair => KeyValuePair.Create(pair.Key, pair.Value!));

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

    /// <summary>The C name of a type's descriptor.</summary>
    public string Descriptor(TypeDesc type) => "T" + Facts(type).Number;

    /// <summary>Objects of this type come to be. Returns the descriptor's C name.</summary>
    public string Construct(TypeDesc type)
    {
        TypeFacts facts = Facts(type);
        if (!facts.IsConstructed)
        {
            if (_isEmitting)
                throw Late($"that objects of {type} are made");
            if (type is DefinedType { IsValueType: false } defined)
                RefuseFinalizer(defined);
            facts.IsConstructed = true;
            _constructed.Add(type);
            foreach (Selector selector in _selectors.Values.ToArray())
                Implement(selector, type);
            // Stores into arrays are checked against the element's type.
            if (type is ArrayType { Element: var element })
            {
                Facts(element);
                if (element.IsReference)
                    CastTarget(element);
            }

            if (type is DefinedType { IsDelegate: true } made)
                foreach (TypeDesc used in Array.FindAll([made.Method("Invoke").Signature.Return, .. made.Method("Invoke").Signature.Parameters], used => used.IsValueType))
                    CName(used);
            if (type.IsValueType && type is DefinedType { IsEnum: false, Primitive: Primitive.None } value && ComparesFields(value))
                foreach (FieldDesc field in value.Fields.Where(field => !field.IsStatic && field.Type is not PointerType))
                {
                    Construct(field.Type.IsReference ? Universe.CoreType("System.Object") : field.Type);
                    // A T? is compared as the T in its box.
                    if (field.Type is DefinedType { IsNullable: true } nullable)
                        Construct(nullable.Arguments[0]);
                }
        }

        return "T" + facts.Number;
    }

    /// <summary>Whether a boxed structure is compared by ValueType.Equals, which compares its fields.</summary>
    public bool ComparesFields(DefinedType type) =>
        VirtualResolution.Resolve(type, Universe.CoreType("System.Object").Record.Methods.Where(method => method.Name == "Equals" && method.Signature.HasThis)
            .Select(method => Universe.Method(method, Universe.CoreType("System.Object"), [])).Single())?.Owner.Record.FullName == "System.ValueType";

    /// <summary>Objects are tested for being of this type. Returns the descriptor's C name.</summary>
    public string CastTarget(TypeDesc type)
    {
        TypeFacts facts = Facts(type);
        facts.IsCastTarget = true;
        return "T" + facts.Number;
    }

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

    public string Literal(string text)
    {
        if (!_literals.TryGetValue(text, out string? name))
        {
            _literals[text] = name = "L" + _literals.Count;
            Construct(Universe.CoreType("System.String"));
        }

        return name;
    }

    public string Static(FieldDesc field)
    {
        if (!_statics.TryGetValue(field, out string? name))
        {
            _statics[field] = name = $"g{_statics.Count}_{CNames.Readable(field.Name)}";
            CName(field.Type);
            KeepInitial(field);
        }

        return field.IsThreadStatic ? $"((struct ThreadStatics*)cl_thread_statics)->{name}" : name;
    }

    /// <summary>The static constructor that has to have run before the type is used; nothing where there is none.</summary>
    public MethodDesc? StaticConstructor(DefinedType type)
    {
        if (!_staticConstructors.TryGetValue(type, out MethodDesc? constructor))
        {
            constructor = type.TryMethod(".cctor");
            // The values of thread statics belong to the thread that runs the constructor.
            if (constructor is not null && !type.Fields.Any(field => field.IsThreadStatic) && IsEvaluated(type, constructor))
                constructor = null;
            _staticConstructors[type] = constructor;
            if (constructor is not null)
            {
                Reach(constructor);
                if (Profile != Profile.Monitor)
                    Reach(SupportMethod("InitializerFailed"));
                Descriptor(type);
            }
        }

        return constructor;
    }

    public TypeShape Shape(TypeDesc type)
    {
        if (!_shapes.TryGetValue(type, out TypeShape? shape))
            _shapes[type] = shape = TypeShape.Of((DefinedType)type, Shape);
        return shape;
    }

    /// <summary>Bytes of an object or a box with its header.</summary>
    public int ObjectSize(TypeDesc type) => type.IsValueType ? (VariableShape(type).Size + 7) / 8 * 8 + 8 : Math.Max(Shape(type).Size, 16);

    public TypeShape VariableShape(TypeDesc type) => TypeShape.Variable(type, Shape);

    /// <summary>The C type of a variable.</summary>
    public string CName(TypeDesc type)
    {
        string? name = CNames.Scalar(type);
        if (name is not null)
            return name;
        if (!_structures.TryGetValue(type, out name))
        {
            _structures[type] = name = $"struct V{_structures.Count}_{CNames.Readable(((DefinedType)type).Record.Name)}";
            foreach (FieldDesc field in ((DefinedType)type).Fields.Where(field => !field.IsStatic))
                CName(field.Type);
        }

        return name;
    }

    private TypeFacts Facts(TypeDesc type)
    {
        if (_types.TryGetValue(type, out TypeFacts? facts))
            return facts;
        if (_isEmitting)
            throw Late($"the type {type}");
        if (type.IsOpen)
            throw new InvalidOperationException($"{type} is open.");
        _types[type] = facts = new TypeFacts(_types.Count);
        if (type.BaseType is { } parent)
            Facts(parent);
        if (type is ArrayType array)
            Facts(array.Element);
        if (type.IsEnum)
            Facts(type.Underlying);
        if (type is DefinedType { IsNullable: true } nullable)
            Facts(nullable.Arguments[0]);
        Literal(type.FullName);
        Literal((type as DefinedType)?.Record.Name ?? type.FullName);
        Construct(Universe.CoreType("System.RuntimeType"));
        return facts;
    }

    // Both passes import the same IL and ask the same questions, so this is a fault of the compiler; the message says what to do until it is gone.
    private CompileException Late(string what)
    {
        string place = _current is null ? "the program's data" : _current.ToString();
        return new CompileException($"While {place} was written, the compiler found {what}, which it had missed before. " +
            "This is a fault of the compiler; report it with the program. Using the same thing in a simple statement of Main may help until then." +
            (_current is null ? "" : Environment.NewLine + Path(_current)));
    }

    // The collector runs no finalizers; silently leaving one out would be worse than refusing.
    private static void RefuseFinalizer(DefinedType type)
    {
        for (DefinedType? step = type; step is not null && !step.Record.Module.IsCore; step = step.BaseType)
            if (step.Record.Methods.Any(method => method.Name == "Finalize" && method.Signature.Parameters.Length == 0))
                throw new CompileException(
                    $"{step} has a finalizer (~{step.Record.Name}), and finalizers never run here: implement IDisposable instead.");
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
