using System.Collections.Generic;
using System.Linq;
using Cloister.Aot.Emission;
using Cloister.Aot.Evaluation;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot;

/// <summary>Static fields and constructors, and the values that are known before the program runs.</summary>
public sealed partial class Compilation
{
    private readonly Dictionary<FieldDesc, string> _statics = [];
    private readonly Dictionary<DefinedType, MethodDesc?> _staticConstructors = [];
    private readonly StaticEvaluator _evaluator = new();
    private readonly Dictionary<FieldDesc, Value> _initial = [];
    private readonly HashSet<FieldDesc> _escaped = [];
    private readonly Dictionary<EvaluatedArray, string> _arrays = [];
    private readonly Dictionary<EvaluatedObject, string> _objects = [];

    public IReadOnlyDictionary<FieldDesc, string> Statics => _statics;

    /// <summary>Types whose static constructor runs, with it.</summary>
    public IEnumerable<KeyValuePair<DefinedType, MethodDesc>> StaticConstructors =>
        _staticConstructors.Where(pair => pair.Value is not null).Select(pair => KeyValuePair.Create(pair.Key, pair.Value!));

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

    private bool IsEvaluated(DefinedType type, MethodDesc constructor)
    {
        if (_evaluator.Evaluate(type, constructor) is not { } fields)
            return false;
        foreach ((FieldDesc field, Value value) in fields)
            _initial[field] = value;
        return true;
    }

    private void KeepInitial(FieldDesc field)
    {
        if (_initial.TryGetValue(field, out Value value))
            Keep(value.Object);
    }

    /// <summary>The value with which a static field starts, where its static constructor was evaluated.</summary>
    internal Value? Initial(FieldDesc field) => _initial.TryGetValue(field, out Value value) ? value : null;

    /// <summary>Arrays that evaluated static constructors made, with their C names.</summary>
    internal IReadOnlyDictionary<EvaluatedArray, string> Arrays => _arrays;

    /// <summary>The array that a static field holds may be changed, or known elsewhere.</summary>
    public void Escape(FieldDesc field) => _escaped.Add(field);

    /// <summary>Arrays that nothing changes: each is in one readonly field, of which only elements are read.</summary>
    internal HashSet<EvaluatedArray> FindConstants() => [.. _statics.Keys.Where(_initial.ContainsKey).GroupBy(field => _initial[field].Object)
        .Where(group => group.Key is EvaluatedArray { Objects.Length: 0, Length: > 0 } && group.All(field => !_escaped.Contains(field) &&
            (field.Record.Attributes & System.Reflection.FieldAttributes.InitOnly) != 0))
        .Select(group => (EvaluatedArray)group.Key!).Except(_arrays.Keys.SelectMany(array => array.Objects).OfType<EvaluatedArray>())];

    /// <summary>Objects that evaluated static constructors made, with their C names.</summary>
    internal IReadOnlyDictionary<EvaluatedObject, string> Objects => _objects;

    // An object that is part of the program's data.
    private void Keep(object? value)
    {
        if (value is string text)
            Literal(text);
        if (value is EvaluatedObject made && _objects.TryAdd(made, "O" + Construct(made.Type) + "_" + _objects.Count))
            return;
        if (value is not EvaluatedArray array || !_arrays.TryAdd(array, "A" + _arrays.Count))
            return;
        Construct(Universe.Array(array.Element, 0));
        foreach (object? item in array.Objects)
            Keep(item);
    }
}
