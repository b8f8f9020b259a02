using Iced.Intel;
using static Cloister.Platform.Process.ContextLayout;
using static Iced.Intel.AssemblerRegisters;

namespace Cloister.StubAssembler;

// Vector registers.
internal sealed partial class StubAssembler
{
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
