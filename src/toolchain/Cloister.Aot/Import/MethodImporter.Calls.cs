using System.Collections.Generic;
using System.Linq;
using System.Reflection.Metadata;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Import;

/// <summary>Calls and new objects.</summary>
internal sealed partial class MethodImporter
{
    private StackEntry[] PopArguments(int count)
    {
        StackEntry[] arguments = new StackEntry[count];
        for (int i = count - 1; i >= 0; i--)
            arguments[i] = Pop();
        return arguments;
    }

    private void Call(object member, bool isVirtual)
    {
        if (member is ArrayMethod arrayMethod)
        {
            CallArrayMethod(arrayMethod);
            return;
        }

        var method = (MethodDesc)member;
        TypeDesc? constraint = _constraint;
        _constraint = null;
        if (constraint is not null && method.IsStatic)
        {
            method = VirtualResolution.Resolve(constraint, method) ?? throw new CompileException($"{constraint} doesn't implement {method}.");
            constraint = null;
        }

        if (Intrinsic(method))
            return;
        StackEntry[] arguments = PopArguments(method.Signature.Parameters.Length + (method.IsStatic ? 0 : 1));
        if (constraint is not null)
            (method, isVirtual) = Constrain(method, constraint, arguments);
        if (isVirtual)
            CheckNull(arguments[0]);
        if (!method.IsStatic && method.Owner.IsDelegate && method.Name == "Invoke")
        {
            CheckNull(arguments[0]);
            Refuse($"calls by a delegate, {method.Owner},");
            CallDelegate(method, arguments);
        }
        else if (isVirtual && method.IsVirtual && !(method.IsFinal && !method.Owner.IsInterface))
            CallVirtual(method, arguments);
        else
            CallDirect(method, arguments);
    }

    // The constrained prefix (ECMA-335, III.2.1): the receiver is the address of a T.
    private (MethodDesc Method, bool IsVirtual) Constrain(MethodDesc method, TypeDesc constraint, StackEntry[] arguments)
    {
        string address = Address(arguments[0]);
        if (constraint.IsReference)
        {
            Push(Deref(constraint, address), constraint);
            arguments[0] = Pop();
            return (method, true);
        }

        if (VirtualResolution.Resolve(constraint, method) is { } own && own.Owner == constraint)
        {
            arguments[0] = arguments[0] with { Text = address, Type = new StackType(StackKind.Pointer) };
            return (own, false);
        }

        Push(Deref(constraint, address), constraint);
        Box(constraint);
        arguments[0] = Pop();
        return (method, true);
    }

    private IEnumerable<string> Passed(MethodDesc method, StackEntry[] arguments)
    {
        int first = method.IsStatic ? 0 : 1;
        if (first == 1)
            yield return As(arguments[0], StackType.Of(This(method)));
        for (int i = first; i < arguments.Length; i++)
            yield return As(arguments[i], method.Signature.Parameters[i - first]);
    }

    private void CallDirect(MethodDesc method, StackEntry[] arguments)
    {
        if (method.IsAbstract)
            throw new CompileException($"{_method} calls {method}, which has no body.");
        if (IsMonitor && !method.IsInternalCall && method.Record.Has("System.Diagnostics.CodeAnalysis.DoesNotReturnAttribute"))
        {
            // It would make an exception, and say more than this report can.
            _out.Append($"  {Fatal(method.Owner.FullName + "." + method.Name)}\n");
            _isCutOff = true;
            return;
        }

        if ((method.IsStatic || method.Name == ".ctor") && !method.Owner.Record.IsBeforeFieldInit && method.Name != ".cctor")
            EnsureInitialized(method.Owner);
        string name = _compilation.Reach(method);
        FollowArguments(method, arguments);
        EmitCall($"{name}({string.Join(", ", Passed(method, arguments))})", method.Signature.Return);
        ComesFrom(method.Signature.Return, new DelegatePlace(method, DelegatePlaceKind.Result));
        _body.Calls.Add(method);
        if (_compilation.MayThrow(method))
            CheckException();
    }

    private void EmitCall(string call, TypeDesc result)
    {
        if (result.Primitive == Primitive.Void)
            _out.Append($"  {call};\n");
        else
            Push(call, result);
    }

