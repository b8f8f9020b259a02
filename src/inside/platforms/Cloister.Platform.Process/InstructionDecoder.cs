using System;
using System.Buffers.Binary;

namespace Cloister.Platform.Process;

/// <summary>What an instruction does to the flow of control, as far as moving it is concerned.</summary>
internal enum InstructionKind
{
    /// <summary>Goes on behind itself, and may stand anywhere.</summary>
    Plain,

    /// <summary>As <see cref="Plain"/>, without any effect.</summary>
    Nop,

    /// <summary>JMP with a displacement.</summary>
    Jump,

    /// <summary>Jcc with a displacement.</summary>
    ConditionalJump,

    /// <summary>CALL with a displacement.</summary>
    Call,

    /// <summary>LOOP, JRCXZ or XBEGIN: relative, without a longer form.</summary>
    OtherBranch,

    /// <summary>RET, JMP through a register or memory, faults: nothing goes on behind it.</summary>
    End,

    /// <summary>CALL through a register or memory, SYSCALL, INT, breakpoints: leaves an address behind that must not change.</summary>
    Leaves,
}

/// <summary>One decoded instruction.</summary>
/// <param name="Length">Bytes; 0 where they are no instruction.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Displacement">Of a relative branch or a RIP-relative operand: from the instruction's end.</param>
/// <param name="AddressOffset">Where the displacement of a RIP-relative operand is, which has 32 bits; 0 where there is none.</param>
/// <param name="Condition">Of a conditional jump: the low half of its opcode.</param>
internal readonly record struct Instruction(int Length, InstructionKind Kind, int Displacement = 0, int AddressOffset = 0, int Condition = 0)
{
    /// <summary>Whether it still reaches what it refers to from a stub: those are nearer than 1.6 GB to the text.</summary>
    public bool ReachesFromStub => Math.Abs((long)Displacement) < 1 << 28;

    /// <summary>Whether it has a branch's displacement.</summary>
    public bool IsRelativeBranch =>
        Kind is InstructionKind.Jump or InstructionKind.ConditionalJump or InstructionKind.Call or InstructionKind.OtherBranch;
}

/// <summary>
/// Lengths of x86-64 instructions in 64-bit mode (Intel SDM volume 2, chapter 2 and appendix A; AMD's 3DNow! and XOP), and
/// what a move of one has to know.
/// </summary>
internal static class InstructionDecoder
{
    private const int MostBytes = 15;

    // What follows an opcode. M: ModRM. m, Z: ModRM and 8, or 16 or 32 bits. b, w, z, v, o, e: immediate operand of 8, 16, 16 or
    // 32, 16 to 64 bits, an address, ENTER's. j, J: displacement of a branch. G, H: TEST of group 3 has an operand, the others have
    // none. A dot: nothing. A dash: no instruction in 64-bit mode, or a prefix.
    private const string OneByte =
        "MMMMbz--MMMMbz--" + "MMMMbz--MMMMbz--" + "MMMMbz--MMMMbz--" + "MMMMbz--MMMMbz--"
        + "----------------" + "................" + "---M----zZbm...." + "jjjjjjjjjjjjjjjj"
        + "mZ-mMMMMMMMMMMMM" + "..........-....." + "oooo....bz......" + "bbbbbbbbvvvvvvvv"
        + "mmw.--mZe.w..b-." + "MMMM---.MMMMMMMM" + "jjjjbbbbJJ-j...." + "-.--..GH......MM";

    private const string TwoByte =
        "MMMM-.....-.-M.m" + "MMMMMMMMMMMMMMMM" + "MMMM----MMMMMMMM" + "......-.--------"
        + "MMMMMMMMMMMMMMMM" + "MMMMMMMMMMMMMMMM" + "MMMMMMMMMMMMMMMM" + "mmmmMMM.MM--MMMM"
        + "JJJJJJJJJJJJJJJJ" + "MMMMMMMMMMMMMMMM" + "...MmM--...MmMMM" + "MMMMMMMMMMmMMMMM"
        + "MMmMmmmM........" + "MMMMMMMMMMMMMMMM" + "MMMMMMMMMMMMMMMM" + "MMMMMMMMMMMMMMMM";

