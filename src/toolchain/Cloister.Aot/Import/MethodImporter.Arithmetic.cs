using System.Reflection.Metadata;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Import;

/// <summary>Numbers (ECMA-335, III.1.5 and III.3). Signed overflow wraps, because C is compiled with -fwrapv.</summary>
internal sealed partial class MethodImporter
{
    private static bool IsWide(StackType type) => type.Kind is not (StackKind.Int32 or StackKind.Single or StackKind.Double or StackKind.Structure);

    // The type of a binary operation's result; addresses count as native integers, and a pointer plus a number is a pointer.
    private static StackType Common(StackEntry left, StackEntry right, ILOpCode code)
    {
        if (left.Type.IsFloat)
            return left.Kind == StackKind.Double || right.Kind == StackKind.Double ? new StackType(StackKind.Double) : left.Type;
        bool leftPoints = left.Kind == StackKind.Pointer;
        bool rightPoints = right.Kind == StackKind.Pointer;
        if (leftPoints != rightPoints && code is ILOpCode.Add or ILOpCode.Sub or ILOpCode.Add_ovf_un or ILOpCode.Sub_ovf_un)
            return new StackType(leftPoints || rightPoints ? StackKind.Pointer : IsWide(left.Type) ? left.Kind : right.Kind);
        if (left.Kind == StackKind.Int64 || right.Kind == StackKind.Int64)
            return new StackType(StackKind.Int64);
        return IsWide(left.Type) || IsWide(right.Type) ? new StackType(StackKind.NativeInt) : new StackType(StackKind.Int32);
    }

    private string Integer(StackEntry entry, bool isWide, bool isUnsigned = false)
    {
        string text = entry.Kind is StackKind.Object or StackKind.Pointer ? $"(intptr_t)({entry.Text})" : entry.Text;
        if (entry.Kind == StackKind.Int32 && isWide)
            return isUnsigned ? $"(uint64_t)(int64_t)({text})" : $"(int64_t)({text})";
        return isUnsigned ? isWide ? $"(uint64_t)({text})" : $"(uint32_t)({text})" : text;
    }

    private static int Order(long left, long right, bool isWide, bool isUnsigned) => isWide
        ? isUnsigned ? ((ulong)left).CompareTo((ulong)right) : left.CompareTo(right)
        : isUnsigned ? ((uint)left).CompareTo((uint)right) : ((int)left).CompareTo((int)right);

    private static bool Holds(string operation, int order) => operation switch
    {
        "==" => order == 0,
        "!=" => order != 0,
        "<" => order < 0,
        "<=" => order <= 0,
        ">" => order > 0,
        _ => order >= 0,
    };

    private string Comparison(ILOpCode code, StackEntry left, StackEntry right, out long? constant)
    {
        (string operation, bool isUnsigned) = code switch
        {
            ILOpCode.Ceq or ILOpCode.Beq or ILOpCode.Beq_s => ("==", false),
            ILOpCode.Bne_un or ILOpCode.Bne_un_s => ("!=", false),
            ILOpCode.Cgt or ILOpCode.Bgt or ILOpCode.Bgt_s => (">", false),
            ILOpCode.Cgt_un or ILOpCode.Bgt_un or ILOpCode.Bgt_un_s => (">", true),
            ILOpCode.Clt or ILOpCode.Blt or ILOpCode.Blt_s => ("<", false),
            ILOpCode.Clt_un or ILOpCode.Blt_un or ILOpCode.Blt_un_s => ("<", true),
            ILOpCode.Bge or ILOpCode.Bge_s => (">=", false),
            ILOpCode.Bge_un or ILOpCode.Bge_un_s => (">=", true),
            ILOpCode.Ble or ILOpCode.Ble_s => ("<=", false),
            _ => ("<=", true),
        };
        constant = null;
        if (left.Type.IsFloat != right.Type.IsFloat || left.Kind == StackKind.Structure || right.Kind == StackKind.Structure)
            throw new CompileException($"{_method}: a comparison of {left.Kind} and {right.Kind} at IL offset {_offset:x}.");
        if (left.Type.IsFloat)
        {
            // "Or unordered" is the opposite of the opposite comparison.
            string opposite = operation switch { ">" => "<=", "<" => ">=", ">=" => "<", _ => ">" };
            return isUnsigned ? $"!({left.Text} {opposite} {right.Text})" : $"{left.Text} {operation} {right.Text}";
        }

        bool isWide = IsWide(left.Type) || IsWide(right.Type);
        if (left.Constant is { } one && right.Constant is { } other)
            constant = Holds(operation, Order(one, other, isWide, isUnsigned)) ? 1 : 0;
        return $"{Integer(left, isWide, isUnsigned)} {operation} {Integer(right, isWide, isUnsigned)}";
    }

