namespace Cloister.Crypto;

/// <summary>
/// A word that primitives compute secrets with. There is no way from a word to a <see cref="bool"/>, to an index or to a shift
/// count, so that code written over it cannot branch on a secret or use it as an address; nor does it offer division.
/// </summary>
/// <remarks>
/// Production instantiates the primitives with <see cref="Word32"/>, <see cref="Word64"/> and the vectors of lanes, which the JIT
/// compiles to the plain instructions; the tests instantiate the same code with words that carry a taint.
/// Counts of shifts and rotations are public constants.
/// </remarks>
internal interface IWord<TWord>
    where TWord : unmanaged, IWord<TWord>
{
    /// <summary>A public constant, in every lane where there are several; cut to the word's size.</summary>
    static abstract TWord Constant(ulong value);

    static abstract TWord operator ^(TWord left, TWord right);

    static abstract TWord operator &(TWord left, TWord right);

    static abstract TWord operator |(TWord left, TWord right);

    static abstract TWord operator ~(TWord value);

    static abstract TWord operator +(TWord left, TWord right);

    static abstract TWord operator -(TWord left, TWord right);

    static abstract TWord operator <<(TWord value, int count);

    static abstract TWord operator >>>(TWord value, int count);

    static abstract TWord RotateLeft(TWord value, int count);

    /// <summary>The bits of the first where the mask has ones, of the second where it has zeros.</summary>
    static abstract TWord Choose(TWord mask, TWord ones, TWord zeros);

    /// <summary>Bits that at least two of three have.</summary>
    static abstract TWord Majority(TWord a, TWord b, TWord c);

    /// <summary>The sum of three without carries.</summary>
    static abstract TWord Xor(TWord a, TWord b, TWord c);
}

/// <summary>A word of 64 bits with multiplication, which takes the same time for all operands on the processors we run on.</summary>
internal interface IWord64<TWord> : IWord<TWord>
    where TWord : unmanaged, IWord64<TWord>
{
    /// <summary>The low 64 bits of the product.</summary>
    static abstract TWord operator *(TWord left, TWord right);

    /// <summary>The 128 bits of the product; returns the high half.</summary>
    static abstract TWord Multiply(TWord left, TWord right, out TWord low);

    /// <summary>left right + first + second, which always fits 128 bits; returns the high half.</summary>
    static abstract TWord MultiplyAdd(TWord left, TWord right, TWord first, TWord second, out TWord low);

    /// <summary>left + right + carry, where carry is 0 or 1; the carry out, 0 or 1.</summary>
    static abstract TWord Add(TWord left, TWord right, TWord carry, out TWord carryOut);

    /// <summary>left - right - borrow, where borrow is 0 or 1; the borrow out, 0 or 1.</summary>
    static abstract TWord Subtract(TWord left, TWord right, TWord borrow, out TWord borrowOut);
}
