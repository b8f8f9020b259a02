using System.Linq;
using System.Reflection.Metadata;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Import;

/// <summary>Fields, elements, memory behind pointers, and the types of objects.</summary>
internal sealed partial class MethodImporter
{
    private const int ArrayHeader = 16;

    // cl_new knows the size classes up to here.
    private const int LargestInline = 256;

    private DefinedType Core(string name) => Universe.CoreType("System." + name);

    private TypeDesc IndirectType(ILOpCode code) => Core(code switch
    {
        ILOpCode.Ldind_i1 or ILOpCode.Stind_i1 => "SByte",
        ILOpCode.Ldind_u1 => "Byte",
        ILOpCode.Ldind_i2 or ILOpCode.Stind_i2 => "Int16",
        ILOpCode.Ldind_u2 => "UInt16",
        ILOpCode.Ldind_i4 or ILOpCode.Stind_i4 => "Int32",
        ILOpCode.Ldind_u4 => "UInt32",
        ILOpCode.Ldind_i8 or ILOpCode.Stind_i8 => "Int64",
        ILOpCode.Ldind_i or ILOpCode.Stind_i => "IntPtr",
        ILOpCode.Ldind_r4 or ILOpCode.Stind_r4 => "Single",
        ILOpCode.Ldind_r8 or ILOpCode.Stind_r8 => "Double",
        _ => "Object",
    });

    private TypeDesc ElementType(ILOpCode code) => Core(code switch
    {
        ILOpCode.Ldelem_i1 or ILOpCode.Stelem_i1 => "SByte",
        ILOpCode.Ldelem_u1 => "Byte",
        ILOpCode.Ldelem_i2 or ILOpCode.Stelem_i2 => "Int16",
        ILOpCode.Ldelem_u2 => "UInt16",
        ILOpCode.Ldelem_i4 or ILOpCode.Stelem_i4 => "Int32",
        ILOpCode.Ldelem_u4 => "UInt32",
        ILOpCode.Ldelem_i8 or ILOpCode.Stelem_i8 => "Int64",
        ILOpCode.Ldelem_i or ILOpCode.Stelem_i => "IntPtr",
        ILOpCode.Ldelem_r4 or ILOpCode.Stelem_r4 => "Single",
        ILOpCode.Ldelem_r8 or ILOpCode.Stelem_r8 => "Double",
        _ => "Object",
    });

    private string Deref(TypeDesc type, string address) => $"(*({_compilation.CName(type)}*)({address}))";

    private void Fence()
    {
        if (_isVolatile)
            _out.Append("  __atomic_thread_fence(__ATOMIC_SEQ_CST);\n");
        _isVolatile = false;
    }

    private string Address(StackEntry entry) => As(entry, new StackType(StackKind.Pointer));

    private void LoadIndirect(TypeDesc type)
    {
        string address = Address(Pop());
        if (_isUnaligned)
        {
            _isUnaligned = false;
            string name = Temporary(StackType.Of(type));
            string cType = _compilation.CName(type);
            _out.Append($"  {{ {cType} v; __builtin_memcpy(&v, {address}, sizeof v); {name} = v; }}\n");
            _stack.Add(new StackEntry(name, StackType.Of(type)));
        }
        else
            Push(Deref(type, address), type);
        Fence();
    }

    private void StoreIndirect(TypeDesc type)
    {
        StackEntry value = Pop();
        string address = Address(Pop());
        Fence();
        if (_isUnaligned)
        {
            _isUnaligned = false;
            _out.Append($"  {{ {_compilation.CName(type)} v = {As(value, type)}; __builtin_memcpy({address}, &v, sizeof v); }}\n");
        }
        else
            _out.Append($"  {Deref(type, address)} = {As(value, type)};\n");
    }

    private void CopyObject(TypeDesc type)
    {
        string source = Address(Pop());
        string target = Address(Pop());
        _out.Append($"  {Deref(type, target)} = {Deref(type, source)};\n");
    }

    private void InitializeObject(TypeDesc type) => _out.Append($"  {Deref(type, Address(Pop()))} = {Zero(type)};\n");

