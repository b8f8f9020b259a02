using System;
using System.Linq;
using System.Text;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Import;

/// <summary>Vectors, in the C compiler's own, and instructions of the processor.</summary>
internal sealed partial class MethodImporter
{
    private const string IntrinsicsNamespace = "System.Runtime.Intrinsics.";

    private bool VectorIntrinsic(MethodDesc method, string name)
    {
        if (name.StartsWith("Cloister.Runtime.Vectors.", StringComparison.Ordinal) && method.Arguments.Length == 2)
            return VectorOperation(method);
        if (name == "Cloister.Runtime.FloatingPoint.get_IsSupported")
        {
            PushConstant(_compilation.Processor.Features.Contains(Processor.NoFloatingPoint) ? 0 : 1, StackKind.Int32);
            return true;
        }

        if (!name.StartsWith(IntrinsicsNamespace, StringComparison.Ordinal))
            return false;
        // X64 and V512 are nested in the class of the instruction set.
        string set = method.Owner.Record.FullName[(method.Owner.Record.FullName.LastIndexOf('.') + 1)..];
        string main = set.Split('+')[0];
        bool isSupported = _compilation.Processor.Features.Contains(set.EndsWith("+X64", StringComparison.Ordinal) ? main : set);
        if (method.Name is "get_IsHardwareAccelerated" || (method.Name is "get_IsSupported" && !main.Contains('`', StringComparison.Ordinal)))
        {
            PushConstant(isSupported ? 1 : 0, StackKind.Int32);
            return true;
        }

        return isSupported && name.StartsWith(IntrinsicsNamespace + "X86.", StringComparison.Ordinal)
            && Instruction(method, main + "." + method.Name);
    }

    // The operands are copied into vectors, which the C compiler keeps in registers.
    private bool VectorOperation(MethodDesc method)
    {
        TypeDesc vector = method.Arguments[0];
        TypeDesc element = method.Arguments[1];
        if (element.Primitive is < Primitive.SByte or > Primitive.Double)
            return false;
        int size = _compilation.VariableShape(vector).Size;
        int bits = 8 * _compilation.VariableShape(element).Size;
        bool isUnary = method.Name == "Negate";
        bool isShift = method.Name.StartsWith("Shift", StringComparison.Ordinal);
        StackEntry? second = isUnary ? null : Pop();
        StackEntry first = Pop();
        string result = Temporary(StackType.Of(vector));
        var text = new StringBuilder($"  {{ typedef {_compilation.CName(element)} V __attribute__((vector_size({size})));");
        text.Append($" typedef int{bits}_t S __attribute__((vector_size({size}))); typedef uint{bits}_t U __attribute__((vector_size({size})));");
        // Bits of floats are handled as integers.
        string type = isShift || method.Name is "And" or "Or" or "Xor" ? method.Name == "ShiftRightArithmetic" ? "S" : "U" : "V";
        text.Append($" {type} a; __builtin_memcpy(&a, &{first.Text}, {size});");
        if (!isUnary && !isShift)
            text.Append($" {(method.Name == "Shuffle" ? "U" : type)} b; __builtin_memcpy(&b, &{second!.Value.Text}, {size});");
        string value = method.Name switch
        {
            "Add" => "a + b",
            "Subtract" => "a - b",
            "Multiply" => "a * b",
            "And" => "a & b",
            "Or" => "a | b",
            "Xor" => "a ^ b",
            "Equal" => "a == b",
            "Less" => "a < b",
            "LessOrEqual" => "a <= b",
            "Negate" => "-a",
            "ShiftLeft" => $"a << ({second!.Value.Text} & {bits - 1})",
            "ShiftRightLogical" or "ShiftRightArithmetic" => $"a >> ({second!.Value.Text} & {bits - 1})",
            // Elements that no index names are zero.
            "Shuffle" when size * 8 == bits => "(U)a & (U)(b == 0)",
            "Shuffle" => $"(U)__builtin_shuffle(a, b) & (U)(b < {size * 8 / bits})",
            _ => "",
        };
        if (value.Length == 0)
            throw new CompileException($"{_method}: {method} is not an operation of vectors.");
        text.Append($" __auto_type r = {value}; __builtin_memcpy(&{result}, &r, {size}); }}\n");
        _out.Append(text);
        _stack.Add(new StackEntry(result, StackType.Of(vector)));
        return true;
    }

