using System;
using System.Linq;
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
            case "System.Type.GetTypeFromHandle" when _stack[^1].Token is TypeDesc type:
                Pop();
                _stack.Add(new StackEntry($"((void*)&O{_compilation.Descriptor(type)})", new StackType(StackKind.Object)) { IsNotNull = true, Token = type });
                return true;
            case "System.Type.op_Equality" or "System.Type.op_Inequality" when _stack[^1].Token is TypeDesc right && _stack[^2].Token is TypeDesc left:
                Pop();
                Pop();
                PushConstant(left == right == (method.Name == "op_Equality") ? 1 : 0, StackKind.Int32);
                return true;
            case "System.Type.get_IsValueType" when _stack[^1].Token is TypeDesc type:
                Pop();
                PushConstant(type.IsValueType ? 1 : 0, StackKind.Int32);
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

        // There are no vectors on bare metal yet, and code that asks takes its portable way.
        if (method.Name is "get_IsSupported" or "get_IsHardwareAccelerated" && method.Owner.Record.FullName.StartsWith("System.Runtime.Intrinsics.", StringComparison.Ordinal))
        {
            PushConstant(0, StackKind.Int32);
            return true;
        }

        return false;
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
        string name = element is DefinedType { IsNullable: true } ? "Nullable" : Assignability.IsInstance(element, wanted) ? "Generic" : element.IsEnum ? "Enum" : "Object";
        TypeDesc[] arguments = element is DefinedType { IsNullable: true } nullable ? nullable.Arguments : [element];
        return Universe.Instance(Universe.CoreRecord($"System.Collections.Generic.{name}{kind}Comparer`1"), arguments).Method(".ctor");
    }
}
