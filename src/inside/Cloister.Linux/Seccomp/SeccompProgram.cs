using System;

namespace Cloister.Linux.Seccomp;

/// <summary>One instruction of classic BPF (struct sock_filter).</summary>
/// <param name="Code">Operation.</param>
/// <param name="JumpTrue">Instructions to skip where a comparison holds.</param>
/// <param name="JumpFalse">And where it doesn't.</param>
/// <param name="K">Operand.</param>
internal readonly record struct SeccompInstruction(ushort Code, byte JumpTrue, byte JumpFalse, uint K);

/// <summary>
/// A program of classic BPF over struct seccomp_data (seccomp(2)): checked once as Linux's verifier does, then run safely.
/// </summary>
internal sealed class SeccompProgram
{
    /// <summary>BPF_MAXINSNS.</summary>
    public const int MostInstructions = 4096;

    /// <summary>sizeof(struct seccomp_data).</summary>
    private const int DataSize = 64;
    private const int ScratchWords = 16;

    // Operations (include/uapi/linux/bpf_common.h), class in the lowest three bits.
    private const int LoadAbsolute = 0x20;
    private const int LoadLength = 0x80;
    private const int LoadImmediate = 0x00;
    private const int LoadScratch = 0x60;
    private const int LoadIndexImmediate = 0x01;
    private const int LoadIndexLength = 0x81;
    private const int LoadIndexScratch = 0x61;
    private const int Store = 0x02;
    private const int StoreIndex = 0x03;
    private const int Arithmetic = 0x04;
    private const int Jump = 0x05;
    private const int JumpAlways = 0x05;
    private const int ReturnConstant = 0x06;
    private const int ReturnAccumulator = 0x16;
    private const int MoveToIndex = 0x07;
    private const int MoveToAccumulator = 0x87;
    private const int ClassMask = 0x07;
    private const int FromIndex = 0x08;
    private const int OperationMask = 0xF0;
    private const int Negate = 0x80;

    private readonly SeccompInstruction[] _instructions;

    private SeccompProgram(SeccompInstruction[] instructions) => _instructions = instructions;

    /// <summary>How many instructions there are.</summary>
    public int Length => _instructions.Length;

    /// <summary>Checks a program (bpf_check_classic and seccomp_check_filter of Linux).</summary>
    /// <returns>Null where it isn't safe to run, or does what filters may not.</returns>
    public static SeccompProgram? Check(SeccompInstruction[] instructions)
    {
        if (instructions.Length is 0 or > MostInstructions)
            return null;
        for (int i = 0; i < instructions.Length; i++)
        {
            if (!IsAllowed(instructions[i], instructions.Length - i - 1))
                return null;
        }

        bool ends = instructions[^1].Code is ReturnConstant or ReturnAccumulator;
        return ends && StoresBeforeLoads(instructions) ? new SeccompProgram(instructions) : null;
    }

    /// <summary>Runs the program.</summary>
    /// <param name="data">struct seccomp_data as words.</param>
    /// <param name="known">How many words of the data may be read.</param>
    /// <param name="result">What it returns; 0 (kill) after a division by 0.</param>
    /// <returns>False where it asked for a word that isn't known.</returns>
    public bool TryRun(ReadOnlySpan<uint> data, int known, out uint result)
    {
        Span<uint> scratch = stackalloc uint[ScratchWords];
        uint a = 0;
        uint x = 0;
        result = 0;
        for (int i = 0; ; i++)
        {
            SeccompInstruction at = _instructions[i];
            switch ((int)at.Code)
            {
                case LoadAbsolute:
                    if (at.K / sizeof(uint) >= known)
                        return false;
                    a = data[(int)at.K / sizeof(uint)];
                    break;
                case LoadLength:
                    a = DataSize;
                    break;
                case LoadImmediate:
                    a = at.K;
                    break;
                case LoadScratch:
                    a = scratch[(int)at.K];
                    break;
                case LoadIndexImmediate:
                    x = at.K;
                    break;
                case LoadIndexLength:
                    x = DataSize;
                    break;
                case LoadIndexScratch:
                    x = scratch[(int)at.K];
                    break;
                case Store:
                    scratch[(int)at.K] = a;
                    break;
                case StoreIndex:
                    scratch[(int)at.K] = x;
                    break;
                case MoveToIndex:
                    x = a;
                    break;
                case MoveToAccumulator:
                    a = x;
                    break;
                case ReturnConstant:
                    result = at.K;
                    return true;
                case ReturnAccumulator:
                    result = a;
                    return true;
                default:
                    uint operand = (at.Code & FromIndex) != 0 ? x : at.K;
                    if ((at.Code & ClassMask) == Jump)
                        i += at.Code == JumpAlways ? (int)at.K : Compare(at.Code & OperationMask, a, operand) ? at.JumpTrue : at.JumpFalse;
                    else if (!TryCalculate(at.Code & OperationMask, ref a, operand))
                        return true;
                    break;
            }
        }
    }

