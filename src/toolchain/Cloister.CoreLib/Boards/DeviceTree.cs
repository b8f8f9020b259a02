namespace Cloister.Runtime.Boards;

/// <summary>
/// A flattened device tree (Devicetree Specification 0.4, chapter 5), from which a board learns its memory. All numbers are big-endian.
/// </summary>
// SAFETY: the boot loader is trusted: a tree with the magic number is as long as it says, and its offsets, names and lengths lie within it. It is
// read before the heap is in use, which may overwrite it.
internal readonly unsafe struct DeviceTree(byte* tree)
{
    private const uint Magic = 0xd00dfeed;
    private const uint BeginNode = 1, EndNode = 2, Property = 3, Nop = 4;

    private readonly byte* _tree = tree;

    public bool IsValid => _tree != null && Word(_tree) == Magic;

    private static uint Word(byte* place) => (uint)place[0] << 24 | (uint)place[1] << 16 | (uint)place[2] << 8 | place[3];

    private static bool Equal(byte* text, string wanted, bool isPrefix)
    {
        for (int i = 0; i < wanted.Length; i++)
            if (text[i] != wanted[i])
                return false;
        return isPrefix || text[wanted.Length] == 0;
    }

    private static ulong Number(byte* place, uint cells)
    {
        ulong value = 0;
        for (uint i = 0; i < cells; i++)
            value = value << 32 | Word(place + i * 4);
        return value;
    }

    /// <summary>The largest range of memory; false where the tree names none.</summary>
    public bool FindMemory(out ulong address, out ulong size)
    {
        address = size = 0;
        uint addressCells = 2, sizeCells = 1;
        byte* place = null;
        if (Find(ref place, "", "#address-cells", out byte* cells, out _))
            addressCells = Word(cells);
        place = null;
        if (Find(ref place, "", "#size-cells", out cells, out _))
            sizeCells = Word(cells);
        place = null;
        uint entry = (addressCells + sizeCells) * 4;
        while (Find(ref place, "memory", "reg", out byte* value, out uint length))
        {
            for (uint offset = 0; offset + entry <= length; offset += entry)
            {
                ulong found = Number(value + offset + addressCells * 4, sizeCells);
                if (found <= size)
                    continue;
                address = Number(value + offset, addressCells);
                size = found;
            }
        }

        return size != 0;
    }

    /// <summary>The frequency in Hz of the RISC-V time register; 0 where the tree doesn't say.</summary>
    public uint TimebaseFrequency()
    {
        byte* place = null;
        return Find(ref place, "cpus", "timebase-frequency", out byte* value, out _) ? Word(value) : 0;
    }

    // The first property of this name behind a place, in the root ("" as the node) or in a node directly below it whose name begins like this.
    private bool Find(ref byte* place, string node, string property, out byte* value, out uint length)
    {
        byte* names = _tree + Word(_tree + 12);
        byte* end = _tree + Word(_tree + 4);
        int depth = 0;
        bool isInside = false;
        for (byte* token = _tree + Word(_tree + 8); token < end;)
        {
            uint kind = Word(token);
            token += 4;
            switch (kind)
            {
                case BeginNode:
                    depth++;
                    isInside = node.Length == 0 ? depth == 1 : depth == 2 && Equal(token, node, isPrefix: true);
                    while (*token != 0)
                        token++;
                    token = Align(token + 1);
                    break;
                case EndNode:
                    depth--;
                    isInside = node.Length == 0 && depth == 1;
                    break;
                case Property:
                    length = Word(token);
                    byte* name = names + Word(token + 4);
                    value = token + 8;
                    token = Align(value + length);
                    if (!isInside || value <= place || !Equal(name, property, isPrefix: false))
                        break;
                    place = value;
                    return true;
                case Nop:
                    break;
                default:
                    token = end;
                    break;
            }
        }

        value = null;
        length = 0;
        return false;
    }

    private byte* Align(byte* place) => _tree + ((place - _tree + 3) & ~3L);
}
