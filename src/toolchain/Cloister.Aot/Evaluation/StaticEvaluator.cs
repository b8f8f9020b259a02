using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using Cloister.Aot.Import;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Evaluation;

/// <summary>
/// Runs static constructors while compiling, where they do nothing but compute with integers and fill static fields and arrays of primitives or
/// strings. Such a program has the results as data and no initialisation. Anything else, also an exception, leaves the constructor to the program.
/// </summary>
internal sealed class StaticEvaluator
{
    private const int StepLimit = 400_000;
    private const int DepthLimit = 16;

    // Larger arrays would make the image larger than the code that fills them does.
    private const int ArrayByteLimit = 16 << 10;
    private const int ZeroByteLimit = 256;

    private readonly Dictionary<DefinedType, Dictionary<FieldDesc, Value>?> _results = [];
    private Dictionary<FieldDesc, Value> _fields = [];
    private DefinedType? _type;
    private int _steps;
    private int _depth;

    /// <summary>The static fields after the type's static constructor; nothing where it can't be evaluated.</summary>
    public IReadOnlyDictionary<FieldDesc, Value>? Evaluate(DefinedType type, MethodDesc constructor)
    {
        if (_results.TryGetValue(type, out Dictionary<FieldDesc, Value>? known))
            return known;
        // Constructors that need each other run in the program.
        _results[type] = null;
        (DefinedType? type, Dictionary<FieldDesc, Value> fields, int steps, int depth) outer = (_type, _fields, _steps, _depth);
        try
        {
            (_type, _fields, _steps, _depth) = (type, [], 0, 0);
            Run(constructor, []);
            if (_fields.Values.Any(value => value.Object is EvaluatedArray array && IsTooLarge(array)))
                return null;
            return _results[type] = _fields;
        }
        catch (NotEvaluableException)
        {
            return null;
        }
        finally
        {
            (_type, _fields, _steps, _depth) = outer;
        }
    }

    private static bool IsTooLarge(EvaluatedArray array)
    {
        int bytes = array.Length * (array.Element.IsReference ? 8 : Width(array.Element));
        bool isZero = array.Bits.All(bits => bits == 0) && array.Objects.All(item => item is null);
        return bytes > (isZero ? ZeroByteLimit : ArrayByteLimit) || array.Objects.OfType<EvaluatedArray>().Any(IsTooLarge);
    }

    /// <summary>Bytes of a primitive.</summary>
    public static int Width(TypeDesc type) => type.Underlying.Primitive switch
    {
        Primitive.Boolean or Primitive.Byte or Primitive.SByte => 1,
        Primitive.Char or Primitive.Int16 or Primitive.UInt16 => 2,
        Primitive.Int32 or Primitive.UInt32 or Primitive.Single => 4,
        Primitive.Int64 or Primitive.UInt64 or Primitive.Double or Primitive.IntPtr or Primitive.UIntPtr => 8,
        _ => throw new NotEvaluableException(),
    };

    /// <summary>What a variable of a type holds after the store of some bits.</summary>
    private static long Stored(long bits, TypeDesc type) => type.Underlying.Primitive switch
    {
        Primitive.Boolean or Primitive.Byte => (byte)bits,
        Primitive.SByte => (sbyte)bits,
        Primitive.Char or Primitive.UInt16 => (ushort)bits,
        Primitive.Int16 => (short)bits,
        Primitive.Int32 or Primitive.UInt32 => (int)bits,
        _ => bits,
    };

    private Value Run(MethodDesc method, Value[] arguments)
    {
        if (++_depth > DepthLimit || method.IsInternalCall || method.IsAbstract)
            throw new NotEvaluableException();
        MetadataModule module = method.Record.Module;
        int address = module.Reader.GetMethodDefinition(method.Record.Handle).RelativeVirtualAddress;
        if (address == 0)
            throw new NotEvaluableException();
        MethodBodyBlock body = module.Image.GetMethodBody(address);
        if (body.ExceptionRegions.Length > 0)
            throw new NotEvaluableException();
        TypeDesc Close(TypeDesc type) => type.Substitute(method.Owner.Arguments, method.Arguments);
        TypeDesc[] locals = body.LocalSignature.IsNil ? [] : [.. module.Reader.GetStandaloneSignature(body.LocalSignature)
            .DecodeLocalSignature(module.Signatures, null).Select(Close)];
        var frame = new Frame(method, body.GetILReader(), arguments, locals);
        while (true)
        {
            if (++_steps > StepLimit)
                throw new NotEvaluableException();
            if (!Step(frame))
                break;
        }

        _depth--;
        return method.Signature.Return.Primitive == Primitive.Void ? default : Convert(frame.Pop(), method.Signature.Return);
    }

    private static Value Convert(Value value, TypeDesc type)
    {
        StackKind kind = StackType.Of(type).Kind;
        if (kind is StackKind.Structure or StackKind.Pointer || (kind == StackKind.Object) != (value.Kind == StackKind.Object))
            throw new NotEvaluableException();
        return value with { Kind = kind, Bits = kind == StackKind.Object ? 0 : Stored(value.Bits, type) };
    }

