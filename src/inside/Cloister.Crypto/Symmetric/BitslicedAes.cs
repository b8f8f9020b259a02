using System;
using System.Runtime.CompilerServices;

namespace Cloister.Crypto;

/// <summary>
/// AES (FIPS 197) without instructions for it and without tables: four blocks at a time, bit by bit in planes of 64 bits.
/// </summary>
/// <remarks>
/// E. Kasper, P. Schwabe, "Faster and Timing-Attack Resistant AES-GCM" (eprint 2009/129), with rows of the state in fields of 16 bits
/// as in T. Pornin's BearSSL: bit 16 r + 4 c + b of plane i is bit i of the byte in row r and column c of block b. Mixing columns then
/// rotates whole words, and shifting rows rotates fields. Columns are the standard's, read little-endian, one in each word.
/// </remarks>
internal static class BitslicedAes
{
    /// <summary>Blocks at a time.</summary>
    public const int Blocks = 4;

    /// <summary>Words of the longest schedule: 8 planes for each of 15 round keys.</summary>
    public const int MaxSchedule = 15 * 8;

    /// <summary>Expands 4, 6 or 8 columns of key (5.2) into 8 (rounds + 1) planes.</summary>
    public static void ExpandKey<TWord>(ReadOnlySpan<TWord> key, Span<TWord> schedule)
        where TWord : unmanaged, IWord<TWord>
    {
        int rounds = AesSizes.Rounds(key.Length * 4);
        int total = 4 * (rounds + 1);
        Span<TWord> columns = stackalloc TWord[60];
        Span<TWord> round = stackalloc TWord[16];
        key.CopyTo(columns);
        uint roundConstant = 1;
        for (int i = key.Length; i < total; i++)
        {
            TWord previous = columns[i - 1];
            if (i % key.Length == 0)
            {
                TWord substituted = SubstituteColumn(previous);
                // A rotation of 32 bits in a word of 64.
                previous = (substituted >>> 8) ^ ((substituted & TWord.Constant(0xFF)) << 24) ^ TWord.Constant(roundConstant);
                roundConstant = (roundConstant << 1) ^ ((roundConstant >>> 7) * 0x11B);
            }
            else if (key.Length == 8 && i % 8 == 4)
            {
                previous = SubstituteColumn(previous);
            }

            columns[i] = previous ^ columns[i - key.Length];
        }

        for (int i = 0; i <= rounds; i++)
        {
            for (int j = 0; j < 16; j++)
                round[j] = columns[4 * i + (j & 3)];
            Slice(round, schedule.Slice(8 * i, 8));
        }

        columns.Clear();
        round.Clear();
    }

    /// <summary>Encrypts four blocks, given as 16 columns (5.1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Encrypt<TWord>(ReadOnlySpan<TWord> schedule, int rounds, Span<TWord> columns)
        where TWord : unmanaged, IWord<TWord>
    {
        Span<TWord> planes = stackalloc TWord[8];
        Slice(columns, planes);
        AddRoundKey(planes, schedule, 0);
        for (int round = 1; round < rounds; round++)
        {
            AesSubstitution.Apply(planes);
            ShiftRows(planes);
            MixColumns(planes);
            AddRoundKey(planes, schedule, round);
        }

        AesSubstitution.Apply(planes);
        ShiftRows(planes);
        AddRoundKey(planes, schedule, rounds);
        Unslice(planes, columns);
    }

    /// <summary>Decrypts four blocks, given as 16 columns (5.3).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Decrypt<TWord>(ReadOnlySpan<TWord> schedule, int rounds, Span<TWord> columns)
        where TWord : unmanaged, IWord<TWord>
    {
        Span<TWord> planes = stackalloc TWord[8];
        Slice(columns, planes);
        AddRoundKey(planes, schedule, rounds);
        for (int round = rounds - 1; round > 0; round--)
        {
            UnshiftRows(planes);
            AesSubstitution.ApplyInverse(planes);
            AddRoundKey(planes, schedule, round);
            // The inverse of mixing is mixing three times: the matrix has order four.
            MixColumns(planes);
            MixColumns(planes);
            MixColumns(planes);
        }

        UnshiftRows(planes);
        AesSubstitution.ApplyInverse(planes);
        AddRoundKey(planes, schedule, 0);
        Unslice(planes, columns);
    }

