using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;

namespace Cloister.Aot.TypeSystem;

/// <summary>All assemblies of a program, and the one object for each of their types and methods.</summary>
public sealed class Universe
{
    private readonly Dictionary<(object, Key), DefinedType> _instances = [];
    private readonly Dictionary<(TypeDesc, int), ArrayType> _arrays = [];
    private readonly Dictionary<(TypeDesc, bool), PointerType> _pointers = [];
    private readonly Dictionary<(int, bool), TypeParameter> _parameters = [];
    private readonly Dictionary<Signature, FunctionPointerType> _functionPointers = [];
    private readonly Dictionary<(MethodRecord, DefinedType, Key), MethodDesc> _methods = [];
    private readonly Dictionary<string, MetadataModule> _modules = [];
    private readonly Dictionary<string, DefinedType> _coreTypes = [];

    public Universe(string coreLibrary)
    {
        Core = new MetadataModule(this, coreLibrary, isCore: true);
        _modules[Core.Name] = Core;
    }

    public MetadataModule Core { get; }

    public MetadataModule Load(string path)
    {
        var module = new MetadataModule(this, path, isCore: false);
        return _modules[module.Name] = module;
    }

    /// <summary>A type by the assembly and the name that a reference gives; what isn't among the inputs is looked for in the core library.</summary>
    internal TypeRecord Find(string assembly, string fullName)
    {
        if (_modules.TryGetValue(assembly, out MetadataModule? module))
            return module.TryType(fullName) ?? throw new CompileException($"Type {fullName} is not in {assembly}.");
        if (Core.TryType(fullName) is { } core)
            return core;
        if (LoadBeside(assembly) is { } beside)
            return beside.TryType(fullName) ?? throw new CompileException($"Type {fullName} is not in {assembly}.");
        throw new CompileException($"Type {fullName} of {assembly} is not in the core library.");
    }

    // An assembly that wasn't named but lies beside the program.
    private MetadataModule? LoadBeside(string assembly)
    {
        string? folder = _modules.Values.Where(module => !module.IsCore).Select(module => Path.GetDirectoryName(module.Path)).FirstOrDefault();
        string path = Path.Combine(folder ?? "", assembly + ".dll");
        return folder is not null && File.Exists(path) ? Load(path) : null;
    }

    public TypeRecord CoreRecord(string fullName) =>
        Core.TryType(fullName) ?? throw new CompileException($"Type {fullName} is not in the core library.");

    public DefinedType CoreType(string fullName)
    {
        if (!_coreTypes.TryGetValue(fullName, out DefinedType? type))
            _coreTypes[fullName] = type = Instance(CoreRecord(fullName), []);
        return type;
    }

    public DefinedType Instance(TypeRecord record, TypeDesc[] arguments)
    {
        (TypeRecord record, Key) key = (record, new Key(arguments));
        if (!_instances.TryGetValue(key, out DefinedType? type))
        {
            // A generic method that calls itself with ever larger types has no end.
            if (Depth(arguments) > 24)
                throw new CompileException($"{record.FullName} is instantiated without end.");
            _instances[key] = type = new DefinedType(this, record, arguments);
        }

        return type;
    }

    private static int Depth(TypeDesc[] arguments) => arguments.Length == 0 ? 0
        : 1 + arguments.Max(argument => argument is DefinedType type ? Depth(type.Arguments) : 0);

    /// <summary>The definition with its own parameters as arguments.</summary>
    public DefinedType OpenType(TypeRecord record) =>
        Instance(record, [.. Enumerable.Range(0, record.GenericParameters.Count).Select(index => Parameter(index, ofMethod: false))]);

    public MethodDesc OpenMethod(MethodRecord record, DefinedType owner) => Method(record, owner,
        [.. Enumerable.Range(0, record.Signature.GenericCount).Select(index => Parameter(index, ofMethod: true))]);

    public MethodDesc Method(MethodRecord record, DefinedType owner, TypeDesc[] arguments)
    {
        (MethodRecord, DefinedType, Key) key = (record, owner, new Key(arguments));
        if (!_methods.TryGetValue(key, out MethodDesc? method))
        {
            if (Depth(arguments) > 24)
                throw new CompileException($"{record.Owner.FullName}.{record.Name} is instantiated without end.");
            _methods[key] = method = new MethodDesc(record, owner, arguments);
        }

        return method;
    }

    public ArrayType Array(TypeDesc element, int rank)
    {
        if (!_arrays.TryGetValue((element, rank), out ArrayType? type))
            _arrays[(element, rank)] = type = new ArrayType(this, element, rank);
        return type;
    }

    public PointerType Pointer(TypeDesc target, bool isByRef)
    {
        if (!_pointers.TryGetValue((target, isByRef), out PointerType? type))
            _pointers[(target, isByRef)] = type = new PointerType(this, target, isByRef);
        return type;
    }

    public TypeParameter Parameter(int index, bool ofMethod)
    {
        if (!_parameters.TryGetValue((index, ofMethod), out TypeParameter? type))
            _parameters[(index, ofMethod)] = type = new TypeParameter(this, index, ofMethod);
        return type;
    }

    public FunctionPointerType FunctionPointer(Signature signature)
    {
        if (!_functionPointers.TryGetValue(signature, out FunctionPointerType? type))
            _functionPointers[signature] = type = new FunctionPointerType(this, signature);
        return type;
    }

    internal static Signature ToSignature(MethodSignature<TypeDesc> signature) =>
        new(signature.Header.IsInstance, signature.GenericParameterCount, signature.ReturnType, [.. signature.ParameterTypes]);

    /// <summary>Type arguments as a part of a dictionary's key.</summary>
    private readonly struct Key(TypeDesc[] types) : IEquatable<Key>
    {
        private readonly TypeDesc[] _types = types;

        public bool Equals(Key other) => _types.AsSpan().SequenceEqual(other._types);

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            foreach (TypeDesc type in _types)
                hash.Add(type);
            return hash.ToHashCode();
        }
    }
}