    private bool Step(Frame frame)
    {
        ref BlobReader il = ref frame.IL;
        int code = il.ReadByte();
        var operation = (ILOpCode)(code == 0xfe ? 0xfe00 | il.ReadByte() : code);
        switch (operation)
        {
            case ILOpCode.Nop or ILOpCode.Volatile: break;
            case >= ILOpCode.Ldarg_0 and <= ILOpCode.Ldarg_3: frame.Push(frame.Arguments[operation - ILOpCode.Ldarg_0]); break;
            case ILOpCode.Ldarg_s: frame.Push(frame.Arguments[il.ReadByte()]); break;
            case ILOpCode.Starg_s:
            {
                int index = il.ReadByte();
                frame.Arguments[index] = Convert(frame.Pop(), frame.Method.Signature.Parameters[index]);
                break;
            }

            case >= ILOpCode.Ldloc_0 and <= ILOpCode.Ldloc_3: frame.Push(frame.Locals[operation - ILOpCode.Ldloc_0]); break;
            case ILOpCode.Ldloc_s: frame.Push(frame.Locals[il.ReadByte()]); break;
            case >= ILOpCode.Stloc_0 and <= ILOpCode.Stloc_3: frame.Store(operation - ILOpCode.Stloc_0, Convert); break;
            case ILOpCode.Stloc_s: frame.Store(il.ReadByte(), Convert); break;
            case ILOpCode.Ldnull: frame.Push(Value.Of(null)); break;
            case >= ILOpCode.Ldc_i4_m1 and <= ILOpCode.Ldc_i4_8: frame.Push(new Value(StackKind.Int32, operation - ILOpCode.Ldc_i4_0)); break;
            case ILOpCode.Ldc_i4_s: frame.Push(new Value(StackKind.Int32, il.ReadSByte())); break;
            case ILOpCode.Ldc_i4: frame.Push(new Value(StackKind.Int32, il.ReadInt32())); break;
            case ILOpCode.Ldc_i8: frame.Push(new Value(StackKind.Int64, il.ReadInt64())); break;
            case ILOpCode.Ldc_r4: frame.Push(new Value(StackKind.Single, il.ReadInt32())); break;
            case ILOpCode.Ldc_r8: frame.Push(new Value(StackKind.Double, il.ReadInt64())); break;
            case ILOpCode.Ldstr:
                frame.Push(Value.Of(frame.Module.Text(il.ReadInt32())));
                break;
            case ILOpCode.Dup: frame.Push(frame.Stack.Peek()); break;
            case ILOpCode.Pop: frame.Pop(); break;
            case ILOpCode.Ret: return false;
            case ILOpCode.Call: Call(frame, frame.ReadMember()); break;
            case ILOpCode.Newobj:
                frame.Push(frame.ReadMember() is MethodDesc { Owner: { IsValueType: false, IsDelegate: false } owner } constructor &&
                    IsEmpty(constructor) && (owner == frame.Method.Owner || owner.Record.IsBeforeFieldInit || owner.TryMethod(".cctor") is null)
                    ? Value.Of(new EvaluatedObject(owner)) : throw new NotEvaluableException());
                break;
            case ILOpCode.Newarr:
            {
                TypeDesc element = frame.ReadType();
                long length = frame.Pop().Bits;
                if (!element.IsReference)
                    Width(element);
                if (length is < 0 or > ArrayByteLimit)
                    throw new NotEvaluableException();
                frame.Push(Value.Of(new EvaluatedArray(element, (int)length)));
                break;
            }

            case ILOpCode.Ldlen: frame.Push(new Value(StackKind.NativeInt, frame.PopArray().Length)); break;
            case >= ILOpCode.Ldelem_i1 and <= ILOpCode.Ldelem_ref: LoadElement(frame); break;
            case ILOpCode.Ldelem: frame.ReadType(); LoadElement(frame); break;
            case >= ILOpCode.Stelem_i and <= ILOpCode.Stelem_ref: StoreElement(frame); break;
            case ILOpCode.Stelem: frame.ReadType(); StoreElement(frame); break;
            case ILOpCode.Ldtoken:
                frame.Push(Value.Of(frame.ReadMember() is FieldDesc { HasData: true } field ? field : throw new NotEvaluableException()));
                break;
            case ILOpCode.Ldsfld: frame.Push(LoadStatic((FieldDesc)frame.ReadMember())); break;
            case ILOpCode.Stsfld: StoreStatic(frame, (FieldDesc)frame.ReadMember()); break;
            default: Integers.Step(frame, operation); break;
        }

        return true;
    }