    private static TWord SubstituteColumn<TWord>(TWord column)
        where TWord : unmanaged, IWord<TWord>
    {
        Span<TWord> columns = stackalloc TWord[16];
        Span<TWord> planes = stackalloc TWord[8];
        columns.Clear();
        columns[0] = column;
        Slice(columns, planes);
        AesSubstitution.Apply(planes);
        Unslice(planes, columns);
        return columns[0];
    }

    private static void AddRoundKey<TWord>(Span<TWord> planes, ReadOnlySpan<TWord> schedule, int round)
        where TWord : unmanaged, IWord<TWord>
    {
        ReadOnlySpan<TWord> key = schedule.Slice(8 * round, 8);
        for (int i = 0; i < 8; i++)
            planes[i] ^= key[i];
    }

    // Row r moves left by r columns, which are 4 bits each in its field of 16.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ShiftRows<TWord>(Span<TWord> planes)
        where TWord : unmanaged, IWord<TWord>
    {
        for (int i = 0; i < 8; i++)
        {
            TWord plane = planes[i];
            planes[i] = (plane & TWord.Constant(0x000000000000FFFF)) |
                ((plane >>> 4) & TWord.Constant(0x000000000FFF0000)) | ((plane << 12) & TWord.Constant(0x00000000F0000000)) |
                ((plane >>> 8) & TWord.Constant(0x000000FF00000000)) | ((plane << 8) & TWord.Constant(0x0000FF0000000000)) |
                ((plane >>> 12) & TWord.Constant(0x000F000000000000)) | ((plane << 4) & TWord.Constant(0xFFF0000000000000));
        }
    }

    private static void UnshiftRows<TWord>(Span<TWord> planes)
        where TWord : unmanaged, IWord<TWord>
    {
        for (int i = 0; i < 8; i++)
        {
            TWord plane = planes[i];
            planes[i] = (plane & TWord.Constant(0x000000000000FFFF)) |
                ((plane << 4) & TWord.Constant(0x00000000FFF00000)) | ((plane >>> 12) & TWord.Constant(0x00000000000F0000)) |
                ((plane << 8) & TWord.Constant(0x0000FF0000000000)) | ((plane >>> 8) & TWord.Constant(0x000000FF00000000)) |
                ((plane << 12) & TWord.Constant(0xF000000000000000)) | ((plane >>> 4) & TWord.Constant(0x0FFF000000000000));
        }
    }

    // With a the byte and n the one in the next row: 2 (a + n) + n + the sum of the two rows after.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void MixColumns<TWord>(Span<TWord> planes)
        where TWord : unmanaged, IWord<TWord>
    {
        planes = planes[..8];
        TWord n0 = TWord.RotateLeft(planes[0], 48);
        TWord n1 = TWord.RotateLeft(planes[1], 48);
        TWord n2 = TWord.RotateLeft(planes[2], 48);
        TWord n3 = TWord.RotateLeft(planes[3], 48);
        TWord n4 = TWord.RotateLeft(planes[4], 48);
        TWord n5 = TWord.RotateLeft(planes[5], 48);
        TWord n6 = TWord.RotateLeft(planes[6], 48);
        TWord n7 = TWord.RotateLeft(planes[7], 48);
        TWord s0 = planes[0] ^ n0;
        TWord s1 = planes[1] ^ n1;
        TWord s2 = planes[2] ^ n2;
        TWord s3 = planes[3] ^ n3;
        TWord s4 = planes[4] ^ n4;
        TWord s5 = planes[5] ^ n5;
        TWord s6 = planes[6] ^ n6;
        TWord s7 = planes[7] ^ n7;
        // Doubling moves planes up by one; what leaves the top comes back as x^8 = x^4 + x^3 + x + 1.
        planes[0] = s7 ^ n0 ^ TWord.RotateLeft(s0, 32);
        planes[1] = s0 ^ s7 ^ n1 ^ TWord.RotateLeft(s1, 32);
        planes[2] = s1 ^ n2 ^ TWord.RotateLeft(s2, 32);
        planes[3] = s2 ^ s7 ^ n3 ^ TWord.RotateLeft(s3, 32);
        planes[4] = s3 ^ s7 ^ n4 ^ TWord.RotateLeft(s4, 32);
        planes[5] = s4 ^ n5 ^ TWord.RotateLeft(s5, 32);
        planes[6] = s5 ^ n6 ^ TWord.RotateLeft(s6, 32);
        planes[7] = s6 ^ n7 ^ TWord.RotateLeft(s7, 32);
    }