    private void BlockOperation(string function)
    {
        _isUnaligned = _isVolatile = false;
        string size = Pop().Text;
        StackEntry source = Pop();
        string target = Address(Pop());
        _out.Append($"  {function}({target}, {(function == "memset" ? source.Text : Address(source))}, (uint32_t){size});\n");
    }

    private void LocalAllocate()
    {
        string size = Integer(Pop(), isWide: true);
        string name = Temporary(new StackType(StackKind.Pointer));
        _out.Append($"  if (UNLIKELY(cl_stack_pointer() - cl_stack_limit < (int64_t){size} || {size} < 0)) cl_stack_overflow();\n");
        _out.Append($"  {name} = __builtin_alloca_with_align(({size} + 15) & ~15LL, 128); memset({name}, 0, {size});\n");
        _stack.Add(new StackEntry(name, new StackType(StackKind.Pointer)));
    }

    private string FieldIn(StackEntry holder, FieldDesc field)
    {
        TypeShape shape = _compilation.Shape(field.Owner);
        if (holder.Kind == StackKind.Structure)
            return Deref(field.Type, $"(char*)&{holder.Text} + {shape.Offset(field)}");
        CheckNull(holder);
        _compilation.CName(field.Type);
        return Deref(field.Type, $"{Address(holder)} + {shape.Offset(field)}");
    }

    private void LoadField(FieldDesc field)
    {
        StackEntry holder = Pop();
        if (field.IsStatic)
        {
            LoadStatic(field);
            return;
        }

        Push(FieldIn(holder, field), field.Type);
        ComesFrom(field.Type, new DelegatePlace(field));
        Fence();
    }

    private void LoadFieldAddress(FieldDesc field)
    {
        StackEntry holder = Pop();
        CheckNull(holder);
        Push($"{Address(holder)} + {_compilation.Shape(field.Owner).Offset(field)}", new StackType(StackKind.Pointer));
    }

    private void StoreField(FieldDesc field)
    {
        StackEntry value = Pop();
        StackEntry holder = Pop();
        Follow(value, field.Type, new DelegatePlace(field));
        Fence();
        string place = FieldIn(holder, field);
        _out.Append($"  {place} = {As(value, field.Type)};\n");
    }

    private string StaticPlace(FieldDesc field)
    {
        EnsureInitialized(field.Owner);
        return _compilation.Static(field);
    }

    private void LoadStatic(FieldDesc field)
    {
        Push(field.HasData ? Deref(field.Type, StaticPlace(field)) : StaticPlace(field), field.Type);
        if (field.Type is ArrayType)
            _stack[^1] = _stack[^1] with { Field = field };
        ComesFrom(field.Type, new DelegatePlace(field));
        Fence();
    }

    private void LoadStaticAddress(FieldDesc field)
    {
        _isVolatile = false;
        _compilation.Escape(field);
        Push($"(char*)&{StaticPlace(field)}", new StackType(StackKind.Pointer));
    }

    private void StoreStatic(FieldDesc field)
    {
        StackEntry value = Pop();
        Follow(value, field.Type, new DelegatePlace(field));
        Fence();
        _out.Append($"  {StaticPlace(field)} = {As(value, field.Type)};\n");
    }

    /// <summary>Runs the type's static constructor if it hasn't run.</summary>
    private void EnsureInitialized(DefinedType type)
    {
        if (_compilation.StaticConstructor(type) is not { } constructor || constructor == _method)
            return;
        Refuse($"needs the static constructor of {type}, which");
        string number = _compilation.Descriptor(type);
        _out.Append($"  if (UNLIKELY(i{number} != 2)) {{ r{number}();");
        _body.Calls.Add(constructor);
        if (_compilation.MayThrow(constructor))
            _out.Append($" if (cl_exception != 0) {{ {At()}goto {ThrowTarget()}; }}");
        _out.Append(" }\n");
    }

    private string Allocate(string function, string arguments)
    {
        MethodDesc allocator = _compilation.SupportMethod(function);
        string name = Temporary(new StackType(StackKind.Object));
        _out.Append($"  {name} = {_compilation.Reach(allocator)}({arguments});\n");
        _body.Calls.Add(allocator);
        _body.Throws = true;
        CheckException();
        return name;
    }