    private string FunctionType(TypeDesc result, IEnumerable<TypeDesc> parameters) =>
        $"{_compilation.CName(result)}(*)({string.Join(", ", parameters.Select(_compilation.CName).Prepend("void*"))})";

    private void CallVirtual(MethodDesc method, StackEntry[] arguments)
    {
        Selector selector = _compilation.Select(method);
        _body.Selects.Add(selector);
        string[] passed = [.. Passed(method, arguments)];
        string entry = $"TYPE_OF({arguments[0].Text})->dispatch[{selector.Row}]";
        // Where there are few implementations, all but the last are tested for, and what is left has to be that one.
        MethodDesc[] tested = [.. selector.Few.Where(IsTiny).Take(selector.Few.Length - 1)];
        MethodDesc? only = tested.Length > 0 && tested.Length == selector.Few.Length - 1 ? selector.Few.Except(tested).Single() : selector.Only;
        string other = only is not null ? $"{_compilation.Reach(only)}({string.Join(", ", passed.Skip(1).Prepend(Receiver(only, passed[0])))})"
            : $"(({FunctionType(method.Signature.Return, method.Signature.Parameters)}){entry})({string.Join(", ", passed)})";
        if (only is not null)
            _body.Calls.Add(only);
        CallLikely(tested.Select(likely => ($"{entry} != (void*){_compilation.BoxedEntry(likely)}", likely,
                passed.Skip(1).Prepend(Receiver(likely, passed[0])))),
            isOtherRare: false, method.Signature.Return, other, only is null ? _compilation.MayThrow(selector) : _compilation.MayThrow(only));
    }

    private void CallIndirect()
    {
        Refuse("calls by a function pointer");
        EntityHandle token = ReadToken();
        if (token.Kind != HandleKind.StandaloneSignature)
            throw Damaged("a call by an address has no signature");
        var handle = (StandaloneSignatureHandle)token;
        Signature signature = Universe.ToSignature(_module.Reader.GetStandaloneSignature(handle).DecodeMethodSignature(_module.Signatures, null))
            .Substitute(_method.Owner.Arguments, _method.Arguments);
        if (signature.HasThis)
            throw new CompileException($"{_method}: a call of an instance method by its address.");
        StackEntry function = Pop();
        StackEntry[] arguments = PopArguments(signature.Parameters.Length);
        string parameters = string.Join(", ", signature.Parameters.Select(_compilation.CName).DefaultIfEmpty("void"));
        string passed = string.Join(", ", arguments.Select((argument, i) => As(argument, signature.Parameters[i])));
        EmitCall($"(({_compilation.CName(signature.Return)}(*)({parameters}))({function.Text}))({passed})", signature.Return);
        _body.CallsPointers = true;
        _body.Throws = true;
        CheckException();
    }

    private void NewObject(object member)
    {
        if (member is ArrayMethod arrayMethod)
        {
            NewArrayWithDimensions(arrayMethod);
            return;
        }

        var constructor = (MethodDesc)member;
        DefinedType type = constructor.Owner;
        if (type.IsDelegate)
        {
            NewDelegate(type);
            return;
        }

        StackEntry[] arguments = PopArguments(constructor.Signature.Parameters.Length);
        if (type.FullName == "System.String")
        {
            // A string's size is known only by its constructor's arguments; the core library has a static method for each constructor.
            MethodRecord maker = type.Record.Methods.FirstOrDefault(method => method.Name == "Ctor" &&
                method.Signature.Parameters.SequenceEqual(constructor.Signature.Parameters))
                ?? throw new CompileException($"{constructor} is not in the core library.");
            CallDirect(Universe.Method(maker, type, []), arguments);
            return;
        }

        if (type.IsValueType)
        {
            string value = Temporary(StackType.Of(type));
            string variable = value;
            if (StackType.Of(type).Kind != StackKind.Structure)
                throw new CompileException($"{_method}: a constructor of {type}.");
            _out.Append($"  {value} = {Zero(type)};\n");
            CallDirect(constructor, [new StackEntry($"(char*)&{variable}", new StackType(StackKind.Pointer)), .. arguments]);
            _stack.Add(new StackEntry(value, StackType.Of(type)));
            return;
        }

        if (IsMonitor && _module.IsCore && (ILOpCode)Peek(0) == ILOpCode.Throw && IsException(type))
        {
            // A check of the core library, like those of the language: it fails without an exception object.
            _out.Append($"  {Fatal(type.FullName)}\n");
            _position++;
            _isCutOff = true;
            return;
        }

        Refuse($"makes an object of {type}");
        // Throwing is rare: no inline code for it.
        string name = IsException(type) ? Allocate("NewObject", $"(char*)&{_compilation.Construct(type)}") : AllocateObject(type);
        var made = new StackEntry(name, new StackType(StackKind.Object)) { IsNotNull = true };
        CallDirect(constructor, [made, .. arguments]);
        _stack.Add(made);
    }

