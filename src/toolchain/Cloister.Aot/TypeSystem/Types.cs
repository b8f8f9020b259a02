using System.Collections.Generic;
using System.Linq;

namespace Cloister.Aot.TypeSystem;

/// <summary>What the CLI calls a built-in type (ECMA-335, I.8.2.2); <see cref="None"/> for all others.</summary>
public enum Primitive { None, Void, Boolean, Char, SByte, Byte, Int16, UInt16, Int32, UInt32, Int64, UInt64, IntPtr, UIntPtr, Single, Double }

/// <summary>A type of the program. <see cref="Universe"/> interns types, so that equal types are the same object.</summary>
public abstract class TypeDesc
{
    private protected TypeDesc(Universe universe) => Universe = universe;

    public Universe Universe { get; }

    /// <summary>The built-in type that this is, an enumeration counting as itself and not as its underlying type.</summary>
    public virtual Primitive Primitive => Primitive.None;

    public virtual bool IsValueType => false;

    public virtual bool IsInterface => false;

    public virtual bool IsEnum => false;

    /// <summary>Whether a variable of this type holds an object reference.</summary>
    public virtual bool IsReference => false;

    /// <summary>Whether it mentions a generic parameter, so that it is no type of the running program.</summary>
    public abstract bool IsOpen { get; }

    /// <summary>The class it derives from; of an array, the class of the core library that has its methods.</summary>
    public virtual DefinedType? BaseType => null;

    /// <summary>Every interface it implements, inherited ones too.</summary>
    public virtual IReadOnlyList<DefinedType> Interfaces => [];

    /// <summary>This type with generic parameters replaced.</summary>
    public abstract TypeDesc Substitute(TypeDesc[] typeArguments, TypeDesc[] methodArguments);

    /// <summary>An enumeration's underlying type; this type otherwise.</summary>
    public TypeDesc Underlying => IsEnum ? ((DefinedType)this).Fields.First(member => !member.IsStatic).Type : this;

    /// <summary>The name as <c>Type.ToString()</c> gives it.</summary>
    public abstract string FullName { get; }

    public override string ToString() => FullName;
}

/// <summary>A class, structure, interface or enumeration, with arguments for its generic parameters.</summary>
public sealed class DefinedType : TypeDesc
{
    private DefinedType? _base;
    private bool _hasBase;
    private List<DefinedType>? _interfaces;
    private List<DefinedType>? _declaredInterfaces;
    private FieldDesc[]? _fields;
    private (MethodDesc Body, MethodDesc Declaration)[]? _overrides;

    internal DefinedType(Universe universe, TypeRecord record, TypeDesc[] arguments) : base(universe)
    {
        Record = record;
        Arguments = arguments;
        IsOpen = arguments.Any(argument => argument.IsOpen);
    }

    public TypeRecord Record { get; }

    public TypeDesc[] Arguments { get; }

    public override bool IsOpen { get; }

    public override Primitive Primitive => Record.Primitive;

    public override bool IsInterface => Record.IsInterface;

    public override bool IsEnum => Record.BaseIs("Enum");

    public override bool IsValueType => IsEnum || (Record.BaseIs("ValueType") && Record.FullName != "System.Enum");

    public override bool IsReference => !IsValueType;

    public bool IsDelegate => Record.BaseIs("MulticastDelegate");

    public bool IsNullable => Record.FullName == "System.Nullable`1";

    public override DefinedType? BaseType
    {
        get
        {
            if (!_hasBase)
            {
                _base = (DefinedType?)Record.Base?.Substitute(Arguments, []);
                _hasBase = true;
            }

            return _base;
        }
    }

    /// <summary>The interfaces that its own declaration names, with those that these bring along.</summary>
    public IReadOnlyList<DefinedType> DeclaredInterfaces
    {
        get
        {
            if (_declaredInterfaces is null)
            {
                _declaredInterfaces = [];
                foreach (TypeDesc open in Record.Interfaces)
                {
                    var declared = (DefinedType)open.Substitute(Arguments, []);
                    foreach (DefinedType type in declared.DeclaredInterfaces.Prepend(declared))
                        if (!_declaredInterfaces.Contains(type))
                            _declaredInterfaces.Add(type);
                }
            }

            return _declaredInterfaces;
        }
    }

    public override IReadOnlyList<DefinedType> Interfaces
    {
        get
        {
            if (_interfaces is null)
            {
                _interfaces = [.. DeclaredInterfaces];
                foreach (DefinedType type in BaseType?.Interfaces ?? [])
                    if (!_interfaces.Contains(type))
                        _interfaces.Add(type);
            }

            return _interfaces;
        }
    }