    private void Binary(ILOpCode code)
    {
        StackEntry right = Pop();
        StackEntry left = Pop();
        if (left.Kind == StackKind.Structure || right.Kind == StackKind.Structure || left.Type.IsFloat != right.Type.IsFloat)
            throw new CompileException($"{_method}: {code} of {left.Kind} and {right.Kind} at IL offset {_offset:x}.");
        StackType type = Common(left, right, code);
        if (type.IsFloat)
        {
            string function = type.Kind == StackKind.Single ? "cl_fmodf" : "cl_fmod";
            Push(code == ILOpCode.Rem ? $"{function}({left.Text}, {right.Text})" : $"{left.Text} {Operator(code)} {right.Text}", type);
            return;
        }

        bool isWide = type.Kind != StackKind.Int32;
        string cast = type.Kind == StackKind.Pointer ? "(char*)(intptr_t)" : $"({CName(type)})";
        string width = isWide ? "64" : "32";
        switch (code)
        {
            case ILOpCode.Div or ILOpCode.Rem:
                CheckDivisor(right, isWide);
                if (right.Constant is null or -1)
                    ThrowIf($"{Integer(right, isWide)} == -1 && {Integer(left, isWide)} == INT{width}_MIN", "ThrowOverflow");
                Push($"{cast}({Integer(left, isWide)} {Operator(code)} {Integer(right, isWide)})", type);
                break;
            case ILOpCode.Div_un or ILOpCode.Rem_un:
                CheckDivisor(right, isWide);
                Push($"{cast}({Integer(left, isWide, true)} {Operator(code)} {Integer(right, isWide, true)})", type);
                break;
            case >= ILOpCode.Add_ovf and <= ILOpCode.Sub_ovf_un:
                bool isUnsigned = code is ILOpCode.Add_ovf_un or ILOpCode.Sub_ovf_un or ILOpCode.Mul_ovf_un;
                string name = code switch
                {
                    ILOpCode.Add_ovf or ILOpCode.Add_ovf_un => "add",
                    ILOpCode.Sub_ovf or ILOpCode.Sub_ovf_un => "sub",
                    _ => "mul",
                };
                string result = Temporary(new StackType(isWide ? StackKind.Int64 : StackKind.Int32));
                string cType = (isUnsigned ? "uint" : "int") + width + "_t";
                string operands = $"({cType})({Integer(left, isWide)}), ({cType})({Integer(right, isWide)})";
                ThrowIf($"__builtin_{name}_overflow({operands}, ({cType}*)&{result})", "ThrowOverflow");
                Push(cast + result, type);
                break;
            default:
                Push($"{cast}({Integer(left, isWide)} {Operator(code)} {Integer(right, isWide)})", type);
                break;
        }
    }

    private void CheckDivisor(StackEntry divisor, bool isWide)
    {
        if (divisor.Constant is null or 0)
            ThrowIf($"{Integer(divisor, isWide)} == 0", "ThrowDivideByZero");
    }

    private static string Operator(ILOpCode code) => code switch
    {
        ILOpCode.Add => "+",
        ILOpCode.Sub => "-",
        ILOpCode.Mul => "*",
        ILOpCode.Div or ILOpCode.Div_un => "/",
        ILOpCode.Rem or ILOpCode.Rem_un => "%",
        ILOpCode.And => "&",
        ILOpCode.Or => "|",
        _ => "^",
    };

    // The CLI leaves shifts by more than the width undefined; .NET masks the count on every processor, as C# demands.
    private void Shift(ILOpCode code)
    {
        StackEntry count = Pop();
        StackEntry value = Pop();
        bool isWide = value.Kind != StackKind.Int32;
        string amount = $"({Integer(count, false)} & {(isWide ? 63 : 31)})";
        string operation = code == ILOpCode.Shl ? "<<" : ">>";
        Push($"({CName(value.Type)})({Integer(value, isWide, code == ILOpCode.Shr_un)} {operation} {amount})", value.Type);
    }

    private void Unary(ILOpCode code)
    {
        StackEntry value = Pop();
        if (code == ILOpCode.Not || value.Constant is null)
            Push($"{(code == ILOpCode.Not ? "~" : "-")}({value.Text})", value.Type);
        else
            PushConstant(value.Kind == StackKind.Int32 ? unchecked(-(int)value.Constant) : unchecked(-value.Constant.Value), value.Kind);
    }