    // Bytes of columns c and c + 2 alternate in a word, so that transposing 8 by 8 bits puts everything in its place.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Slice<TWord>(ReadOnlySpan<TWord> columns, Span<TWord> planes)
        where TWord : unmanaged, IWord<TWord>
    {
        for (int block = 0; block < Blocks; block++)
        {
            planes[block] = Spread(columns[4 * block]) | (Spread(columns[4 * block + 2]) << 8);
            planes[block + 4] = Spread(columns[4 * block + 1]) | (Spread(columns[4 * block + 3]) << 8);
        }

        Transpose(planes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Unslice<TWord>(Span<TWord> planes, Span<TWord> columns)
        where TWord : unmanaged, IWord<TWord>
    {
        Transpose(planes);
        for (int block = 0; block < Blocks; block++)
        {
            columns[4 * block] = Gather(planes[block]);
            columns[4 * block + 1] = Gather(planes[block + 4]);
            columns[4 * block + 2] = Gather(planes[block] >>> 8);
            columns[4 * block + 3] = Gather(planes[block + 4] >>> 8);
        }
    }

    private static TWord Spread<TWord>(TWord column)
        where TWord : unmanaged, IWord<TWord>
    {
        TWord halves = (column | (column << 16)) & TWord.Constant(0x0000FFFF0000FFFF);
        return (halves | (halves << 8)) & TWord.Constant(0x00FF00FF00FF00FF);
    }

    private static TWord Gather<TWord>(TWord word)
        where TWord : unmanaged, IWord<TWord>
    {
        TWord bytes = word & TWord.Constant(0x00FF00FF00FF00FF);
        TWord halves = (bytes | (bytes >>> 8)) & TWord.Constant(0x0000FFFF0000FFFF);
        return (halves | (halves >>> 16)) & TWord.Constant(0x00000000FFFFFFFF);
    }

    // Transposes the 8 by 8 bits that have the same byte position in eight words; it is its own inverse.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Transpose<TWord>(Span<TWord> words)
        where TWord : unmanaged, IWord<TWord>
    {
        for (int i = 0; i < 8; i += 2)
            Exchange(ref words[i], ref words[i + 1], 1, 0x5555555555555555);
        for (int i = 0; i < 8; i++)
        {
            if ((i & 2) == 0)
                Exchange(ref words[i], ref words[i + 2], 2, 0x3333333333333333);
        }

        for (int i = 0; i < 4; i++)
            Exchange(ref words[i], ref words[i + 4], 4, 0x0F0F0F0F0F0F0F0F);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Exchange<TWord>(ref TWord low, ref TWord high, int count, ulong mask)
        where TWord : unmanaged, IWord<TWord>
    {
        TWord difference = ((low >>> count) ^ high) & TWord.Constant(mask);
        high ^= difference;
        low ^= difference << count;
    }
}