    private bool Instruction(MethodDesc method, string name)
    {
        string builtin = name switch
        {
            "Aes.Encrypt" => "(V)__builtin_ia32_aesenc128((Q)a, (Q)b)",
            "Aes.EncryptLast" => "(V)__builtin_ia32_aesenclast128((Q)a, (Q)b)",
            "Aes.Decrypt" => "(V)__builtin_ia32_aesdec128((Q)a, (Q)b)",
            "Aes.DecryptLast" => "(V)__builtin_ia32_aesdeclast128((Q)a, (Q)b)",
            "Aes.InverseMixColumns" => "(V)__builtin_ia32_aesimc128((Q)a)",
            "Ssse3.Shuffle" => "(V)__builtin_ia32_pshufb128((B)a, (B)b)",
            // The control has four values that differ, and each is an instruction of its own.
            "Pclmulqdq.CarrylessMultiply" =>
                "(c & 16) ? (c & 1) ? (V)__builtin_ia32_pclmulqdq128((Q)a, (Q)b, 17) : (V)__builtin_ia32_pclmulqdq128((Q)a, (Q)b, 16)" +
                " : (c & 1) ? (V)__builtin_ia32_pclmulqdq128((Q)a, (Q)b, 1) : (V)__builtin_ia32_pclmulqdq128((Q)a, (Q)b, 0)",
            "Bmi2.MultiplyNoFlags" => "(V)((unsigned __int128)a * b >> 8 * sizeof(V))",
            "Bmi2.ZeroHighBits" => "sizeof(V) == 8 ? (V)__builtin_ia32_bzhi_di(a, b) : (V)__builtin_ia32_bzhi_si(a, b)",
            "Bmi2.ParallelBitDeposit" => "sizeof(V) == 8 ? (V)__builtin_ia32_pdep_di(a, b) : (V)__builtin_ia32_pdep_si(a, b)",
            "Bmi2.ParallelBitExtract" => "sizeof(V) == 8 ? (V)__builtin_ia32_pext_di(a, b) : (V)__builtin_ia32_pext_si(a, b)",
            "Bmi1.AndNot" => "~a & b",
            "Bmi1.ExtractLowestSetBit" => "a & -a",
            "Bmi1.GetMaskUpToLowestSetBit" => "a ^ (a - 1)",
            "Bmi1.ResetLowestSetBit" => "a & (a - 1)",
            "Bmi1.TrailingZeroCount" => "a ? __builtin_ctzll(a) : 8 * sizeof(V)",
            "Lzcnt.LeadingZeroCount" => "a ? __builtin_clzll(a) - (64 - 8 * sizeof(V)) : 8 * sizeof(V)",
            "Popcnt.PopCount" => "__builtin_popcountll(a)",
            "X86Base.CpuId" => "",
            _ => throw new CompileException($"{_method}: {method} is not implemented for the processor {_compilation.Processor.Name}."),
        };
        StackEntry[] arguments = PopArguments(method.Signature.Parameters.Length);
        StackType type = StackType.Of(method.Signature.Return);
        string result = Temporary(type);
        if (name == "X86Base.CpuId")
            _out.Append("  { int32_t r[4]; __asm__ volatile(\"cpuid\" : \"=a\"(r[0]), \"=b\"(r[1]), \"=c\"(r[2]), \"=d\"(r[3])")
                .Append($" : \"a\"({arguments[0].Text}), \"c\"({arguments[1].Text})); __builtin_memcpy(&{result}, r, 16); }}\n");
        else
        {
            bool isVector = type.Kind == StackKind.Structure;
            string kind = isVector ? "typedef uint64_t V __attribute__((vector_size(16)))"
                : $"typedef {_compilation.CName(method.Signature.Return)} V";
            _out.Append($"  {{ {kind}; typedef long long Q __attribute__((vector_size(16))); typedef char B __attribute__((vector_size(16)));");
            foreach ((StackEntry argument, int index) in arguments.Select((argument, index) => (argument, index)))
                _out.Append(argument.Kind == StackKind.Structure
                    ? $" V {"abc"[index]}; __builtin_memcpy(&{"abc"[index]}, &{argument.Text}, 16);"
                    : $" {(isVector ? "int32_t" : "V")} {"abc"[index]} = {argument.Text};");
            _out.Append($" V r = {builtin}; __builtin_memcpy(&{result}, &r, sizeof r); }}\n");
        }

        _stack.Add(new StackEntry(result, type));
        return true;
    }
}