    private void LoadFunction(MethodDesc method)
    {
        if (method.IsStatic && !method.Owner.Record.IsBeforeFieldInit)
            EnsureInitialized(method.Owner);
        if (_constraint is { } constraint)
            method = VirtualResolution.Resolve(constraint, method) ?? throw new CompileException($"{constraint} doesn't implement {method}.");
        _constraint = null;
        _body.Pointers.Add(method);
        _stack.Add(new StackEntry($"(intptr_t)&{_compilation.Reach(method)}", new StackType(StackKind.NativeInt)) { Function = method });
    }

    private void LoadVirtualFunction(MethodDesc method)
    {
        StackEntry receiver = Pop();
        CheckNull(receiver);
        if (!method.IsVirtual)
        {
            _stack.Add(new StackEntry($"(intptr_t)&{_compilation.Reach(method)}", new StackType(StackKind.NativeInt)) { Function = method });
            return;
        }

        Selector selector = _compilation.Select(method);
        Push($"(intptr_t)TYPE_OF({receiver.Text})->dispatch[{selector.Row}]", new StackType(StackKind.NativeInt));
        _stack[^1] = _stack[^1] with { Token = method };
    }

    // Arrays with dimensions: length of all elements, then 32 bits for each dimension, then the elements in row-major order.
    private static int DimensionsHeader(ArrayType type) => ArrayHeader + (type.Rank + 1) / 2 * 8;

    private void NewArrayWithDimensions(ArrayMethod constructor)
    {
        ArrayType type = constructor.Array;
        if (constructor.Signature.Parameters.Length != type.Rank)
            throw new CompileException($"{_method}: an array with lower bounds.");
        StackEntry[] dimensions = PopArguments(type.Rank);
        Refuse($"makes an array, {type},");
        string sizes = Temporary(new StackType(StackKind.Pointer));
        _out.Append($"  {sizes} = (char*)(int32_t[]){{ {string.Join(", ", dimensions.Select(entry => entry.Text))} }};\n");
        string name = Allocate("NewArrayWithDimensions", $"(char*)&{_compilation.Construct(type)}, {sizes}, {type.Rank}");
        _stack.Add(new StackEntry(name, new StackType(StackKind.Object)) { IsNotNull = true });
    }

    private void CallArrayMethod(ArrayMethod method)
    {
        ArrayType type = method.Array;
        StackEntry? value = method.Name == "Set" ? Pop() : null;
        StackEntry[] indices = PopArguments(type.Rank);
        StackEntry array = Pop();
        CheckNull(array);
        string index = "0";
        for (int i = 0; i < type.Rank; i++)
        {
            string length = $"((uint32_t*)((char*){array.Text} + {ArrayHeader}))[{i}]";
            ThrowIf($"(uint32_t){indices[i].Text} >= {length}", "ThrowIndexOutOfRange");
            index = $"({index} * (uint64_t){length} + (uint32_t){indices[i].Text})";
        }

        string address = $"(char*){array.Text} + {DimensionsHeader(type)} + {index} * {_compilation.VariableShape(type.Element).Size}";
        switch (method.Name)
        {
            case "Get": Push(Deref(type.Element, address), type.Element); break;
            case "Address": Push(address, new StackType(StackKind.Pointer)); break;
            default:
                if (type.Element.IsReference)
                    ThrowIf($"{value!.Value.Text} != 0 && !cl_isinst({value.Value.Text}, TYPE_OF({array.Text})->element)", "ThrowArrayTypeMismatch");
                _out.Append($"  {Deref(type.Element, address)} = {As(value!.Value, type.Element)};\n");
                break;
        }

        _isReadonly = false;
    }
}