    // A small object comes from the run of its size class, and by a call only where that is used up.
    private string AllocateObject(TypeDesc type)
    {
        int size = _compilation.ObjectSize(type);
        string descriptor = _compilation.Construct(type);
        if (size > LargestInline)
            return Allocate("NewObject", $"(char*)&{descriptor}");
        MethodDesc allocator = _compilation.SupportMethod("NewObject");
        string name = Temporary(new StackType(StackKind.Object));
        _out.Append($"  {name} = cl_new(&{descriptor}, {size});\n")
            .Append($"  if (UNLIKELY({name} == 0)) {{ {name} = {_compilation.Reach(allocator)}((char*)&{descriptor});\n");
        _body.Calls.Add(allocator);
        _body.Throws = true;
        CheckException();
        _out.Append("  }\n");
        return name;
    }

    private void NewArray(TypeDesc element)
    {
        Refuse($"makes an array, {element}[],");
        StackEntry length = Pop();
        string descriptor = _compilation.Construct(Universe.Array(element, 0));
        string name = Allocate("NewArray", $"(char*)&{descriptor}, {As(length, new StackType(StackKind.NativeInt))}");
        _stack.Add(new StackEntry(name, new StackType(StackKind.Object)) { IsNotNull = true });
    }

    private void LoadLength()
    {
        StackEntry array = PopToRead();
        CheckNull(array);
        Push($"ARRAY_LENGTH({array.Text})", new StackType(StackKind.NativeInt));
    }

    private string ElementAddress(StackEntry array, StackEntry index, TypeDesc element)
    {
        CheckNull(array);
        // A negative index is a large unsigned one.
        string text = index.Kind == StackKind.Int32 ? $"(uint32_t){index.Text}" : $"(uint64_t){index.Text}";
        ThrowIf($"{text} >= ARRAY_LENGTH({array.Text})", "ThrowIndexOutOfRange");
        return $"(char*){array.Text} + {ArrayHeader} + (uint64_t)({text}) * {_compilation.VariableShape(element).Size}";
    }

    private void LoadElementAddress(TypeDesc element)
    {
        StackEntry index = Pop();
        StackEntry array = Pop();
        string address = ElementAddress(array, index, element);
        if (element.IsReference && !_isReadonly)
            ThrowIf($"TYPE_OF({array.Text})->element != &{_compilation.CastTarget(element)}", "ThrowArrayTypeMismatch");
        _isReadonly = false;
        Push(address, new StackType(StackKind.Pointer));
    }

    private void LoadElement(TypeDesc element)
    {
        StackEntry index = Pop();
        StackEntry array = PopToRead();
        Push(Deref(element, ElementAddress(array, index, element)), element);
    }

    private void StoreElement(TypeDesc element)
    {
        StackEntry value = Pop();
        StackEntry index = Pop();
        StackEntry array = Pop();
        string address = ElementAddress(array, index, element);
        if (element.IsReference)
        {
            string wanted = $"TYPE_OF({array.Text})->element";
            ThrowIf($"{value.Text} != 0 && TYPE_OF({value.Text}) != {wanted} && !cl_isinst({value.Text}, {wanted})", "ThrowArrayTypeMismatch");
        }

        _out.Append($"  {Deref(element, address)} = {As(value, element)};\n");
    }

    private void CastClass(TypeDesc type)
    {
        StackEntry value = Pop();
        string target = _compilation.CastTarget(Boxed(type));
        ThrowIf($"{value.Text} != 0 && !{TypeTest(type)}({value.Text}, &{target})", "ThrowInvalidCast", $"{value.Text}, (char*)&{target}");
        _stack.Add(value);
    }

    private void IsInstance(TypeDesc type)
    {
        StackEntry value = Pop();
        Push($"{TypeTest(type)}({value.Text}, &{_compilation.CastTarget(Boxed(type))})", new StackType(StackKind.Object));
    }

    // Interfaces, arrays and delegates need the list of what an object can be cast to; of a class the chain of its base classes says it.
    private static string TypeTest(TypeDesc type) => Boxed(type) switch
    {
        DefinedType { IsValueType: true } or DefinedType { FullName: "System.String" } => "cl_isinst_exact",
        DefinedType { Record.IsInterface: false, IsDelegate: false } plain => plain.Record.IsSealed ? "cl_isinst_exact" : "cl_isinst_class",
        _ => "cl_isinst",
    };
}
