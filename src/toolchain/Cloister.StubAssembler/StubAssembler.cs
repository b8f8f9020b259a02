using System.Collections.Generic;
using System.IO;
using Iced.Intel;
using static Cloister.Platform.Process.ContextLayout;
using static Iced.Intel.AssemblerRegisters;

namespace Cloister.StubAssembler;

/// <summary>How much vector state a processor has, and so how much C# can clobber.</summary>
internal enum VectorWidth
{
    /// <summary>xmm0-15.</summary>
    Sse,

    /// <summary>ymm0-15.</summary>
    Avx,

    /// <summary>zmm0-31 and k0-7.</summary>
    Avx512,
}

/// <summary>
/// The machine code between C# and user mode on Linux/x86-64: entering, leaving, signal handlers, and copies that
/// survive faults. Position-independent; docs/process-platform.md tells the whole story.
/// </summary>
/// <remarks>
/// GS points at the thread's context block while the thread belongs to the kernel (the runtime and glibc don't use GS
/// on x86-64), so every path can find the block without a free register. FS is the program's in user mode and the
/// host's in C#.
/// </remarks>
internal sealed partial class StubAssembler(VectorWidth width, int padding = 1)
{
    // struct ucontext of the kernel (arch/x86/include/uapi/asm/sigcontext.h).
    private const int UcR8 = 40;
    private const int UcRax = 144;
    private const int UcRcx = 152;
    private const int UcRip = 168;
    private const int UcError = 192;
    private const int UcTrapNumber = 200;
    private const int UcFaultAddress = 216;
    private const int UcFpState = 224;

    // siginfo of SIGSYS: the architecture whose system call it was (include/uapi/asm-generic/siginfo.h).
    private const int SiginfoArchitecture = 28;
    private const int AuditArchI386 = 0x40000003;

    private const int SignalSys = 31;
    private const int DebugVector = 1;
    private const int GeneralProtectionVector = 13;
    private const int PageFaultVector = 14;

    /// <summary>Error code of a general protection fault by INT 0x80: the gate's index, and that it is one of the IDT.</summary>
    private const int Int80ErrorCode = (0x80 << 3) | 2;

    /// <summary>RFLAGS that C# runs with: only the bit that is always set.</summary>
    private const int CleanFlags = 2;

    // RFLAGS (Intel SDM volume 1, 3.4.3).
    private const int TrapFlag = 0x100;
    private const int DirectionFlag = 0x400;
    private const int NestedTask = 0x4000;
    private const int AlignmentCheck = 0x40000;

    // Selectors of 64-bit user code on Linux (arch/x86/include/asm/segment.h).
    private const int UserCodeSelector = 0x33;
    private const int UserStackSelector = 0x2B;

    // Header of an XSAVE image, and the component that holds PKRU (Intel SDM volume 1, 13.4.2 and 13.1).
    private const int XstateBv = 512;
    private const int PkruBit = 9;

    /// <summary>Access and write disable of protection key 0, which all of the kernel's memory has.</summary>
    private const int KeyZeroBits = 3;

    // mcontext order of the general registers, from UcR8 on.
    private static readonly int[] s_contextOrder =
        [R8, R9, R10, R11, R12, R13, R14, R15, Rdi, Rsi, Rbp, Rbx, Rdx, Rax, Rcx, Rsp, Rip, Rflags];

    private readonly Assembler _a = new(64);
    private readonly List<(string Name, Label Label)> _entries = [];
    private Label _enterStart;
    private Label _enterEnd;
    private Label _enterAbort;
    private Label _copyStart;
    private Label _copyEnd;
    private Label _copyFixup;
    private Label _leave;
    private Label _leaveCommon;
    private Label _end;
    private Label _chainedHandlers;
    private Label _start;

    /// <summary>Assembles everything.</summary>
    /// <returns>The code and the offset of each entry point.</returns>
    public (byte[] Code, IReadOnlyList<(string Name, int Offset)> Entries) Assemble()
    {
        _enterStart = _a.CreateLabel();
        _enterEnd = _a.CreateLabel();
        _enterAbort = _a.CreateLabel();
        _copyStart = _a.CreateLabel();
        _copyEnd = _a.CreateLabel();
        _copyFixup = _a.CreateLabel();
        _leave = _a.CreateLabel();
        _leaveCommon = _a.CreateLabel();
        _end = _a.CreateLabel();
        _chainedHandlers = _a.CreateLabel();
        _start = _a.CreateLabel();

        // Iced wants an instruction for each label.
        _a.Label(ref _start);
        _a.nop();
        EmitEnter();
        EmitLeave();
        EmitTrapHandler();
        EmitChainingHandler();
        EmitCopies();
        EmitSmallOperations();
        _a.Label(ref _end);
        for (int i = 0; i < padding; i++)
            _a.nop();
        _a.Label(ref _chainedHandlers);
        _a.dq(0UL);

        // The data page starts at a fixed offset: a first pass without padding tells how much code there is.
        using var stream = new MemoryStream();
        AssemblerResult result = _a.Assemble(new StreamCodeWriter(stream), 0, BlockEncoderOptions.ReturnNewInstructionOffsets);
        int dataOffset = (int)result.GetLabelRIP(_chainedHandlers);
        if (dataOffset < ChainedHandlers)
            return new StubAssembler(width, padding + ChainedHandlers - dataOffset).Assemble();
        if (dataOffset != ChainedHandlers)
            throw new System.InvalidOperationException($"The stubs take {dataOffset} bytes, more than ContextLayout.StubData.");
        var offsets = new List<(string, int)>();
        foreach ((string name, Label label) in _entries)
            offsets.Add((name, (int)result.GetLabelRIP(label)));
        return (stream.ToArray()[..(int)result.GetLabelRIP(_end)], offsets);
    }

    private void Entry(string name)
    {
        Label label = _a.CreateLabel(name);
        _a.Label(ref label);
        _entries.Add((name, label));
    }
}
