using Iced.Intel;
using static Cloister.Platform.Process.ContextLayout;
using static Iced.Intel.AssemblerRegisters;

namespace Cloister.StubAssembler;

// Copies that survive faults, and small operations that C# has no instruction for.
internal sealed partial class StubAssembler
{
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
}
