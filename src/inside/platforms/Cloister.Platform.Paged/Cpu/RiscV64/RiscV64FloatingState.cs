using System;

namespace Cloister.Platform.Paged.Cpu.RiscV64;

/// <summary>
/// Floating-point registers. The kernel uses none of them, so a program's stay until another's are loaded; sstatus.FS tells whether they
/// were changed meanwhile.
/// </summary>
// SAFETY: blocks have room for the state.
internal sealed unsafe class RiscV64FloatingState
{
    private const ulong Mask = 3 << 13;
    private const ulong Clean = 2 << 13;
    private const ulong Dirty = 3 << 13;
    private const ulong ControlMask = 0xff;

    private RiscV64UserBlock* _owner;

    /// <summary>Makes the registers those of a block.</summary>
    public void Use(RiscV64UserBlock* block)
    {
        if (_owner == block)
            return;
        if (_owner != null)
            Save(_owner);
        RiscV64Instructions.LoadFloats((byte*)block->Floats);
        block->Status = (block->Status & ~Mask) | Clean;
        _owner = block;
    }

    /// <summary>Brings a block up to date.</summary>
    public void Save(RiscV64UserBlock* block)
    {
        if (_owner != block || (block->Status & Mask) != Dirty)
            return;
        RiscV64Instructions.SaveFloats((byte*)block->Floats);
        block->Status = (block->Status & ~Mask) | Clean;
    }

    /// <summary>The block ends, or is about to be changed: the registers are nobody's.</summary>
    public void Forget(RiscV64UserBlock* block)
    {
        if (_owner == block)
            _owner = null;
    }

    /// <summary>Copies a block's state.</summary>
    public void Copy(RiscV64UserBlock* block, Span<byte> image)
    {
        Save(block);
        Bytes(block).CopyTo(image);
    }

    /// <summary>Sets a block's state from an image that may be anything.</summary>
    public void Set(RiscV64UserBlock* block, ReadOnlySpan<byte> image)
    {
        Forget(block);
        image[..RiscV64UserBlock.FloatsSize].CopyTo(Bytes(block));
        block->Floats[32] &= ControlMask;
    }

    /// <summary>Sets a block's state as new.</summary>
    public void Reset(RiscV64UserBlock* block)
    {
        Forget(block);
        Bytes(block).Clear();
    }

    private static Span<byte> Bytes(RiscV64UserBlock* block) => new(block->Floats, RiscV64UserBlock.FloatsSize);
}
