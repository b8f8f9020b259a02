using System;
using System.Buffers.Binary;

namespace Cloister.Platform.Process;

/// <summary>A SYSCALL whose neighbours move into a stub with it, all in offsets from the start of the text.</summary>
/// <param name="Start">First byte that moves; the jump to the stub stands there.</param>
/// <param name="End">Behind the last instruction that moves.</param>
/// <param name="Syscall">The SYSCALL. It stays where it is if it is not below <paramref name="End"/>.</param>
/// <param name="Stub">Offset of the stub among the stubs.</param>
internal readonly record struct CallSite(int Start, int End, int Syscall, int Stub)
{
    public const int JumpSize = 5;
    public const int SyscallSize = 2;

    // lea rcx, [return]; jmp gs:[LeaveAddress].
    private const int LeaSize = 7;
    private const int LeaveSize = LeaSize + 8;

    /// <summary>Whether the SYSCALL moves too; else the call returns to the text.</summary>
    public bool MovesSyscall => Syscall < End;

    private int Before => Math.Min(Syscall, End) - Start;

    /// <summary>Offset in the stub to which the call returns, right behind a SYSCALL: a call is repeated by going back two bytes.</summary>
    private int Return => Before + LeaveSize + SyscallSize;

    /// <summary>Bytes that a stub takes at most. Only the last instruction may grow: a branch by 4 bytes.</summary>
    public int LargestStub => MovesSyscall ? Return + (End - Syscall - SyscallSize) + 4 + JumpSize : Before + LeaveSize;

    /// <summary>Whether an offset in the text lies in what has been replaced, behind its first byte.</summary>
    public bool Replaces(int offset) => offset > Start && offset < End;

    /// <summary>Where a thread stopped at an offset in the stub is in the unpatched text.</summary>
    public int ToText(int inStub)
    {
        if (inStub < Before)
            return Start + inStub;
        return !MovesSyscall || inStub < Return ? Syscall : Math.Min(Syscall + SyscallSize + inStub - Return, End);
    }

    /// <summary>The reverse, for an offset in the text that <see cref="Replaces"/>.</summary>
    public int ToStub(int inText) => inText <= Syscall ? inText - Start : Return + inText - Syscall - SyscallSize;

    /// <summary>Whether a step that ends at an offset in the stub is one that the unpatched text doesn't have.</summary>
    public bool IsExtraStep(int inStub) => inStub == 0 || (inStub > Before && (!MovesSyscall || inStub < Return));

    /// <summary>Writes the stub, and the jump to it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="address">Address of the text.</param>
    /// <param name="stubs">All stubs.</param>
    /// <param name="stubsAddress">Address of the stubs.</param>
    public void Write(Span<byte> text, ulong address, Span<byte> stubs, ulong stubsAddress)
    {
        Span<byte> code = stubs[Stub..];
        ulong stub = stubsAddress + (ulong)Stub;
        int at = 0;
        int from = Start;
        while (from < Math.Min(Syscall, End))
            Move(text, address, ref from, code, stub, ref at);

        ulong back = MovesSyscall ? stub + (ulong)Return : address + (ulong)(Syscall + SyscallSize);
        // lea rcx, [rip + displacement]
        code[at] = 0x48;
        code[at + 1] = 0x8D;
        code[at + 2] = 0x0D;
        BinaryPrimitives.WriteInt32LittleEndian(code[(at + 3)..], checked((int)((long)back - (long)(stub + (ulong)(at + LeaSize)))));
        // jmp qword gs:[LeaveAddress]
        at += LeaSize;
        code[at] = 0x65;
        code[at + 1] = 0xFF;
        code[at + 2] = 0x24;
        code[at + 3] = 0x25;
        BinaryPrimitives.WriteInt32LittleEndian(code[(at + 4)..], ContextLayout.LeaveAddress);
        at += LeaveSize - LeaSize;
        if (MovesSyscall)
        {
            code[at++] = 0x0F;
            code[at++] = 0x05;
            from = Syscall + SyscallSize;
            bool goesOn = true;
            while (from < End)
                goesOn = Move(text, address, ref from, code, stub, ref at);
            if (goesOn)
                WriteJump(code[at..], stub + (ulong)at, address + (ulong)End);
        }

        WriteJump(text[Start..], address + (ulong)Start, stub);
        // Nobody comes here, but who looks at the text sees instructions.
        text[(Start + JumpSize)..Math.Max(Start + JumpSize, End)].Fill(0x90);
    }

    /// <summary>Moves one instruction; false where nothing goes on behind it.</summary>
    private static bool Move(ReadOnlySpan<byte> text, ulong address, ref int from, Span<byte> code, ulong stub, ref int at)
    {
        Instruction instruction = InstructionDecoder.Decode(text[from..]);
        ulong end = address + (ulong)(from + instruction.Length);
        ulong target = end + (ulong)(long)instruction.Displacement;
        switch (instruction.Kind)
        {
            case InstructionKind.Jump:
                WriteJump(code[at..], stub + (ulong)at, target);
                at += JumpSize;
                break;
            case InstructionKind.ConditionalJump:
                code[at] = 0x0F;
                code[at + 1] = (byte)(0x80 | instruction.Condition);
                BinaryPrimitives.WriteInt32LittleEndian(code[(at + 2)..], checked((int)((long)target - (long)(stub + (ulong)(at + 6)))));
                at += 6;
                break;
            default:
                text.Slice(from, instruction.Length).CopyTo(code[at..]);
                if (instruction.AddressOffset != 0)
                {
                    Span<byte> displacement = code.Slice(at + instruction.AddressOffset, sizeof(int));
                    long moved = (long)end - (long)(stub + (ulong)(at + instruction.Length));
                    BinaryPrimitives.WriteInt32LittleEndian(displacement, checked((int)(instruction.Displacement + moved)));
                }

                at += instruction.Length;
                break;
        }

        from += instruction.Length;
        return instruction.Kind is not (InstructionKind.Jump or InstructionKind.End);
    }

    private static void WriteJump(Span<byte> code, ulong at, ulong target)
    {
        code[0] = 0xE9;
        BinaryPrimitives.WriteInt32LittleEndian(code[1..], checked((int)((long)target - (long)(at + JumpSize))));
    }
}