    private static bool IsAllowed(SeccompInstruction at, int left)
    {
        switch ((int)at.Code)
        {
            case LoadAbsolute:
                return at.K < DataSize && (at.K & 3) == 0;
            case LoadScratch or LoadIndexScratch or Store or StoreIndex:
                return at.K < ScratchWords;
            case LoadLength or LoadImmediate or LoadIndexImmediate or LoadIndexLength or MoveToIndex or MoveToAccumulator:
            case ReturnConstant or ReturnAccumulator:
                return true;
            case JumpAlways:
                return at.K < left;
            default:
                break;
        }

        int operation = at.Code & OperationMask;
        bool isConstant = (at.Code & FromIndex) == 0;
        if ((at.Code & ~(OperationMask | FromIndex | ClassMask)) != 0)
            return false;
        return (at.Code & ClassMask) switch
        {
            // ADD SUB MUL DIV OR AND LSH RSH NEG XOR; no MOD.
            Arithmetic => operation switch
            {
                0x30 => !isConstant || at.K != 0,
                0x60 or 0x70 => !isConstant || at.K < 32,
                0x80 => isConstant,
                0x00 or 0x10 or 0x20 or 0x40 or 0x50 or 0xA0 => true,
                _ => false,
            },

            // JEQ JGT JGE JSET.
            Jump => operation is >= 0x10 and <= 0x40 && at.JumpTrue < left && at.JumpFalse < left,
            _ => false,
        };
    }

    /// <summary>Whether every way to a load from scratch memory has stored there before (check_load_and_stores of Linux).</summary>
    private static bool StoresBeforeLoads(SeccompInstruction[] instructions)
    {
        var valid = new ushort[instructions.Length];
        Array.Fill(valid, ushort.MaxValue);
        ushort stored = 0;
        for (int i = 0; i < instructions.Length; i++)
        {
            stored &= valid[i];
            SeccompInstruction at = instructions[i];
            switch ((int)at.Code)
            {
                case Store or StoreIndex:
                    stored |= (ushort)(1 << (int)at.K);
                    break;
                case LoadScratch or LoadIndexScratch:
                    if ((stored & 1 << (int)at.K) == 0)
                        return false;
                    break;
                case JumpAlways:
                    valid[i + 1 + (int)at.K] &= stored;
                    stored = ushort.MaxValue;
                    break;
                case var code when (code & ClassMask) == Jump:
                    valid[i + 1 + at.JumpTrue] &= stored;
                    valid[i + 1 + at.JumpFalse] &= stored;
                    stored = ushort.MaxValue;
                    break;
                default:
                    break;
            }
        }

        return true;
    }

    private static bool Compare(int operation, uint a, uint operand) => operation switch
    {
        0x10 => a == operand,
        0x20 => a > operand,
        0x30 => a >= operand,
        _ => (a & operand) != 0,
    };

    private static bool TryCalculate(int operation, ref uint a, uint operand)
    {
        switch (operation)
        {
            case 0x00:
                a += operand;
                break;
            case 0x10:
                a -= operand;
                break;
            case 0x20:
                a *= operand;
                break;
            case 0x30:
                if (operand == 0)
                    return false;
                a /= operand;
                break;
            case 0x40:
                a |= operand;
                break;
            case 0x50:
                a &= operand;
                break;
            case 0x60:
                a <<= (int)operand;
                break;
            case 0x70:
                a >>= (int)operand;
                break;
            case Negate:
                a = (uint)-(int)a;
                break;
            default:
                a ^= operand;
                break;
        }

        return true;
    }
}
