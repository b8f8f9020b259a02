using Iced.Intel;
using static Cloister.Platform.Process.ContextLayout;
using static Iced.Intel.AssemblerRegisters;

namespace Cloister.StubAssembler;

// The ways into and out of user mode.
internal sealed partial class StubAssembler
{
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
}