    public FieldDesc[] Fields => _fields ??= [.. Record.Fields.Select(record => new FieldDesc(record, this))];

    /// <summary>The explicit overrides that the type declares (ECMA-335, II.22.27).</summary>
    public (MethodDesc Body, MethodDesc Declaration)[] Overrides => _overrides ??=
        [.. Record.Overrides.Select(pair => (pair.Body.Substitute(Arguments, []), pair.Declaration.Substitute(Arguments, [])))];

    /// <summary>The method of this name, the only one.</summary>
    public MethodDesc Method(string name) => TryMethod(name) ?? throw new CompileException($"{FullName}.{name} is not in the core library.");

    public MethodDesc? TryMethod(string name)
    {
        MethodRecord? record = Record.Methods.FirstOrDefault(method => method.Name == name);
        return record is null ? null : Universe.Method(record, this, []);
    }

    public override TypeDesc Substitute(TypeDesc[] typeArguments, TypeDesc[] methodArguments) =>
        IsOpen ? Universe.Instance(Record, [.. Arguments.Select(argument => argument.Substitute(typeArguments, methodArguments))]) : this;

    public override string FullName => Arguments.Length == 0 ? Record.FullName
        : Record.FullName + "[" + string.Join(",", Arguments.Select(argument => argument.FullName)) + "]";
}

/// <summary>An array. Rank 0 stands for the vector that C# writes T[]; 1 and more for arrays with that many dimensions.</summary>
public sealed class ArrayType : TypeDesc
{
    internal ArrayType(Universe universe, TypeDesc element, int rank) : base(universe)
    {
        Element = element;
        Rank = rank;
    }

    public TypeDesc Element { get; }

    public int Rank { get; }

    public override bool IsReference => true;

    public override bool IsOpen => Element.IsOpen;

    public override DefinedType? BaseType => Rank == 0 && Element is not PointerType
        ? Universe.Instance(Universe.CoreRecord("System.ArrayOf`1"), [Element]) : Universe.CoreType("System.Array");

    public override IReadOnlyList<DefinedType> Interfaces => BaseType!.Interfaces;

    public override TypeDesc Substitute(TypeDesc[] typeArguments, TypeDesc[] methodArguments) =>
        IsOpen ? Universe.Array(Element.Substitute(typeArguments, methodArguments), Rank) : this;

    public override string FullName => Element.FullName + (Rank switch { 0 => "[]", 1 => "[*]", _ => "[" + new string(',', Rank - 1) + "]" });
}

/// <summary>An unmanaged pointer, or a managed one (<see cref="IsByRef"/>: ref, in, out).</summary>
public sealed class PointerType : TypeDesc
{
    internal PointerType(Universe universe, TypeDesc target, bool isByRef) : base(universe)
    {
        Target = target;
        IsByRef = isByRef;
    }

    public TypeDesc Target { get; }

    public bool IsByRef { get; }

    public override bool IsOpen => Target.IsOpen;

    public override TypeDesc Substitute(TypeDesc[] typeArguments, TypeDesc[] methodArguments) =>
        IsOpen ? Universe.Pointer(Target.Substitute(typeArguments, methodArguments), IsByRef) : this;

    public override string FullName => Target.FullName + (IsByRef ? "&" : "*");
}

/// <summary>A C# <c>delegate*</c>.</summary>
public sealed class FunctionPointerType : TypeDesc
{
    internal FunctionPointerType(Universe universe, Signature signature) : base(universe) => Signature = signature;

    public Signature Signature { get; }

    public override bool IsOpen => Signature.IsOpen;

    public override TypeDesc Substitute(TypeDesc[] typeArguments, TypeDesc[] methodArguments) =>
        IsOpen ? Universe.FunctionPointer(Signature.Substitute(typeArguments, methodArguments)) : this;

    public override string FullName => "delegate*" + Signature;
}

/// <summary>A generic parameter: number <see cref="Index"/> of the type, or of the method.</summary>
public sealed class TypeParameter : TypeDesc
{
    internal TypeParameter(Universe universe, int index, bool ofMethod) : base(universe)
    {
        Index = index;
        OfMethod = ofMethod;
    }

    public int Index { get; }

    public bool OfMethod { get; }

    public override bool IsOpen => true;

    public override TypeDesc Substitute(TypeDesc[] typeArguments, TypeDesc[] methodArguments)
    {
        TypeDesc[] arguments = OfMethod ? methodArguments : typeArguments;
        return Index < arguments.Length ? arguments[Index] : this;
    }

    public override string FullName => (OfMethod ? "!!" : "!") + Index;
}
