using System.Runtime.CompilerServices;

namespace Cloister.Runtime;

/// <summary>Short blocks of bytes, some words at a time, where the call of a general function would take longer than its work.</summary>
// SAFETY: the caller's blocks have count bytes each. Words lie within them: the first at their start, the last at count less a word's size, and
// they are as large as the count that was compared allows. Copies read all that overlaps before they write.
internal static unsafe class Words
{
    private const ulong MostCompared = 64;

    public static bool AreEqual(byte* one, byte* other, ulong count)
    {
        if (count < 8)
            return AreFewEqual(one, other, count);
        if (count > MostCompared)
            return Memory.Compare(one, other, count) == 0;
        // The last word overlaps the one before.
        ulong last = count - 8;
        for (ulong i = 0; i < last; i += 8)
            if (Unsafe.ReadUnaligned<ulong>(one + i) != Unsafe.ReadUnaligned<ulong>(other + i))
                return false;
        return Unsafe.ReadUnaligned<ulong>(one + last) == Unsafe.ReadUnaligned<ulong>(other + last);
    }

    private static bool AreFewEqual(byte* one, byte* other, ulong count)
    {
        if (count >= 4)
            return Unsafe.ReadUnaligned<uint>(one) == Unsafe.ReadUnaligned<uint>(other)
                && Unsafe.ReadUnaligned<uint>(one + count - 4) == Unsafe.ReadUnaligned<uint>(other + count - 4);
        for (ulong i = 0; i < count; i++)
            if (one[i] != other[i])
                return false;
        return true;
    }

    /// <summary>Copies characters to another object.</summary>
    public static void CopyCharacters(byte* to, byte* from, ulong count)
    {
        if (count > 16)
            Memory.Move(to, from, count);
        else if (count >= 8)
        {
            ulong last = Unsafe.ReadUnaligned<ulong>(from + count - 8);
            Unsafe.WriteUnaligned(to, Unsafe.ReadUnaligned<ulong>(from));
            Unsafe.WriteUnaligned(to + count - 8, last);
        }
        else if (count >= 4)
        {
            uint last = Unsafe.ReadUnaligned<uint>(from + count - 4);
            Unsafe.WriteUnaligned(to, Unsafe.ReadUnaligned<uint>(from));
            Unsafe.WriteUnaligned(to + count - 4, last);
        }
        else if (count != 0)
            *(char*)to = *(char*)from;
    }
}
