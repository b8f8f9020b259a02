using System;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Import;

/// <summary>Values as objects.</summary>
internal sealed partial class MethodImporter
{
    // Generic code asks of a value whether it is null or has an interface by "box; brtrue", "box; ldnull; ceq" and "box; isinst; brtrue"; of a value
    // type the answer is known, and no box is made.
    private bool BoxIsOnlyTested(TypeDesc type)
    {
        if (type is DefinedType { IsNullable: true } || _leaders.Contains(_position))
            return false;
        switch ((ILOpCode)Peek(0))
        {
            case ILOpCode.Brtrue or ILOpCode.Brtrue_s or ILOpCode.Brfalse or ILOpCode.Brfalse_s:
                Answer(true, skipped: 0);
                return true;
            case ILOpCode.Ldnull when !_leaders.Contains(_position + 1) && Peek(1) == 0xfe && Peek(2) is 0x01 or 0x03:
                // ceq or cgt.un
                Answer(Peek(2) == 0x03, skipped: 3);
                return true;
            case ILOpCode.Isinst when !_leaders.Contains(_position + 5) && (ILOpCode)Peek(5) is ILOpCode.Brtrue or ILOpCode.Brtrue_s
                or ILOpCode.Brfalse or ILOpCode.Brfalse_s:
                int token = System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(_il.AsSpan(_position + 1));
                if (Close(_module.ResolveType(_module.Entity(token))) is not DefinedType { IsInterface: true } wanted)
                    return false;
                Answer(Assignability.IsInstance(type, wanted), skipped: 5);
                return true;
            default:
                return false;
        }
    }

    private void Answer(bool answer, int skipped)
    {
        Pop();
        _position += skipped;
        PushConstant(answer ? 1 : 0, StackKind.Int32);
    }

    // A boxed T? is a boxed T (ECMA-335, I.8.2.4).
    private static TypeDesc Boxed(TypeDesc type) => type is DefinedType { IsNullable: true } nullable ? nullable.Arguments[0] : type;

    private void Box(TypeDesc type)
    {
        if (type.IsReference || BoxIsOnlyTested(type))
            return;
        StackEntry value = Pop();
        TypeDesc boxed = Boxed(type);
        if (boxed == type)
        {
            PushBox(type, As(value, type));
            return;
        }

        var nullable = (DefinedType)type;
        FieldDesc[] fields = [.. nullable.Fields.Where(field => !field.IsStatic)];
        string name = Temporary(new StackType(StackKind.Object));
        string hasValue = FieldIn(value, fields.First(field => field.Type.Primitive == Primitive.Boolean && field.Name == "hasValue"));
        _out.Append($"  {name} = 0;\n  if ({hasValue}) {{\n");
        PushBox(boxed, FieldIn(value, fields.First(field => field.Name == "value")));
        _out.Append($"  {name} = {Pop().Text};\n  }}\n");
        _stack.Add(new StackEntry(name, new StackType(StackKind.Object)));
    }

    private void PushBox(TypeDesc type, string value)
    {
        if (type is DefinedType { Record: var record } && record.Attribute("System.Runtime.CompilerServices.IsByRefLikeAttribute") is not null)
            throw new CompileException($"{_method}: {type} is a ref struct and can't be boxed.");
        Refuse($"makes a box of {type}");
        string name = AllocateObject(type);
        _out.Append($"  {Deref(type, $"(char*){name} + 8")} = {value};\n");
        _stack.Add(new StackEntry(name, new StackType(StackKind.Object)) { IsNotNull = true });
    }

    private void CheckUnbox(StackEntry value, TypeDesc type)
    {
        string descriptor = _compilation.CastTarget(type);
        // An enumeration unboxes as its underlying type and the other way round.
        string underlying = type.Underlying.Primitive == Primitive.None ? ""
            : $" && cl_underlying(TYPE_OF({value.Text})) != cl_underlying(&{descriptor})";
        ThrowIf($"TYPE_OF({value.Text}) != &{descriptor}{underlying}", "ThrowInvalidCast", $"{value.Text}, (char*)&{descriptor}");
    }

    private void Unbox(TypeDesc type)
    {
        StackEntry value = Pop();
        if (type is DefinedType { IsNullable: true })
            throw new CompileException($"{_method}: the address of a T? in a box.");
        CheckNull(value);
        CheckUnbox(value, type);
        Push($"(char*){value.Text} + 8", new StackType(StackKind.Pointer));
    }

    private void UnboxAny(TypeDesc type)
    {
        if (type.IsReference)
        {
            CastClass(type);
            return;
        }

        StackEntry value = Pop();
        if (type is DefinedType { IsNullable: true } nullable)
        {
            string name = Temporary(StackType.Of(type));
            _out.Append($"  {name} = {Zero(type)};\n  if ({value.Text} != 0) {{\n");
            CheckUnbox(value, nullable.Arguments[0]);
            var made = new StackEntry(name, StackType.Of(type));
            string boxed = Deref(nullable.Arguments[0], $"(char*){value.Text} + 8");
            _out.Append($"  {FieldIn(made, nullable.Fields.First(field => field.Name == "hasValue"))} = 1;\n")
                .Append($"  {FieldIn(made, nullable.Fields.First(field => field.Name == "value"))} = {boxed};\n  }}\n");
            _stack.Add(made);
            return;
        }

        CheckNull(value);
        CheckUnbox(value, type);
        Push(Deref(type, $"(char*){value.Text} + 8"), type);
    }
}
