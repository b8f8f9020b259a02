using System;
using System.Buffers.Binary;
using System.Runtime.Intrinsics.X86;

namespace Cloister.Platform.Process;

/// <summary>
/// Turns the vector registers of a context block into the processor's standard XSAVE image and back
/// (Intel SDM volume 1, 13.4).
/// </summary>
internal sealed unsafe class VectorState
{
    public const ulong X87Component = 1;
    public const ulong SseComponent = 2;
    public const ulong AvxComponent = 4;
    public const ulong Avx512Components = 0xE0;
    public const ulong PkruComponent = 0x200;

    /// <summary>The x87 part of an XSAVE image's legacy region; MXCSR in it is not x87's.</summary>
    public const int X87Size = 160;

    private const int LegacySize = 512;
    private const int HeaderSize = 64;
    private const int MxcsrOffset = 24;
    private const int MxcsrMask = 0xFFFF;
    private const uint DefaultMxcsr = 0x1F80;

    private readonly Stubs _stubs;
    private readonly int _avxOffset;
    private readonly int _masksOffset;
    private readonly int _highHalvesOffset;
    private readonly int _highRegistersOffset;

    public VectorState(Stubs stubs)
    {
        _stubs = stubs;
        Components = X87Component | SseComponent;
        Size = LegacySize + HeaderSize;
        if ((stubs.Xcr0 & AvxComponent) != 0)
            _avxOffset = Include(2, AvxComponent);
        if ((stubs.Xcr0 & Avx512Components) == Avx512Components)
        {
            _masksOffset = Include(5, 0x20);
            _highHalvesOffset = Include(6, 0x40);
            _highRegistersOffset = Include(7, 0x80);
        }
    }

    /// <summary>Bits of the components in the image.</summary>
    public ulong Components { get; private set; }

    /// <summary>Size of the image in bytes.</summary>
    public int Size { get; private set; }

    /// <summary>Where a component lies in the standard image.</summary>
    public static ulong OffsetOf(ulong component) =>
        (uint)X86Base.CpuId(0xD, System.Numerics.BitOperations.TrailingZeroCount(component)).Ebx;

    public static void Reset(byte* block)
    {
        new Span<byte>(block + ContextLayout.Vectors, 32 * 64 + 8 * 8).Clear();
        *(uint*)(block + ContextLayout.UserMxcsr) = DefaultMxcsr;
        *(uint*)(block + ContextLayout.HostMxcsr) = DefaultMxcsr;
        *(uint*)(block + ContextLayout.VectorsInUse) = 0;
    }

    /// <summary>Stores the calling thread's x87 state, which stays in the registers while C# runs.</summary>
    public void SaveX87(Span<byte> state)
    {
        byte* memory = stackalloc byte[LegacySize + HeaderSize + 64];
        byte* x87 = (byte*)(((ulong)memory + 63) & ~63UL);
        new Span<byte>(x87, LegacySize + HeaderSize).Clear();
        // SAFETY: 64-byte aligned and large enough for the legacy region and the header, all that component 0 needs.
        _stubs.SaveX87(x87);
        new ReadOnlySpan<byte>(x87, X87Size).CopyTo(state);
    }

    /// <summary>Loads what <see cref="SaveX87"/> stored.</summary>
    public void RestoreX87(ReadOnlySpan<byte> state) => LoadX87(state, X87Component);

    /// <summary>Stores the state of the calling thread's context.</summary>
    public void Save(byte* block, Span<byte> image)
    {
        image[..Size].Clear();
        SaveX87(image);
        BinaryPrimitives.WriteUInt32LittleEndian(image[MxcsrOffset..], *(uint*)(block + ContextLayout.UserMxcsr));
        BinaryPrimitives.WriteUInt32LittleEndian(image[(MxcsrOffset + 4)..], MxcsrMask);
        BinaryPrimitives.WriteUInt64LittleEndian(image[LegacySize..], Components);
        ulong saved = (*(uint*)(block + ContextLayout.VectorsInUse) & ContextLayout.UpperParts) != 0
            ? Components
            : Components & ~(ulong)ContextLayout.UpperParts;
        Transfer(block, image, saved, save: true);
    }

    /// <summary>Loads a state into the calling thread's context.</summary>
    public void Restore(byte* block, ReadOnlySpan<byte> image, ulong components)
    {
        Span<byte> copy = stackalloc byte[Size];
        copy.Clear();
        image[..Math.Min(image.Length, Size)].CopyTo(copy);
        ulong present = components & Components & BinaryPrimitives.ReadUInt64LittleEndian(copy[LegacySize..]);
        Reset(block);
        if ((present & (SseComponent | AvxComponent)) != 0)
            *(uint*)(block + ContextLayout.UserMxcsr) = BinaryPrimitives.ReadUInt32LittleEndian(copy[MxcsrOffset..]) & MxcsrMask;
        Transfer(block, copy, present, save: false);
        *(uint*)(block + ContextLayout.VectorsInUse) = (uint)present;

        LoadX87(copy[..X87Size], present & X87Component);
    }

    private void LoadX87(ReadOnlySpan<byte> state, ulong present)
    {
        byte* memory = stackalloc byte[LegacySize + HeaderSize + 64];
        byte* x87 = (byte*)(((ulong)memory + 63) & ~63UL);
        new Span<byte>(x87, LegacySize + HeaderSize).Clear();
        state.CopyTo(new Span<byte>(x87, LegacySize));
        *(ulong*)(x87 + LegacySize) = present;
        // SAFETY: aligned; header has no bits but component 0's, so XRSTOR can't fault; it initialises x87 if that is 0.
        _stubs.RestoreX87(x87);
    }

    private void Transfer(byte* block, Span<byte> image, ulong components, bool save)
    {
        for (int i = 0; i < 16; i++)
        {
            if ((components & SseComponent) != 0)
                Move(block, i, 0, image.Slice(160 + i * 16, 16), save);
            if (_avxOffset != 0 && (components & AvxComponent) != 0)
                Move(block, i, 16, image.Slice(_avxOffset + i * 16, 16), save);
            if (_highHalvesOffset != 0 && (components & 0x40) != 0)
                Move(block, i, 32, image.Slice(_highHalvesOffset + i * 32, 32), save);
            if (_highRegistersOffset != 0 && (components & 0x80) != 0)
                Move(block, 16 + i, 0, image.Slice(_highRegistersOffset + i * 64, 64), save);
        }

        if (_masksOffset == 0 || (components & 0x20) == 0)
            return;
        var masks = new Span<byte>(block + ContextLayout.Masks, 64);
        Span<byte> inImage = image.Slice(_masksOffset, 64);
        if (save)
            masks.CopyTo(inImage);
        else
            inImage.CopyTo(masks);
    }

    private static void Move(byte* block, int register, int offset, Span<byte> image, bool save)
    {
        // SAFETY: register < 32 and offset + length <= 64, so this stays in the block's vector area.
        var inBlock = new Span<byte>(block + ContextLayout.Vectors + register * 64 + offset, image.Length);
        if (save)
            inBlock.CopyTo(image);
        else
            image.CopyTo(inBlock);
    }

    private int Include(int component, ulong bit)
    {
        (int size, int offset, _, _) = X86Base.CpuId(0xD, component);
        Components |= bit;
        Size = Math.Max(Size, offset + size);
        return offset;
    }
}
