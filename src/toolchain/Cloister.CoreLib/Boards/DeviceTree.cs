using System;

namespace Cloister.Runtime.Boards;

/// <summary>
/// A flattened device tree (Devicetree Specification 0.4, chapter 5), from which a board learns its memory. All numbers are big-endian. The tree
/// comes from outside: whatever is in it, only the bytes that its header counts are read, and every loop ends.
/// </summary>
// SAFETY: the memory behind the address can be read for 40 bytes, and, where the magic number is there, for as many as the header says, at most
// LargestSize. Every other read is by Byte or Word, which compare the offset with that. A tree is read before the heap is in use, which may
// overwrite it.
internal readonly unsafe struct DeviceTree
{
    private const uint Magic = 0xd00dfeed;
    private const uint HeaderSize = 40;
    private const uint BeginNode = 1, EndNode = 2, Property = 3, Nop = 4;

    // Trees of machines have some ten thousand bytes.
    private const uint LargestSize = 2 << 20;

    private readonly byte* _tree;
    private readonly uint _size;

    public DeviceTree(byte* tree)
    {
        _tree = tree;
        _size = HeaderSize;
        if (tree == null || Word(0) != Magic)
            _size = 0;
        else
            _size = Word(4) < LargestSize ? Word(4) : LargestSize;
    }

    public bool IsValid => _size >= HeaderSize;

    // Zero behind the end.
    private byte Byte(uint offset) => offset < _size ? _tree[offset] : (byte)0;

    private uint Word(uint offset) => offset >= _size || _size - offset < 4 ? 0
        : (uint)_tree[offset] << 24 | (uint)_tree[offset + 1] << 16 | (uint)_tree[offset + 2] << 8 | _tree[offset + 3];

    private bool Equal(uint offset, string wanted, bool isPrefix)
    {
        for (int i = 0; i < wanted.Length; i++)
            if (Byte(offset + (uint)i) != wanted[i])
                return false;
        return isPrefix || Byte(offset + (uint)wanted.Length) == 0;
    }

    private ulong Number(uint offset, uint cells) => cells == 1 ? Word(offset) : (ulong)Word(offset) << 32 | Word(offset + 4);

    // Addresses and sizes have one or two cells here; other machines have none of either, or three.
    private bool FindCells(string name, ref uint cells)
    {
        uint place = 0;
        if (Find(ref place, "", name, out uint value, out _))
            cells = Word(value);
        return cells is 1 or 2;
    }

    /// <summary>The largest range of memory; false where the tree names none.</summary>
    public bool FindMemory(out ulong address, out ulong size)
    {
        address = size = 0;
        uint addressCells = 2, sizeCells = 1;
        if (!FindCells("#address-cells", ref addressCells) || !FindCells("#size-cells", ref sizeCells))
            return false;
        uint entry = (addressCells + sizeCells) * 4, place = 0;
        while (Find(ref place, "memory", "reg", out uint value, out uint length))
        {
            for (uint rest = length; rest >= entry; rest -= entry, value += entry)
            {
                ulong found = Number(value + addressCells * 4, sizeCells);
                if (found <= size)
                    continue;
                address = Number(value, addressCells);
                size = found;
            }
        }

        return size != 0;
    }

    /// <summary>The first range of the next node of memory behind a place; false where there is no more.</summary>
    public bool NextMemory(ref uint place, out ulong address, out ulong size)
    {
        address = size = 0;
        uint addressCells = 2, sizeCells = 1;
        if (!FindCells("#address-cells", ref addressCells) || !FindCells("#size-cells", ref sizeCells) ||
            !Find(ref place, "memory", "reg", out uint value, out uint length) || length < (addressCells + sizeCells) * 4)
            return false;
        address = Number(value, addressCells);
        size = Number(value + addressCells * 4, sizeCells);
        return true;
    }

    /// <summary>Random bytes of the boot loader's; none where it has left none.</summary>
    public ReadOnlySpan<byte> RandomSeed()
    {
        uint place = 0;
        return Find(ref place, "chosen", "rng-seed", out uint value, out uint length) ? new ReadOnlySpan<byte>(_tree + value, (int)length) : [];
    }

    /// <summary>The frequency in Hz of the RISC-V time register; 0 where the tree doesn't say.</summary>
    public uint TimebaseFrequency()
    {
        uint place = 0;
        return Find(ref place, "cpus", "timebase-frequency", out uint value, out uint length) && length >= 4 ? Word(value) : 0;
    }

    // The first property of this name behind a place, in the root ("" as the node) or in a node directly below it whose name begins like this.
    // The length stays within the tree.
    private bool Find(ref uint place, string node, string property, out uint value, out uint length)
    {
        uint names = Word(12);
        int depth = 0;
        bool isInside = false;
        // Offsets stay below twice the largest size, so that none wraps around.
        for (uint token = Word(8); token < _size;)
        {
            uint kind = Word(token);
            token += 4;
            switch (kind)
            {
                case BeginNode:
                    depth++;
                    isInside = node.Length == 0 ? depth == 1 : depth == 2 && Equal(token, node, isPrefix: true);
                    while (Byte(token) != 0)
                        token++;
                    token = Align(token + 1);
                    break;
                case EndNode:
                    depth--;
                    isInside = node.Length == 0 && depth == 1;
                    break;
                case Property:
                    length = Word(token);
                    uint name = Word(token + 4);
                    value = token + 8;
                    if (value > _size || length > _size - value)
                        goto default;
                    token = Align(value + length);
                    if (!isInside || value <= place || name > _size || names > _size || !Equal(names + name, property, isPrefix: false))
                        break;
                    place = value;
                    return true;
                case Nop:
                    break;
                default:
                    token = _size;
                    break;
            }
        }

        value = 0;
        length = 0;
        return false;
    }

    private static uint Align(uint offset) => offset + 3 & ~3u;
}