    /// <summary>Decodes the instruction at the start of <paramref name="code"/>.</summary>
    public static Instruction Decode(ReadOnlySpan<byte> code)
    {
        if (code.Length > MostBytes)
            code = code[..MostBytes];
        bool isShort = false;
        bool hasShortAddress = false;
        byte rex = 0;
        int at = 0;
        for (; at < code.Length; at++)
        {
            byte prefix = code[at];
            if (prefix == 0x66)
                isShort = true;
            else if (prefix == 0x67)
                hasShortAddress = true;
            else if ((prefix & 0xF0) == 0x40)
                rex = prefix;
            else if (prefix is not (0xF0 or 0xF2 or 0xF3 or 0x2E or 0x36 or 0x3E or 0x26 or 0x64 or 0x65))
                break;
            // REX counts right in front of the opcode only.
            if ((prefix & 0xF0) != 0x40)
                rex = 0;
        }

        if (at >= code.Length)
            return default;
        byte opcode = code[at++];
        if (opcode is 0xC4 or 0xC5 or 0x62 || (opcode == 0x8F && at < code.Length && (code[at] & 0x1F) >= 8))
            return rex == 0 ? DecodeVector(code, at, opcode) : default;
        if (opcode == 0x0F)
            return DecodeTwoByte(code, at, isShort);

        bool isWide = (rex & 8) != 0;
        int immediate = isShort && !isWide ? 2 : 4;
        switch (OneByte[opcode])
        {
            case 'M':
                return WithModRm(code, at, 0, opcode == 0xFF ? GroupFive(code, at) : InstructionKind.Plain);
            case 'm':
                return WithModRm(code, at, 1);
            case 'Z':
                // XBEGIN is C7 F8 with a displacement.
                return opcode == 0xC7 && at < code.Length && code[at] == 0xF8 ? Branch(code, at + 1, opcode) : WithModRm(code, at, immediate);
            case 'G' or 'H':
                bool isTest = at < code.Length && (code[at] & 0x30) == 0;
                return WithModRm(code, at, !isTest ? 0 : opcode == 0xF6 ? 1 : immediate);
            case 'b':
                return Finish(code, at + 1, opcode == 0xCD ? InstructionKind.Leaves : InstructionKind.Plain);
            case 'w':
                return Finish(code, at + 2, InstructionKind.End);
            case 'e':
                return Finish(code, at + 3);
            case 'z':
                return Finish(code, at + immediate);
            case 'v':
                return Finish(code, at + (isWide ? 8 : immediate));
            case 'o':
                return Finish(code, at + (hasShortAddress ? 4 : 8));
            case 'j' or 'J':
                return Branch(code, at, opcode);
            case '.':
                return Finish(code, at, opcode switch
                {
                    0x90 when rex == 0 => InstructionKind.Nop,
                    0xC3 or 0xCB or 0xCF or 0xF4 => InstructionKind.End,
                    0xCC or 0xF1 => InstructionKind.Leaves,
                    _ => InstructionKind.Plain,
                });
            default:
                return default;
        }
    }

    /// <summary>
    /// Whether an instruction is one that programs hardly ever have: privileged, of another age, or with a prefix that does nothing.
    /// Data that is taken for code is full of them.
    /// </summary>
    public static bool IsUnusual(ReadOnlySpan<byte> code)
    {
        int at = 0;
        while (at < code.Length && (code[at] is 0x66 or 0xF0 or 0xF2 or 0xF3 or 0x64 || (code[at] & 0xF0) == 0x40))
            at++;
        if (at + 1 >= code.Length)
            return true;
        // Padding and indirect branches have segment prefixes: cs nop, notrack jmp.
        if (code[at] is 0x2E or 0x3E)
            return code[at + 1] is not (0x66 or 0x0F or 0xFF or 0x48);
        return code[at] switch
        {
            0x26 or 0x36 or 0x65 or 0x67 => true,
            0x0F => code[at + 1] is <= 0x04 or (>= 0x06 and <= 0x0A) or 0x0E or 0x0F or (>= 0x20 and <= 0x27) or 0x30 or (>= 0x32 and <= 0x37)
                or 0x78 or 0x79 or 0xA1 or 0xA9 or 0xAA or 0xB2 or 0xB4 or 0xB5 or 0xB9 or 0xFF,
            (>= 0x6C and <= 0x6F) or 0x8C or 0x8E or 0x9B or (>= 0xA0 and <= 0xA3) or 0xC8 or 0xCA or 0xCB or 0xCD or 0xCF => true,
            (>= 0xD7 and <= 0xDF) or (>= 0xE0 and <= 0xE2) or (>= 0xE4 and <= 0xE7) or (>= 0xEC and <= 0xEF) or 0xF1 or 0xF5 or 0xFA or 0xFB => true,
            _ => false,
        };
    }

