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
internal sealed class StubAssembler(VectorWidth width, int padding = 1)
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

    /// <summary>void Enter(block): runs user mode until the next trap. Called from C# through an unmanaged function pointer.</summary>
    private void EmitEnter()
    {
        Label abort = _a.CreateLabel();
        Label loadRegisters = _a.CreateLabel();
        Label singleStep = _a.CreateLabel();

        Entry("Enter");
        _a.push(rbx);
        _a.push(rbp);
        _a.push(r12);
        _a.push(r13);
        _a.push(r14);
        _a.push(r15);
        _a.mov(__qword_ptr[rdi + HostRsp], rsp);

        // From here to the jump a kick makes the signal handler go on at _enterAbort: the block still holds the whole
        // user state. Before it, the kick's byte is seen here.
        _a.Label(ref _enterStart);
        _a.cmp(__byte_ptr[rdi + KickPending], 0);
        _a.jne(abort);
        EmitLoadLowVectors();
        for (int i = 16; i < VectorCount; i++)
            LoadVector(i);
        if (width == VectorWidth.Avx512)
        {
            for (int i = 0; i < 8; i++)
                _a.kmovq(Mask(i), __qword_ptr[rdi + Masks + i * 8]);
        }

        _a.ldmxcsr(__dword_ptr[rdi + UserMxcsr]);
        _a.mov(rax, __qword_ptr[rdi + FsBase]);
        _a.wrfsbase(rax);
        _a.mov(__byte_ptr[rdi + Selector], 1);
        _a.cmp(__byte_ptr[rdi + RestoreFlags], 0);
        _a.je(loadRegisters);
        _a.test(__dword_ptr[rdi + Rflags], TrapFlag);
        _a.jnz(singleStep);
        _a.push(__qword_ptr[rdi + Rflags]);
        _a.popfq();

        // Only moves from here on: they leave the flags alone.
        _a.Label(ref loadRegisters);
        EmitLoadRegisters();
        _a.mov(rsp, __qword_ptr[rdi + Rsp]);
        _a.mov(rdi, __qword_ptr[rdi + Rdi]);
        _a.jmp(__qword_ptr.gs[Rip]);

        // A program that single-steps itself: POPF would step through the rest of this code, IRET traps behind the
        // program's first instruction only (Intel SDM volume 3, 17.3.1.4).
        _a.Label(ref singleStep);
        _a.mov(rax, __qword_ptr[rdi + Rip]);
        _a.mov(__qword_ptr[rdi + ReturnFrame], rax);
        _a.mov(__qword_ptr[rdi + ReturnFrame + 8], UserCodeSelector);
        _a.mov(rax, __qword_ptr[rdi + Rflags]);
        _a.mov(__qword_ptr[rdi + ReturnFrame + 16], rax);
        _a.mov(rax, __qword_ptr[rdi + Rsp]);
        _a.mov(__qword_ptr[rdi + ReturnFrame + 24], rax);
        _a.mov(__qword_ptr[rdi + ReturnFrame + 32], UserStackSelector);
        EmitLoadRegisters();
        _a.lea(rsp, __[rdi + ReturnFrame]);
        _a.mov(rdi, __qword_ptr[rdi + Rdi]);
        _a.iretq();
        _a.Label(ref _enterEnd);
        _a.nop();

        // The handler has set Reason and has sent us here, at any point of the above: nothing but GS is known.
        _a.Label(ref _enterAbort);
        _a.mov(rdi, __qword_ptr.gs[Self]);
        _a.mov(__byte_ptr[rdi + Selector], 0);
        _a.ldmxcsr(__dword_ptr[rdi + HostMxcsr]);
        _a.mov(rax, __qword_ptr[rdi + HostFsBase]);
        _a.wrfsbase(rax);
        _a.mov(rsp, __qword_ptr[rdi + HostRsp]);
        _a.push(CleanFlags);
        _a.popfq();
        ReturnToHost();

        _a.Label(ref abort);
        _a.mov(__dword_ptr[rdi + Reason], ReasonInterrupt);
        ReturnToHost();
    }

    /// <summary>All general registers but rsp and rdi, which points at the block.</summary>
    private void EmitLoadRegisters()
    {
        _a.mov(rax, __qword_ptr[rdi + Rax]);
        _a.mov(rbx, __qword_ptr[rdi + Rbx]);
        _a.mov(rcx, __qword_ptr[rdi + Rcx]);
        _a.mov(rdx, __qword_ptr[rdi + Rdx]);
        _a.mov(rsi, __qword_ptr[rdi + Rsi]);
        _a.mov(rbp, __qword_ptr[rdi + Rbp]);
        _a.mov(r8, __qword_ptr[rdi + R8]);
        _a.mov(r9, __qword_ptr[rdi + R9]);
        _a.mov(r10, __qword_ptr[rdi + R10]);
        _a.mov(r11, __qword_ptr[rdi + R11]);
        _a.mov(r12, __qword_ptr[rdi + R12]);
        _a.mov(r13, __qword_ptr[rdi + R13]);
        _a.mov(r14, __qword_ptr[rdi + R14]);
        _a.mov(r15, __qword_ptr[rdi + R15]);
    }

    /// <summary>Where call-site stubs jump with the address of the next instruction in rcx, as SYSCALL leaves it.</summary>
    private void EmitLeave()
    {
        Label unclean = _a.CreateLabel();

        _a.Label(ref _leave);
        _entries.Add(("Leave", _leave));
        _a.mov(__byte_ptr.gs[Selector], 0);
        _a.mov(__qword_ptr.gs[Rax], rax);
        _a.mov(__qword_ptr.gs[Rbx], rbx);
        _a.mov(__qword_ptr.gs[Rcx], rcx);
        _a.mov(__qword_ptr.gs[Rip], rcx);
        _a.mov(__qword_ptr.gs[Rdx], rdx);
        _a.mov(__qword_ptr.gs[Rsi], rsi);
        _a.mov(__qword_ptr.gs[Rdi], rdi);
        _a.mov(__qword_ptr.gs[Rbp], rbp);
        _a.mov(__qword_ptr.gs[Rsp], rsp);
        _a.mov(__qword_ptr.gs[R8], r8);
        _a.mov(__qword_ptr.gs[R9], r9);
        _a.mov(__qword_ptr.gs[R10], r10);
        _a.mov(__qword_ptr.gs[R11], r11);
        _a.mov(__qword_ptr.gs[R12], r12);
        _a.mov(__qword_ptr.gs[R13], r13);
        _a.mov(__qword_ptr.gs[R14], r14);
        _a.mov(__qword_ptr.gs[R15], r15);
        _a.mov(rdi, __qword_ptr.gs[Self]);
        _a.mov(__dword_ptr[rdi + Reason], ReasonSystemCall);
        _a.mov(__byte_ptr[rdi + RestoreFlags], 0);

        // rdi is the block; general registers are saved; vector registers are still the program's.
        _a.Label(ref _leaveCommon);
        EmitStoreLowVectors();
        for (int i = 16; i < VectorCount; i++)
            StoreVector(i);
        if (width == VectorWidth.Avx512)
        {
            for (int i = 0; i < 8; i++)
                _a.kmovq(__qword_ptr[rdi + Masks + i * 8], Mask(i));
        }

        if (width != VectorWidth.Sse)
            _a.vzeroupper();
        _a.stmxcsr(__dword_ptr[rdi + UserMxcsr]);
        _a.ldmxcsr(__dword_ptr[rdi + HostMxcsr]);
        _a.rdfsbase(rax);
        _a.mov(__qword_ptr[rdi + FsBase], rax);
        _a.mov(rax, __qword_ptr[rdi + HostFsBase]);
        _a.wrfsbase(rax);
        _a.mov(rsp, __qword_ptr[rdi + HostRsp]);

        // C# relies on these flags; PUSHF is a third of what POPF costs, and they are nearly always clear.
        _a.pushfq();
        _a.pop(rax);
        _a.test(eax, DirectionFlag | NestedTask | AlignmentCheck);
        _a.jnz(unclean);
        ReturnToHost();
        _a.Label(ref unclean);
        _a.mov(__qword_ptr[rdi + Rflags], rax);
        _a.mov(__byte_ptr[rdi + RestoreFlags], 1);
        _a.push(CleanFlags);
        _a.popfq();
        ReturnToHost();
    }

    private void ReturnToHost()
    {
        _a.pop(r15);
        _a.pop(r14);
        _a.pop(r13);
        _a.pop(r12);
        _a.pop(rbp);
        _a.pop(rbx);
        _a.ret();
    }

    /// <summary>
    /// Handler of SIGSYS, of the program's faults and of kicks: (edi signal, rsi siginfo, rdx ucontext), on the
    /// alternate stack. A thread in user mode leaves it through the common exit and never returns from the signal.
    /// </summary>
    private void EmitTrapHandler()
    {
        Label chain = _a.CreateLabel();
        Label inStub = _a.CreateLabel();
        Label done = _a.CreateLabel();
        Label inCopy = _a.CreateLabel();
        Label abortEnter = _a.CreateLabel();
        Label notPageFault = _a.CreateLabel();
        Label inUserMode = _a.CreateLabel();
        Label restore = _a.CreateLabel();
        Label notLeave = _a.CreateLabel();

        Entry("TrapHandler");
        _a.mov(rcx, __qword_ptr[rdx + UcRip]);
        _a.lea(r8, __[_start]);
        _a.mov(r9, rcx);
        _a.sub(r9, r8);
        _a.cmp(r9, StubData);
        _a.jb(inStub);
        EmitFindBlock(chain);
        _a.cmp(__byte_ptr[rax + Selector], 0);
        _a.je(chain);

        // In user mode.
        _a.Label(ref inUserMode);
        _a.mov(__byte_ptr[rax + Selector], 0);
        for (int i = 0; i < s_contextOrder.Length; i++)
        {
            _a.mov(r8, __qword_ptr[rdx + UcR8 + 8 * i]);
            _a.mov(__qword_ptr[rax + s_contextOrder[i]], r8);
        }

        _a.mov(__byte_ptr[rax + RestoreFlags], 1);
        EmitReason();

        // The kernel has saved the program's vector state in the frame and initialised the registers. What the program has
        // put into PKRU stays there while C# runs, as x87 state does, unless it would lock C# out of its own memory: key 0.
        _a.mov(r11, rax);
        _a.mov(r10, __qword_ptr[rdx + UcFpState]);
        _a.mov(eax, -1);
        _a.mov(edx, -1);
        _a.lea(r8, __[_chainedHandlers]);
        _a.mov(r8, __qword_ptr[r8 + (PkruOffset - StubData)]);
        _a.test(r8, r8);
        _a.jz(restore);
        _a.bt(__dword_ptr[r10 + XstateBv], PkruBit);
        _a.jnc(restore);
        _a.test(__byte_ptr[r10 + r8], KeyZeroBits);
        _a.jz(restore);
        _a.btr(eax, PkruBit);
        _a.Label(ref restore);
        _a.xrstor64(__[r10]);
        _a.mov(rdi, r11);
        // The kernel has cleared DF and TF, and leaves AC and NT (handle_signal of arch/x86/kernel/signal.c).
        _a.push(CleanFlags);
        _a.popfq();
        _a.jmp(_leaveCommon);

        // In this code: between the two worlds, or copying.
        _a.Label(ref inStub);
        // A program that single-steps itself, or that has locked itself out of key 0, gets as far as the first instruction of
        // Leave. All registers are still its own there, but rip, which is in rcx.
        _a.lea(r8, __[_leave]);
        _a.cmp(rcx, r8);
        _a.jne(notLeave);
        _a.cmp(edi, KickSignal);
        _a.je(done);
        _a.mov(rax, rsp);
        _a.and(rax, -BlockAlignment);
        _a.wrgsbase(rax);
        _a.mov(r8, __qword_ptr[rdx + UcRcx]);
        _a.mov(__qword_ptr[rdx + UcRip], r8);
        _a.jmp(inUserMode);
        _a.Label(ref notLeave);
        _a.lea(r8, __[_copyStart]);
        _a.cmp(rcx, r8);
        Label notCopy = _a.CreateLabel();
        _a.jb(notCopy);
        _a.lea(r8, __[_copyEnd]);
        _a.cmp(rcx, r8);
        _a.jb(inCopy);
        _a.Label(ref notCopy);
        _a.lea(r8, __[_enterStart]);
        _a.cmp(rcx, r8);
        Label notEnter = _a.CreateLabel();
        _a.jb(notEnter);
        _a.lea(r8, __[_enterEnd]);
        _a.cmp(rcx, r8);
        _a.jb(abortEnter);
        _a.Label(ref notEnter);
        // Already on the way out: the kick has nothing to do. A fault here is a defect.
        _a.cmp(edi, KickSignal);
        _a.jne(chain);
        _a.ret();

        _a.Label(ref abortEnter);
        _a.rdgsbase(rax);
        EmitReason();
        _a.lea(r8, __[_enterAbort]);
        _a.mov(__qword_ptr[rdx + UcRip], r8);
        _a.ret();

        // A copy touched a page it may not: go on behind it, with the address in rax.
        _a.Label(ref inCopy);
        _a.cmp(edi, KickSignal);
        _a.je(done);
        _a.mov(r8, __qword_ptr[rdx + UcFaultAddress]);
        // A general protection fault (non-canonical address) carries no address.
        _a.cmp(__dword_ptr[rdx + UcTrapNumber], PageFaultVector);
        _a.je(notPageFault);
        _a.xor(r8d, r8d);
        _a.Label(ref notPageFault);
        _a.mov(__qword_ptr[rdx + UcRax], r8);
        _a.lea(r8, __[_copyFixup]);
        _a.mov(__qword_ptr[rdx + UcRip], r8);
        _a.Label(ref done);
        _a.ret();

        _a.Label(ref chain);
        _a.lea(r8, __[_chainedHandlers]);
        _a.mov(eax, edi);
        _a.jmp(__qword_ptr[r8 + rax * 8]);

        void EmitReason()
        {
            Label classified = _a.CreateLabel();
            Label systemCall = _a.CreateLabel();
            _a.mov(r9d, ReasonInterrupt);
            _a.cmp(edi, KickSignal);
            _a.je(classified);
            _a.cmp(edi, SignalSys);
            _a.je(systemCall);
            _a.mov(r8, __qword_ptr[rdx + UcTrapNumber]);
            _a.mov(__dword_ptr[rax + TrapNumber], r8d);
            _a.mov(r9, __qword_ptr[rdx + UcError]);
            _a.mov(__dword_ptr[rax + ErrorCode], r9d);
            _a.mov(r9, __qword_ptr[rdx + UcFaultAddress]);
            _a.mov(__qword_ptr[rax + FaultAddress], r9);
            _a.mov(r9d, ReasonPageFault);
            _a.cmp(r8d, PageFaultVector);
            _a.je(classified);
            // The step that ends at Leave is the system call's own.
            _a.cmp(r8d, DebugVector);
            _a.mov(r9d, ReasonFault);
            _a.jne(classified);
            _a.lea(r8, __[_leave]);
            _a.cmp(rcx, r8);
            _a.jne(classified);
            _a.mov(r9d, ReasonSystemCall);
            _a.jmp(classified);

            // INT 0x80, SYSENTER and SYSCALL of 32-bit code have another table of calls; a kernel without it answers with #GP.
            _a.Label(ref systemCall);
            _a.mov(r9d, ReasonSystemCall);
            _a.cmp(__dword_ptr[rsi + SiginfoArchitecture], AuditArchI386);
            _a.jne(classified);
            _a.sub(__qword_ptr[rax + Rip], 2);
            _a.mov(__dword_ptr[rax + TrapNumber], GeneralProtectionVector);
            _a.mov(__dword_ptr[rax + ErrorCode], Int80ErrorCode);
            _a.mov(__qword_ptr[rax + FaultAddress], 0);
            _a.mov(r9d, ReasonFault);
            _a.Label(ref classified);
            _a.mov(__dword_ptr[rax + Reason], r9d);
        }
    }

    /// <summary>
    /// Finds the block of a thread that a signal has interrupted at rcx: rax is 0 at a jump to <paramref name="none"/>.
    /// </summary>
    /// <remarks>
    /// WRGSBASE and loads of GS are not privileged, so in a program's code GS may be anything. But the thread is then on its
    /// own signal stack, which lies behind the block; and GS is put right again.
    /// </remarks>
    private void EmitFindBlock(Label none)
    {
        Label inProgram = _a.CreateLabel();
        Label found = _a.CreateLabel();
        _a.lea(r9, __[_chainedHandlers]);
        _a.cmp(rcx, __qword_ptr[r9 + (ProgramEnd - StubData)]);
        _a.jb(inProgram);
        _a.mov(rax, rcx);
        _a.sub(rax, __qword_ptr[r9 + (SecondStart - StubData)]);
        _a.cmp(rax, __qword_ptr[r9 + (SecondLength - StubData)]);
        _a.jb(inProgram);
        _a.mov(rax, rcx);
        _a.sub(rax, __qword_ptr[r9 + (VdsoStart - StubData)]);
        _a.cmp(rax, VdsoSize);
        _a.jb(inProgram);
        _a.rdgsbase(rax);
        _a.test(rax, rax);
        _a.jz(none);
        _a.jmp(found);
        _a.Label(ref inProgram);
        _a.mov(rax, rsp);
        _a.and(rax, -BlockAlignment);
        _a.wrgsbase(rax);
        _a.Label(ref found);
        _a.nop();
    }

    /// <summary>
    /// Handler in front of those of the runtime's that may interrupt user mode: gives them the host's FS base, and lets
    /// their own system calls pass.
    /// </summary>
    private void EmitChainingHandler()
    {
        Label plain = _a.CreateLabel();
        Entry("ChainingHandler");
        _a.push(CleanFlags);
        _a.popfq();
        _a.lea(r8, __[_chainedHandlers]);
        _a.mov(eax, edi);
        _a.mov(r8, __qword_ptr[r8 + rax * 8]);
        _a.mov(rcx, __qword_ptr[rdx + UcRip]);
        EmitFindBlock(plain);
        _a.push(rbx);
        _a.push(r12);
        _a.push(r13);
        _a.mov(rbx, rax);
        _a.rdfsbase(r12);
        _a.movzx(r13d, __byte_ptr[rbx + Selector]);
        _a.mov(__byte_ptr[rbx + Selector], 0);
        _a.mov(rax, __qword_ptr[rbx + HostFsBase]);
        _a.wrfsbase(rax);
        _a.call(r8);
        _a.wrfsbase(r12);
        _a.mov(__byte_ptr[rbx + Selector], r13b);
        _a.pop(r13);
        _a.pop(r12);
        _a.pop(rbx);
        _a.ret();
        _a.Label(ref plain);
        _a.jmp(r8);

        // rt_sigreturn, number 15; inside the range where Syscall User Dispatch lets calls pass.
        Entry("Restorer");
        _a.mov(eax, 15);
        _a.syscall();

        // Chained "handler" of signals that have none: ignore.
        Entry("IgnoreSignal");
        _a.ret();

        // Chained "handler" of a fault that nobody handles: stop at once.
        Entry("UnexpectedSignal");
        _a.ud2();
    }

    /// <summary>
    /// Copies between kernel and user memory. They return how many bytes are left; where that isn't 0, the address of
    /// the refused byte is stored at the pointer in the fourth argument.
    /// </summary>
    private void EmitCopies()
    {
        Label bytes = _a.CreateLabel();
        Label finished = _a.CreateLabel();

        // nint Copy(to, from, count, out faultAddress). In every instruction that may fault rcx is what is left.
        Entry("Copy");
        _a.mov(r8, rcx);
        _a.mov(rcx, rdx);
        _a.Label(ref _copyStart);
        _a.cmp(rcx, 16);
        _a.ja(bytes);
        Label below8 = _a.CreateLabel();
        Label below4 = _a.CreateLabel();
        Label below2 = _a.CreateLabel();
        Label none = _a.CreateLabel();
        // Small counts by two overlapping moves; both loads come before the stores.
        _a.cmp(rcx, 8);
        _a.jb(below8);
        _a.mov(r9, __qword_ptr[rsi]);
        _a.mov(r10, __qword_ptr[rsi + rcx - 8]);
        _a.mov(__qword_ptr[rdi], r9);
        _a.mov(__qword_ptr[rdi + rcx - 8], r10);
        _a.xor(eax, eax);
        _a.ret();
        _a.Label(ref below8);
        _a.cmp(rcx, 4);
        _a.jb(below4);
        _a.mov(r9d, __dword_ptr[rsi]);
        _a.mov(r10d, __dword_ptr[rsi + rcx - 4]);
        _a.mov(__dword_ptr[rdi], r9d);
        _a.mov(__dword_ptr[rdi + rcx - 4], r10d);
        _a.xor(eax, eax);
        _a.ret();
        _a.Label(ref below4);
        _a.cmp(rcx, 2);
        _a.jb(below2);
        _a.mov(r9w, __word_ptr[rsi]);
        _a.mov(r10w, __word_ptr[rsi + rcx - 2]);
        _a.mov(__word_ptr[rdi], r9w);
        _a.mov(__word_ptr[rdi + rcx - 2], r10w);
        _a.xor(eax, eax);
        _a.ret();
        _a.Label(ref below2);
        _a.test(rcx, rcx);
        _a.jz(none);
        _a.mov(r9b, __byte_ptr[rsi]);
        _a.mov(__byte_ptr[rdi], r9b);
        _a.Label(ref none);
        _a.xor(eax, eax);
        _a.ret();
        _a.Label(ref bytes);
        _a.rep.movsb();
        _a.xor(eax, eax);
        _a.ret();

        // nint Clear(to, count, unused, out faultAddress).
        Entry("Clear");
        _a.mov(r8, rcx);
        _a.mov(rcx, rsi);
        _a.xor(eax, eax);
        _a.rep.stosb();
        _a.ret();

        // nint CopyString(to, from, count, out faultAddress): stops behind a NUL; returns what is left of count with
        // the NUL counted as copied, or -1 where a page refused.
        Label next = _a.CreateLabel();
        Entry("CopyString");
        _a.mov(r8, rcx);
        _a.mov(rcx, rdx);
        _a.test(rcx, rcx);
        _a.jz(finished);
        _a.Label(ref next);
        _a.mov(al, __byte_ptr[rsi]);
        _a.mov(__byte_ptr[rdi], al);
        _a.inc(rsi);
        _a.inc(rdi);
        _a.dec(rcx);
        _a.test(al, al);
        _a.jz(finished);
        _a.test(rcx, rcx);
        _a.jnz(next);
        _a.mov(rax, -1);
        _a.ret();
        _a.Label(ref finished);
        _a.mov(rax, rcx);
        _a.ret();

        // nint Load32(address, out value, unused, out faultAddress).
        Entry("Load32");
        _a.mov(r8, rcx);
        _a.mov(ecx, 4);
        _a.mov(eax, __dword_ptr[rdi]);
        _a.mov(__dword_ptr[rsi], eax);
        _a.xor(eax, eax);
        _a.ret();

        // nint CompareExchange32(address, expected and found, desired, out faultAddress).
        Entry("CompareExchange32");
        _a.mov(r8, rcx);
        _a.mov(ecx, 4);
        _a.mov(eax, __dword_ptr[rsi]);
        _a.@lock.cmpxchg(__dword_ptr[rdi], edx);
        _a.mov(__dword_ptr[rsi], eax);
        _a.xor(eax, eax);
        _a.ret();
        _a.Label(ref _copyEnd);
        _a.nop();

        // Reached from the signal handler only: rax is the address, rcx what is left.
        _a.Label(ref _copyFixup);
        _a.mov(__qword_ptr[r8], rax);
        _a.mov(rax, rcx);
        Label some = _a.CreateLabel();
        _a.test(rax, rax);
        _a.jnz(some);
        _a.mov(eax, 1);
        _a.Label(ref some);
        _a.ret();
    }

    private void EmitSmallOperations()
    {
        // long HostCall(number, six arguments): a system call of the host, returning -errno. It lies in the range that
        // Syscall User Dispatch leaves alone, so it works whatever the selector says.
        Entry("HostCall");
        _a.mov(rax, rdi);
        _a.mov(rdi, rsi);
        _a.mov(rsi, rdx);
        _a.mov(rdx, rcx);
        _a.mov(r10, r8);
        _a.mov(r8, r9);
        _a.mov(r9, __qword_ptr[rsp + 8]);
        _a.syscall();
        _a.ret();

        Entry("ReadXcr0");
        _a.xor(ecx, ecx);
        _a.xgetbv();
        _a.shl(rdx, 32);
        _a.or(rax, rdx);
        _a.ret();

        Entry("ReadFsBase");
        _a.rdfsbase(rax);
        _a.ret();

        Entry("ReadGsBase");
        _a.rdgsbase(rax);
        _a.ret();

        Entry("WriteGsBase");
        _a.wrgsbase(rdi);
        _a.ret();

        // x87 state stays in the registers while C# runs: C# never touches it. These move it for signal frames.
        Entry("SaveX87");
        _a.mov(eax, 1);
        _a.xor(edx, edx);
        _a.xsave64(__[rdi]);
        _a.ret();

        Entry("RestoreX87");
        _a.mov(eax, 1);
        _a.xor(edx, edx);
        _a.xrstor64(__[rdi]);
        _a.ret();
    }

    /// <summary>
    /// Registers 0 to 15, whose upper parts must come back clean where they were: after a full-width load the processor
    /// takes them for used, and every SSE instruction has to merge with them. Reference BLAS then runs at a quarter
    /// of its speed until something executes VZEROUPPER.
    /// </summary>
    private void EmitLoadLowVectors()
    {
        Label whole = _a.CreateLabel();
        Label done = _a.CreateLabel();
        if (width != VectorWidth.Sse)
        {
            _a.test(__dword_ptr[rdi + VectorsInUse], UpperParts);
            _a.jnz(whole);
            _a.vzeroupper();
        }

        for (int i = 0; i < 16; i++)
            _a.movaps(Xmm(i), __xmmword_ptr[rdi + Vectors + i * 64]);
        if (width == VectorWidth.Sse)
            return;
        _a.jmp(done);
        _a.Label(ref whole);
        for (int i = 0; i < 16; i++)
            LoadVector(i);
        _a.Label(ref done);
        _a.nop();
    }

    private void EmitStoreLowVectors()
    {
        Label whole = _a.CreateLabel();
        Label done = _a.CreateLabel();
        if (width != VectorWidth.Sse)
        {
            // XGETBV with ecx = 1 tells which components are not in their initial state (Intel SDM volume 1, 13.2).
            _a.mov(ecx, 1);
            _a.xgetbv();
            _a.mov(__dword_ptr[rdi + VectorsInUse], eax);
            _a.test(eax, UpperParts);
            _a.jnz(whole);
        }

        for (int i = 0; i < 16; i++)
            _a.movaps(__xmmword_ptr[rdi + Vectors + i * 64], Xmm(i));
        if (width == VectorWidth.Sse)
            return;
        _a.jmp(done);
        _a.Label(ref whole);
        for (int i = 0; i < 16; i++)
            StoreVector(i);
        _a.Label(ref done);
        _a.nop();
    }

    private int VectorCount => width == VectorWidth.Avx512 ? 32 : 16;

    private void LoadVector(int i)
    {
        switch (width)
        {
            case VectorWidth.Sse:
                _a.movaps(Xmm(i), __xmmword_ptr[rdi + Vectors + i * 64]);
                break;
            case VectorWidth.Avx:
                _a.vmovdqa(Ymm(i), __ymmword_ptr[rdi + Vectors + i * 64]);
                break;
            default:
                _a.vmovdqa64(Zmm(i), __zmmword_ptr[rdi + Vectors + i * 64]);
                break;
        }
    }

    private void StoreVector(int i)
    {
        switch (width)
        {
            case VectorWidth.Sse:
                _a.movaps(__xmmword_ptr[rdi + Vectors + i * 64], Xmm(i));
                break;
            case VectorWidth.Avx:
                _a.vmovdqa(__ymmword_ptr[rdi + Vectors + i * 64], Ymm(i));
                break;
            default:
                _a.vmovdqa64(__zmmword_ptr[rdi + Vectors + i * 64], Zmm(i));
                break;
        }
    }

    private static AssemblerRegisterXMM Xmm(int i) => new(Register.XMM0 + i);

    private static AssemblerRegisterYMM Ymm(int i) => new(Register.YMM0 + i);

    private static AssemblerRegisterZMM Zmm(int i) => new(Register.ZMM0 + i);

    private static AssemblerRegisterK Mask(int i) => new(Register.K0 + i);
}
