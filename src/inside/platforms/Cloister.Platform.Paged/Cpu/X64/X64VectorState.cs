using System;
using System.Buffers.Binary;
using Cloister.Hal;

namespace Cloister.Platform.Paged.Cpu.X64;

/// <summary>
/// x87, SSE, AVX and AVX-512 state. The kernel uses none of it, so a program's stays in the registers until another's is
/// loaded.
/// </summary>
// SAFETY: blocks have room for Size bytes behind VectorOffset, which is aligned to 64 bytes, and headers are made here, so XRSTOR can't fault.
internal sealed unsafe class X64VectorState
{
    private const ulong Supported = 0xe7; // x87, SSE, AVX, and the three of AVX-512
    private const int LegacySize = 512;
    private const int HeaderSize = 64;
    private const int ControlOffset = 0;
    private const int MxcsrOffset = 24;
    private const ushort InitialControl = 0x37f;
    private const uint InitialMxcsr = 0x1f80;
    private const uint StateLeaf = 0xd;

    private X64UserBlock* _owner;
    private readonly uint _mxcsrMask;

    /// <summary>Switches all components on that the processor has.</summary>
    public X64VectorState()
    {
        uint* words = stackalloc uint[4];
        X64Instructions.Identify(StateLeaf, 0, (byte*)words);
        Components = words[0] & Supported;
        X64Instructions.SetComponents(Components);
        X64Instructions.Identify(StateLeaf, 0, (byte*)words);
        Size = (int)words[1];
        // What the processor doesn't name has the bits of the first SSE processors (SDM volume 1, 11.6.6).
        byte* memory = stackalloc byte[LegacySize + HeaderSize + 4096];
        byte* area = (byte*)(((ulong)memory + 63) & ~63UL);
        new Span<byte>(area, LegacySize + HeaderSize).Clear();
        X64Instructions.SaveVectors(area);
        uint mask = *(uint*)(area + MxcsrOffset + 4);
        _mxcsrMask = mask == 0 ? 0xffbf : mask;
    }

    /// <summary>Bytes of an image.</summary>
    public int Size { get; }

    /// <summary>Components of an image.</summary>
    public ulong Components { get; }

    /// <summary>Makes the registers those of a block.</summary>
    public void Use(X64UserBlock* block)
    {
        if (_owner == block)
            return;
        if (_owner != null)
            X64Instructions.SaveVectors(Area(_owner));
        X64Instructions.LoadVectors(Area(block));
        _owner = block;
    }

    /// <summary>Brings a block up to date.</summary>
    public void Save(X64UserBlock* block)
    {
        if (_owner == block)
            X64Instructions.SaveVectors(Area(block));
    }

    /// <summary>The block ends, or is about to be changed: the registers are nobody's.</summary>
    public void Forget(X64UserBlock* block)
    {
        if (_owner == block)
            _owner = null;
    }

    /// <summary>Copies a block's state.</summary>
    public void Copy(X64UserBlock* block, Span<byte> image)
    {
        Save(block);
        new ReadOnlySpan<byte>(Area(block), Size).CopyTo(image);
        BinaryPrimitives.WriteUInt32LittleEndian(image[(MxcsrOffset + 4)..], _mxcsrMask);
    }

    /// <summary>Sets a block's state from an image that may be anything.</summary>
    public void Set(X64UserBlock* block, ReadOnlySpan<byte> image, ulong components)
    {
        Reset(block);
        byte* area = Area(block);
        int length = Math.Min(image.Length, Size);
        ulong present = BinaryPrimitives.ReadUInt64LittleEndian(image[LegacySize..]) & components & Components;
        // Components behind the end of the image are as new: all that isn't x87 or SSE begins behind the header.
        if (length < Size)
            present &= 3;
        image[..LegacySize].CopyTo(new Span<byte>(area, LegacySize));
        image[(LegacySize + HeaderSize)..length].CopyTo(new Span<byte>(area + LegacySize + HeaderSize, length - LegacySize - HeaderSize));
        *(uint*)(area + MxcsrOffset) = (components & 6) == 0 ? InitialMxcsr : *(uint*)(area + MxcsrOffset) & _mxcsrMask;
        *(ulong*)(area + LegacySize) = present;
    }

    /// <summary>Sets a block's state as new.</summary>
    public void Reset(X64UserBlock* block)
    {
        Forget(block);
        byte* area = Area(block);
        new Span<byte>(area, Size).Clear();
        *(ushort*)(area + ControlOffset) = InitialControl;
        *(uint*)(area + MxcsrOffset) = InitialMxcsr;
    }

    private static byte* Area(X64UserBlock* block) => (byte*)block + X64UserBlock.VectorOffset;
}
