using System.Reflection.Metadata;
using Cloister.Aot.Import;

namespace Cloister.Aot.Evaluation;

/// <summary>Instructions on integers, and branches on them. What could throw in the program isn't evaluated.</summary>
internal static class Integers
{
    public static void Step(Frame frame, ILOpCode code)
    {
        switch (code)
        {
            case >= ILOpCode.Add and <= ILOpCode.Xor: Binary(frame, code); break;
            case ILOpCode.Shl or ILOpCode.Shr or ILOpCode.Shr_un: Shift(frame, code); break;
            case ILOpCode.Neg: Push(frame, -Operand(frame, out StackKind negated), negated); break;
            case ILOpCode.Not: Push(frame, ~Operand(frame, out StackKind inverted), inverted); break;
            case ILOpCode.Ceq or ILOpCode.Cgt or ILOpCode.Cgt_un or ILOpCode.Clt or ILOpCode.Clt_un:
                frame.Push(new Value(StackKind.Int32, Compare(frame, code) ? 1 : 0));
                break;
            case ILOpCode.Br_s: frame.Jump(frame.IL.ReadSByte()); break;
            case ILOpCode.Br: frame.Jump(frame.IL.ReadInt32()); break;
            case ILOpCode.Brtrue_s or ILOpCode.Brfalse_s or ILOpCode.Brtrue or ILOpCode.Brfalse:
            {
                bool isShort = code is ILOpCode.Brtrue_s or ILOpCode.Brfalse_s;
                int distance = isShort ? frame.IL.ReadSByte() : frame.IL.ReadInt32();
                Value condition = frame.Pop();
                bool isTrue = condition.Kind == StackKind.Object ? condition.Object is not null : Integer(condition) != 0;
                if (isTrue == code is ILOpCode.Brtrue_s or ILOpCode.Brtrue)
                    frame.Jump(distance);
                break;
            }

            case >= ILOpCode.Beq_s and <= ILOpCode.Blt_un_s: Branch(frame, code - ILOpCode.Beq_s, frame.IL.ReadSByte()); break;
            case >= ILOpCode.Beq and <= ILOpCode.Blt_un: Branch(frame, code - ILOpCode.Beq, frame.IL.ReadInt32()); break;
            default: Convert(frame, code); break;
        }
    }

    private static long Integer(Value value) =>
        value.Kind is StackKind.Int32 or StackKind.Int64 or StackKind.NativeInt ? value.Bits : throw new NotEvaluableException();

    private static long Operand(Frame frame, out StackKind kind)
    {
        Value value = frame.Pop();
        kind = value.Kind;
        return Integer(value);
    }

    private static void Push(Frame frame, long value, StackKind kind) => frame.Push(new Value(kind, kind == StackKind.Int32 ? (int)value : value));

    // Where one operand is native, the other is extended with its sign (ECMA-335, III.1.5).
    private static StackKind Common(StackKind left, StackKind right) => left == StackKind.Int32 ? right : left;

    private static void Binary(Frame frame, ILOpCode code)
    {
        long right = Operand(frame, out StackKind rightKind);
        long left = Operand(frame, out StackKind leftKind);
        StackKind kind = Common(leftKind, rightKind);
        bool isNarrow = kind == StackKind.Int32;
        bool divides = code is ILOpCode.Div or ILOpCode.Div_un or ILOpCode.Rem or ILOpCode.Rem_un;
        if (divides && (right == 0 || right == -1))
            throw new NotEvaluableException();
        ulong unsignedLeft = isNarrow ? (uint)left : (ulong)left, unsignedRight = isNarrow ? (uint)right : (ulong)right;
        Push(frame, code switch
        {
            ILOpCode.Add => left + right,
            ILOpCode.Sub => left - right,
            ILOpCode.Mul => left * right,
            ILOpCode.Div => left / right,
            ILOpCode.Div_un => (long)(unsignedLeft / unsignedRight),
            ILOpCode.Rem => left % right,
            ILOpCode.Rem_un => (long)(unsignedLeft % unsignedRight),
            ILOpCode.And => left & right,
            ILOpCode.Or => left | right,
            _ => left ^ right,
        }, kind);
    }

    private static void Shift(Frame frame, ILOpCode code)
    {
        long count = Operand(frame, out _);
        long value = Operand(frame, out StackKind kind);
        int amount = (int)count & (kind == StackKind.Int32 ? 31 : 63);
        Push(frame, code switch
        {
            ILOpCode.Shl => value << amount,
            ILOpCode.Shr => value >> amount,
            _ => kind == StackKind.Int32 ? (long)((uint)value >> amount) : (long)((ulong)value >> amount),
        }, kind);
    }

    private static bool Compare(Frame frame, ILOpCode code)
    {
        long right = Operand(frame, out StackKind rightKind);
        long left = Operand(frame, out StackKind leftKind);
        bool isNarrow = Common(leftKind, rightKind) == StackKind.Int32;
        ulong unsignedLeft = isNarrow ? (uint)left : (ulong)left, unsignedRight = isNarrow ? (uint)right : (ulong)right;
        return code switch
        {
            ILOpCode.Ceq => left == right,
            ILOpCode.Cgt => left > right,
            ILOpCode.Cgt_un => unsignedLeft > unsignedRight,
            ILOpCode.Clt => left < right,
            _ => unsignedLeft < unsignedRight,
        };
    }

    // The order of the instructions: beq, bge, bgt, ble, blt, bne.un, bge.un, bgt.un, ble.un, blt.un.
    private static void Branch(Frame frame, int number, int distance)
    {
        bool holds = number switch
        {
            0 => Compare(frame, ILOpCode.Ceq),
            1 => !Compare(frame, ILOpCode.Clt),
            2 => Compare(frame, ILOpCode.Cgt),
            3 => !Compare(frame, ILOpCode.Cgt),
            4 => Compare(frame, ILOpCode.Clt),
            5 => !Compare(frame, ILOpCode.Ceq),
            6 => !Compare(frame, ILOpCode.Clt_un),
            7 => Compare(frame, ILOpCode.Cgt_un),
            8 => !Compare(frame, ILOpCode.Cgt_un),
            _ => Compare(frame, ILOpCode.Clt_un),
        };
        if (holds)
            frame.Jump(distance);
    }

    private static void Convert(Frame frame, ILOpCode code)
    {
        if (code is not (>= ILOpCode.Conv_i1 and <= ILOpCode.Conv_i8 or ILOpCode.Conv_u4 or ILOpCode.Conv_u8 or ILOpCode.Conv_u2 or
            ILOpCode.Conv_u1 or ILOpCode.Conv_i or ILOpCode.Conv_u))
            throw new NotEvaluableException();
        long value = Operand(frame, out StackKind from);
        StackKind kind = code is ILOpCode.Conv_i or ILOpCode.Conv_u ? StackKind.NativeInt
            : code is ILOpCode.Conv_i8 or ILOpCode.Conv_u8 ? StackKind.Int64 : StackKind.Int32;
        frame.Push(new Value(kind, code switch
        {
            ILOpCode.Conv_i1 => (sbyte)value,
            ILOpCode.Conv_u1 => (byte)value,
            ILOpCode.Conv_i2 => (short)value,
            ILOpCode.Conv_u2 => (ushort)value,
            ILOpCode.Conv_i4 or ILOpCode.Conv_u4 => (int)value,
            // conv.u8 of 32 bits extends by zeros.
            ILOpCode.Conv_u8 or ILOpCode.Conv_u when from == StackKind.Int32 => (uint)value,
            _ => value,
        }));
    }
}
