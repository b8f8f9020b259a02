using Iced.Intel;
using static Cloister.Platform.Process.ContextLayout;
using static Iced.Intel.AssemblerRegisters;

namespace Cloister.StubAssembler;

// Signals that interrupt user mode, or C#.
internal sealed partial class StubAssembler
{
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
    /// own signal stack, which lies behind the block; and GS is put right again. Elsewhere, in the host's vDSO too, GS is what tells:
    /// most threads there have no block.
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
        _a.rdgsbase(rax);
        _a.test(rax, rax);
        _a.jz(none);
        _a.test(eax, BlockAlignment - 1);
        _a.jz(found);
        _a.xor(eax, eax);
        _a.jmp(none);
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
}