    private static Instruction DecodeTwoByte(ReadOnlySpan<byte> code, int at, bool isShort)
    {
        if (at >= code.Length)
            return default;
        byte opcode = code[at++];
        if (opcode is 0x38 or 0x3A)
            return at < code.Length ? WithModRm(code, at + 1, opcode == 0x3A ? 1 : 0) : default;
        switch (TwoByte[opcode])
        {
            case 'M' when opcode is >= 0x20 and <= 0x23:
                // Moves from and to control registers: ModRM names registers whatever its mode says.
                return Finish(code, at + 1);
            case 'M' when opcode == 0x78 && (isShort || code[0] == 0xF2):
                return WithModRm(code, at, 2);
            case 'M':
                return WithModRm(code, at, 0, opcode switch
                {
                    0x1F => InstructionKind.Nop,
                    0xFF or 0xB9 => InstructionKind.End,
                    _ => InstructionKind.Plain,
                });
            case 'm':
                return WithModRm(code, at, 1);
            case 'J':
                return Branch(code, at, opcode);
            case '.':
                return Finish(code, at, opcode switch
                {
                    0x05 or 0x34 => InstructionKind.Leaves,
                    0x0B or 0x07 or 0x35 => InstructionKind.End,
                    _ => InstructionKind.Plain,
                });
            default:
                return default;
        }
    }

    /// <summary>VEX, EVEX and XOP: a payload with the number of the opcode map, then opcode and ModRM.</summary>
    private static Instruction DecodeVector(ReadOnlySpan<byte> code, int at, byte escape)
    {
        int payload = escape switch { 0xC5 => 1, 0x62 => 3, _ => 2 };
        if (at + payload >= code.Length)
            return default;
        int map = escape switch { 0xC5 => 1, 0x62 => code[at] & 7, _ => code[at] & 0x1F };
        // Fixed bits of EVEX.
        if (escape == 0x62 && ((code[at] & 8) != 0 || (code[at + 1] & 4) == 0))
            return default;
        byte opcode = code[at + payload];
        at += payload + 1;
        switch (map)
        {
            case 1 when opcode == 0x77 && escape != 0x62:
                return Finish(code, at);
            case 1:
                return WithModRm(code, at, opcode is 0xC2 or 0xC4 or 0xC5 or 0xC6 || (opcode & 0xFC) == 0x70 ? 1 : 0);
            case 2 or 9:
                return WithModRm(code, at, 0);
            case 5 or 6 when escape == 0x62:
                return WithModRm(code, at, 0);
            case 3 or 8:
                return WithModRm(code, at, 1);
            case 10:
                return WithModRm(code, at, 4);
            default:
                return default;
        }
    }

    private static Instruction WithModRm(ReadOnlySpan<byte> code, int at, int immediate, InstructionKind kind = InstructionKind.Plain)
    {
        if (at >= code.Length)
            return default;
        byte modRm = code[at++];
        int mode = modRm >> 6;
        int register = modRm & 7;
        if (mode == 3)
            return Finish(code, at + immediate, kind);
        int address = 0;
        if (register == 4)
        {
            if (at >= code.Length)
                return default;
            if (mode == 0 && (code[at] & 7) == 5)
                mode = 2;
            at++;
        }
        else if (register == 5 && mode == 0)
        {
            mode = 2;
            address = at;
        }

        at += mode switch { 1 => 1, 2 => 4, _ => 0 };
        Instruction result = Finish(code, at + immediate, kind);
        return address == 0 || result.Length == 0 ? result
            : result with { AddressOffset = address, Displacement = BinaryPrimitives.ReadInt32LittleEndian(code[address..]) };
    }

    private static Instruction Branch(ReadOnlySpan<byte> code, int at, byte opcode)
    {
        bool isTwoByte = at >= 2 && code[at - 2] == 0x0F && (opcode & 0xF0) == 0x80;
        bool isNear = isTwoByte || opcode is 0xE8 or 0xE9 or 0xC7;
        int end = at + (isNear ? 4 : 1);
        if (end > code.Length)
            return default;
        int displacement = isNear ? BinaryPrimitives.ReadInt32LittleEndian(code[at..]) : (sbyte)code[at];
        InstructionKind kind = isTwoByte || (opcode & 0xF0) == 0x70 ? InstructionKind.ConditionalJump
            : opcode is 0xE9 or 0xEB ? InstructionKind.Jump
            : opcode == 0xE8 ? InstructionKind.Call
            : InstructionKind.OtherBranch;
        return new Instruction(end, kind, displacement, Condition: opcode & 15);
    }

    /// <summary>INC, DEC, CALL, JMP, PUSH through ModRM.</summary>
    private static InstructionKind GroupFive(ReadOnlySpan<byte> code, int at) => (at < code.Length ? code[at] >> 3 & 7 : 0) switch
    {
        2 or 3 => InstructionKind.Leaves,
        4 or 5 => InstructionKind.End,
        _ => InstructionKind.Plain,
    };

    private static Instruction Finish(ReadOnlySpan<byte> code, int length, InstructionKind kind = InstructionKind.Plain) =>
        length <= code.Length ? new Instruction(length, kind) : default;
}
