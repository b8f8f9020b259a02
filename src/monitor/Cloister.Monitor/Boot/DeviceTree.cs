using System;
using System.Buffers.Binary;

namespace Cloister.Monitor.Boot;

/// <summary>
/// A flattened device tree (Devicetree Specification 0.4, chapter 5), read and changed in place: it never grows. It comes from outside: whatever is
/// in it, only bytes of the span are touched, and every walk ends.
/// </summary>
internal readonly ref struct DeviceTree
{
    private const uint Magic = 0xd00dfeed;
    private const int HeaderSize = 40;
    private const uint BeginNode = 1, EndNode = 2, Property = 3, Nop = 4;

    private readonly Span<byte> _tree;

    /// <param name="tree">At least as many bytes as the header says; see <see cref="SizeOf"/>.</param>
    public DeviceTree(Span<byte> tree) => _tree = tree;

    /// <summary>The size that a header names; 0 where there is no tree.</summary>
    public static uint SizeOf(ReadOnlySpan<byte> header) =>
        header.Length >= HeaderSize && BinaryPrimitives.ReadUInt32BigEndian(header) == Magic ? BinaryPrimitives.ReadUInt32BigEndian(header[4..]) : 0;

    /// <summary>
    /// The next property of this name, in a node at a depth whose name is this, or this followed by '@'. Start with a place of 0; the place moves on.
    /// </summary>
    /// <param name="depth">1 for nodes of the root, 2 for their children.</param>
    public bool TryFind(ref int place, int depth, ReadOnlySpan<byte> node, ReadOnlySpan<byte> property, out Span<byte> value)
    {
        int structure = (int)Math.Min(Word(8), int.MaxValue / 2), names = (int)Math.Min(Word(12), int.MaxValue / 2);
        int level = -1;
        bool isInside = false;
        for (int token = structure; token >= 0 && token <= _tree.Length - 4;)
        {
            uint kind = Word(token);
            token += 4;
            switch (kind)
            {
                case BeginNode:
                    level++;
                    ReadOnlySpan<byte> name = Text(token);
                    isInside = level == depth && IsNamed(name, node);
                    token = Align(token + name.Length + 1);
                    break;
                case EndNode:
                    level--;
                    isInside = false;
                    break;
                case Property:
                    uint length = Word(token), offset = Word(token + 4);
                    int start = token + 8;
                    if (start > _tree.Length || length > (uint)(_tree.Length - start))
                    {
                        value = default;
                        return false;
                    }

                    token = Align(start + (int)length);
                    if (!isInside || start <= place || offset > (uint)_tree.Length || !Text(names + (int)offset).SequenceEqual(property))
                        break;
                    place = start;
                    value = _tree.Slice(start, (int)length);
                    return true;
                case Nop:
                    break;
                default:
                    value = default;
                    return false;
            }
        }

        value = default;
        return false;
    }

    // Zero behind the end.
    private uint Word(int offset) => offset < 0 || offset > _tree.Length - 4 ? 0 : BinaryPrimitives.ReadUInt32BigEndian(_tree[offset..]);

    // Up to a zero byte or the end.
    private ReadOnlySpan<byte> Text(int offset)
    {
        if (offset < 0 || offset >= _tree.Length)
            return default;
        int end = offset;
        while (end < _tree.Length && _tree[end] != 0)
            end++;
        return _tree[offset..end];
    }

    private static bool IsNamed(ReadOnlySpan<byte> name, ReadOnlySpan<byte> wanted) =>
        name.Length >= wanted.Length && name[..wanted.Length].SequenceEqual(wanted) &&
        (name.Length == wanted.Length || name[wanted.Length] == (byte)'@');

    private static int Align(int offset) => offset + 3 & ~3;
}