    private static bool IsConversion(ILOpCode code) => code is >= ILOpCode.Conv_i1 and <= ILOpCode.Conv_u8 or ILOpCode.Conv_r_un or
        (>= ILOpCode.Conv_ovf_i1_un and <= ILOpCode.Conv_ovf_u_un) or (>= ILOpCode.Conv_ovf_i1 and <= ILOpCode.Conv_ovf_u8) or
        ILOpCode.Conv_u2 or ILOpCode.Conv_u1 or ILOpCode.Conv_i or (>= ILOpCode.Conv_ovf_i and <= ILOpCode.Conv_ovf_u) or ILOpCode.Conv_u;

    private void Convert(ILOpCode code)
    {
        StackEntry value = Pop();
        if (value.Kind == StackKind.Structure)
            throw new CompileException($"{_method}: {code} of a structure at IL offset {_offset:x}.");
        switch (code)
        {
            case ILOpCode.Conv_r4: Push($"(float){value.Text}", new StackType(StackKind.Single)); return;
            case ILOpCode.Conv_r8: Push($"(double){value.Text}", new StackType(StackKind.Double)); return;
            case ILOpCode.Conv_r_un: Push($"(double){Integer(value, value.Kind != StackKind.Int32, true)}", new StackType(StackKind.Double)); return;
        }

        // Conv_i4, Conv_ovf_i4 or Conv_ovf_i4_un.
        string[] name = code.ToString().Split('_');
        bool isChecked = name[1] == "ovf";
        bool fromUnsigned = name[^1] == "un";
        string target = name[isChecked ? 2 : 1];
        (int bits, StackKind kind) = target[1..] switch
        {
            "1" => (8, StackKind.Int32),
            "2" => (16, StackKind.Int32),
            "4" => (32, StackKind.Int32),
            "8" => (64, StackKind.Int64),
            _ => (64, StackKind.NativeInt),
        };
        bool toUnsigned = target[0] == 'u';
        string cType = $"{(toUnsigned ? "u" : "")}int{bits}_t";
        var type = new StackType(kind);
        if (value.Type.IsFloat)
        {
            if (isChecked)
                ThrowIf($"!cl_fits_{target[0]}{bits}({value.Text})", "ThrowOverflow");
            // Small integers come from the saturated 32-bit conversion, as .NET's processors do it.
            Push(bits < 32 ? $"({cType})cl_to_i32({value.Text})" : $"({CName(type)})cl_to_{target[0]}{bits}({value.Text})", type);
            return;
        }

        if (isChecked)
            CheckRange(value, bits, toUnsigned, fromUnsigned);
        if (bits == 64)
        {
            // conv.u8 of 32 bits extends by zeros; so does a checked conversion from an unsigned value.
            bool zeroExtends = value.Kind == StackKind.Int32 && (isChecked ? fromUnsigned : toUnsigned);
            Push($"({CName(type)})({(zeroExtends ? $"(uint64_t)(uint32_t)({value.Text})" : Integer(value, true))})", type);
        }
        else
            Push($"(int32_t)({cType})({Integer(value, IsWide(value.Type))})", type);
    }

    private void CheckRange(StackEntry value, int bits, bool toUnsigned, bool fromUnsigned)
    {
        bool isWide = value.Kind != StackKind.Int32;
        string text = Integer(value, isWide);
        string? condition;
        if (fromUnsigned)
        {
            text = $"(uint{(isWide ? 64 : 32)}_t)({text})";
            string limit = toUnsigned ? $"UINT{bits}_MAX" : $"INT{bits}_MAX";
            bool fits = bits == 64 && (toUnsigned || !isWide) || (bits == 32 && toUnsigned && !isWide);
            condition = fits ? null : $"(uint64_t)({text}) > (uint64_t){limit}";
        }
        else if (toUnsigned)
            condition = bits == 64 || (bits == 32 && !isWide) ? $"({text}) < 0" : $"({text}) < 0 || (int64_t)({text}) > (int64_t)UINT{bits}_MAX";
        else
            condition = bits == 64 || (bits == 32 && !isWide) ? null : $"(int64_t)({text}) < INT{bits}_MIN || (int64_t)({text}) > INT{bits}_MAX";
        if (condition is not null)
            ThrowIf(condition, "ThrowOverflow");
    }
}
