using System;
using System.Linq;
using System.Reflection.Metadata;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Import;

/// <summary>Methods of the core library that the compiler implements, because they depend on a type argument in ways that C# can't express.</summary>
internal sealed partial class MethodImporter
{
    private bool Intrinsic(MethodDesc method)
    {
        if (!method.Record.Module.IsCore)
            return false;
        string name = method.Owner.Record.FullName + "." + method.Name;
        switch (name)
        {
            case "System.Runtime.CompilerServices.RuntimeHelpers.IsReferenceOrContainsReferences":
                PushConstant(_compilation.VariableShape(method.Arguments[0]).References.Count > 0 ? 1 : 0, StackKind.Int32);
                return true;
            case "System.Runtime.CompilerServices.RuntimeHelpers.IsReference":
                PushConstant(method.Arguments[0].IsReference ? 1 : 0, StackKind.Int32);
                return true;
            case "System.Runtime.CompilerServices.RuntimeHelpers.IsBitwiseEquatable":
                PushConstant(method.Arguments[0].Underlying.Primitive is >= Primitive.Boolean and <= Primitive.UIntPtr ? 1 : 0, StackKind.Int32);
                return true;
            case "System.Runtime.CompilerServices.Unsafe.ReadUnaligned":
                _isUnaligned = true;
                LoadIndirect(method.Arguments[0]);
                return true;
            case "System.Runtime.CompilerServices.Unsafe.WriteUnaligned":
                _isUnaligned = true;
                StoreIndirect(method.Arguments[0]);
                return true;
            case "System.Runtime.CompilerServices.Unsafe.SkipInit":
                Pop();
                return true;
            case "System.Type.GetTypeFromHandle" when Top().Token is TypeDesc type:
                Pop();
                _stack.Add(new StackEntry($"((void*)&O{_compilation.Descriptor(type)})", new StackType(StackKind.Object)) { IsNotNull = true,
                    Token = type });
                return true;
            case "System.Type.op_Equality" or "System.Type.op_Inequality" when Top().Token is TypeDesc right
                && Top(1).Token is TypeDesc left:
                Pop();
                Pop();
                PushConstant(left == right == (method.Name == "op_Equality") ? 1 : 0, StackKind.Int32);
                return true;
            case "System.Type.get_IsValueType" when Top().Token is TypeDesc type:
                Pop();
                PushConstant(type.IsValueType ? 1 : 0, StackKind.Int32);
                return true;
            // Inline, so that an index out of range needs no test after a call.
            case "System.Span`1.get_Item" or "System.ReadOnlySpan`1.get_Item" when !IsMonitor:
                LoadSpanItem((DefinedType)method.Owner);
                return true;
            case "System.String.get_Chars" when !IsMonitor:
                LoadCharacter();
                return true;
            case "System.Activator.CreateInstance" when method.Arguments.Length == 1:
                CreateInstance((DefinedType)method.Arguments[0]);
                return true;
            case "System.Collections.Generic.EqualityComparer`1.Create":
                NewObject(DefaultComparer((DefinedType)method.Owner, "IEquatable`1", "Equality"));
                return true;
            case "System.Collections.Generic.Comparer`1.Create" when method.Signature.Parameters.Length == 0:
                NewObject(DefaultComparer((DefinedType)method.Owner, "IComparable`1", ""));
                return true;
        }

        if (name.StartsWith("Cloister.Runtime.Conversions.", StringComparison.Ordinal))
            return NumberConversion(method);
        return VectorIntrinsic(method, name);
    }

    private void LoadSpanItem(DefinedType span)
    {
        StackEntry index = Pop();
        string address = Address(Pop());
        TypeShape shape = _compilation.Shape(span);
        int Offset(string name) => shape.Offset(span.Fields.First(field => field.Name == name));
        ThrowIf($"(uint32_t){index.Text} >= *(uint32_t*)({address} + {Offset("_length")})", "ThrowIndexOutOfRange");
        int size = _compilation.VariableShape(span.Arguments[0]).Size;
        Push($"*(char**)({address} + {Offset("_reference")}) + (uint64_t)(uint32_t){index.Text} * {size}", new StackType(StackKind.Pointer));
    }

    private void LoadCharacter()
    {
        StackEntry index = Pop();
        StackEntry text = Pop();
        CheckNull(text);
        ThrowIf($"(uint32_t){index.Text} >= ARRAY_LENGTH({text.Text})", "ThrowIndexOutOfRange");
        Push($"((String*){text.Text})->chars[(uint32_t){index.Text}]", Core("Char"));
    }