    private void Call(Frame frame, object member)
    {
        if (member is not MethodDesc { IsStatic: true } method ||
            method.Signature.Parameters.Any(type => StackType.Of(type).Kind is StackKind.Pointer))
            throw new NotEvaluableException();
        if (method.Name == "InitializeArray" && method.Owner.FullName == "System.Runtime.CompilerServices.RuntimeHelpers")
        {
            var source = (FieldDesc)frame.Pop().Object!;
            Fill(frame.PopArray(), source);
            return;
        }

        if (!method.Owner.Record.IsBeforeFieldInit && method.Owner != frame.Method.Owner && method.Owner.TryMethod(".cctor") is not null)
            throw new NotEvaluableException();
        var arguments = new Value[method.Signature.Parameters.Length];
        for (int i = arguments.Length - 1; i >= 0; i--)
            arguments[i] = Convert(frame.Pop(), method.Signature.Parameters[i]);
        Value result = Run(method, arguments);
        if (method.Signature.Return.Primitive != Primitive.Void)
            frame.Push(result);
    }

    private static void Fill(EvaluatedArray array, FieldDesc source)
    {
        int width = Width(array.Element);
        byte[] data = source.Record.Module.FieldData(source.Record, array.Length * width);
        for (int i = 0; i < array.Length; i++)
        {
            long bits = 0;
            for (int b = width - 1; b >= 0; b--)
                bits = bits << 8 | data[i * width + b];
            array.Bits[i] = Stored(bits, array.Element);
        }
    }

    // A constructor that does nothing but call one like it, of a class without fields: ldarg.0, call, ret.
    private static bool IsEmpty(MethodDesc constructor)
    {
        if (constructor.Owner.Record.FullName == "System.Object")
            return true;
        MetadataModule module = constructor.Record.Module;
        int address = module.Reader.GetMethodDefinition(constructor.Record.Handle).RelativeVirtualAddress;
        if (address == 0 || constructor.Signature.Parameters.Length > 0 || constructor.Owner.Fields.Any(field => !field.IsStatic))
            return false;
        byte[] il = module.Image.GetMethodBody(address).GetILBytes()!;
        return il is [0x02, 0x28, _, _, _, _, 0x2a] &&
            module.ResolveMember(module.Entity(BitConverter.ToInt32(il, 2))) is MethodDesc { Name: ".ctor" } other &&
            IsEmpty(other.Substitute(constructor.Owner.Arguments, []));
    }

    private static int Index(long index, int length) => index >= 0 && index < length ? (int)index : throw new NotEvaluableException();

    private static void LoadElement(Frame frame)
    {
        long index = frame.Pop().Bits;
        EvaluatedArray array = frame.PopArray();
        int place = Index(index, array.Length);
        frame.Push(array.Element.IsReference ? Value.Of(array.Objects[place]) : new Value(StackType.Of(array.Element).Kind, array.Bits[place]));
    }

    private static void StoreElement(Frame frame)
    {
        Value value = frame.Pop();
        long index = frame.Pop().Bits;
        EvaluatedArray array = frame.PopArray();
        int place = Index(index, array.Length);
        if (!array.Element.IsReference)
            array.Bits[place] = Convert(value, array.Element).Bits;
        else
            // The types agree for sure where the element's type is the value's own.
            array.Objects[place] = value.Object switch
            {
                null => null,
                string text when array.Element.FullName == "System.String" => text,
                EvaluatedArray inner when array.Element is ArrayType { Rank: 0 } type && type.Element == inner.Element => inner,
                _ => throw new NotEvaluableException(),
            };
    }

    private Value LoadStatic(FieldDesc field)
    {
        if (field.HasData || StackType.Of(field.Type).Kind is StackKind.Structure or StackKind.Pointer)
            throw new NotEvaluableException();
        if (_fields.TryGetValue(field, out Value value))
            return value;
        MethodDesc? constructor = field.Owner.TryMethod(".cctor");
        if (field.Owner == _type)
            return Value.Zero(field.Type);
        // A field of another type counts where nothing can have changed it, arrays only where they have no elements.
        if ((field.Record.Attributes & System.Reflection.FieldAttributes.InitOnly) == 0 || constructor is null ||
            Evaluate(field.Owner, constructor) is not { } others)
            throw new NotEvaluableException();
        value = others.TryGetValue(field, out Value found) ? found : Value.Zero(field.Type);
        return value.Object is EvaluatedArray { Length: > 0 } ? throw new NotEvaluableException() : value;
    }

    private void StoreStatic(Frame frame, FieldDesc field)
    {
        Value value = Convert(frame.Pop(), field.Type);
        bool fits = value.Object switch
        {
            null => true,
            string => field.Type.FullName is "System.String" or "System.Object",
            EvaluatedObject made => Assignability.IsInstance(made.Type, field.Type),
            EvaluatedArray array => field.Type is ArrayType { Rank: 0 } type && type.Element == array.Element,
            _ => false,
        };
        if (field.HasData || !fits || frame.Method.Name != ".cctor" || frame.Method.Owner != field.Owner)
            throw new NotEvaluableException();
        if (value.Kind is StackKind.Single or StackKind.Double && !IsFinite(value))
            throw new NotEvaluableException();
        _fields[field] = value;
    }

    // Others have no spelling in C that is certain to keep their bits.
    private static bool IsFinite(Value value) => value.Kind == StackKind.Single
        ? float.IsFinite(BitConverter.Int32BitsToSingle((int)value.Bits)) : double.IsFinite(BitConverter.Int64BitsToDouble(value.Bits));
}