    // Generic code converts between numbers that only the instance knows.
    private bool NumberConversion(MethodDesc method)
    {
        TypeDesc from = method.Arguments[0];
        TypeDesc to = method.Arguments[1];
        if (from == to)
            return true;
        if (from.Primitive is < Primitive.Char or Primitive.None || to.Primitive is < Primitive.Char or Primitive.None)
            return false;
        bool fromUnsigned = IsUnsigned(from);
        bool toFloat = to.Primitive is Primitive.Single or Primitive.Double;
        if (toFloat)
        {
            if (fromUnsigned)
                Convert(ILOpCode.Conv_r_un);
            Convert(to.Primitive == Primitive.Single ? ILOpCode.Conv_r4 : ILOpCode.Conv_r8);
            return true;
        }

        int bits = 8 * _compilation.VariableShape(to).Size;
        string conversion = $"{(IsUnsigned(to) ? "u" : "i")}{bits / 8}";
        bool fromFloat = from.Primitive is Primitive.Single or Primitive.Double;
        if (method.Name == "Checked")
            Convert(Enum.Parse<ILOpCode>($"Conv_ovf_{conversion}{(fromUnsigned ? "_un" : "")}"));
        else if (method.Name == "Saturating" || fromFloat)
            Saturate(to, bits, fromUnsigned, fromFloat);
        else
            Convert(bits == 64 ? fromUnsigned ? ILOpCode.Conv_u8 : ILOpCode.Conv_i8 : Enum.Parse<ILOpCode>($"Conv_{conversion}"));
        StackEntry converted = Pop();
        _stack.Add(new StackEntry(As(converted, StackType.Of(to)), StackType.Of(to)) { Constant = converted.Constant });
        return true;
    }

    private static bool IsUnsigned(TypeDesc type) =>
        type.Primitive is Primitive.Byte or Primitive.UInt16 or Primitive.UInt32 or Primitive.UInt64 or Primitive.UIntPtr or Primitive.Char;

    private void Saturate(TypeDesc to, int bits, bool fromUnsigned, bool fromFloat)
    {
        StackEntry value = Pop();
        bool toUnsigned = IsUnsigned(to);
        string text = fromFloat ? $"cl_to_{(toUnsigned ? "u" : "i")}{Math.Max(bits, 32)}({value.Text})"
            : fromUnsigned ? $"({(value.Kind == StackKind.Int32 ? "uint32_t" : "uint64_t")})({value.Text})" : value.Text;
        string low = toUnsigned ? "0" : $"INT{bits}_MIN";
        string high = toUnsigned ? $"UINT{bits}_MAX" : $"INT{bits}_MAX";
        var type = new StackType(bits == 64 ? StackKind.Int64 : StackKind.Int32);
        string name = Temporary(type);
        _out.Append($"  {{ __int128 v = {text}; {name} = v < {low} ? {low} : v > {high} ? {high} : ({_compilation.CName(to)})v; }}\n");
        _stack.Add(new StackEntry(name, type));
    }

    private void CreateInstance(DefinedType type)
    {
        MethodRecord? constructor = type.Record.Methods.FirstOrDefault(method => method.Name == ".ctor" && method.Signature.Parameters.Length == 0);
        if (constructor is not null && StackType.Of(type).Kind is StackKind.Structure or StackKind.Object)
            NewObject(Universe.Method(constructor!, type, []));
        else if (type.IsValueType)
        {
            string name = Temporary(StackType.Of(type));
            _out.Append($"  {name} = {Zero(type)};\n");
            _stack.Add(new StackEntry(name, StackType.Of(type)));
        }
        else
            throw new CompileException($"{_method}: {type} has no constructor without parameters.");
    }

    private MethodDesc DefaultComparer(DefinedType comparer, string contract, string kind)
    {
        TypeDesc element = comparer.Arguments[0];
        DefinedType wanted = Universe.Instance(Universe.CoreRecord("System." + contract), [element]);
        string name = element is DefinedType { IsNullable: true } ? "Nullable" : Assignability.IsInstance(element, wanted) ? "Generic"
            : element.IsEnum ? "Enum" : "Object";
        TypeDesc[] arguments = element is DefinedType { IsNullable: true } nullable ? nullable.Arguments : [element];
        return Universe.Instance(Universe.CoreRecord($"System.Collections.Generic.{name}{kind}Comparer`1"), arguments).Method(".ctor");
    }
}
