namespace Cloister.Crypto;

/// <summary>A point of a curve's group, with addition that is right for all points.</summary>
internal interface IGroupPoint<TSelf, TWord>
    where TSelf : unmanaged, IGroupPoint<TSelf, TWord>
    where TWord : unmanaged, IWord64<TWord>
{
    static abstract TSelf Identity { get; }

    static abstract TSelf operator +(in TSelf left, in TSelf right);

    static abstract TSelf Double(in TSelf point);

    static abstract TSelf Negate(in TSelf point);

    /// <summary>One of two: where the mask is all ones, the first; where it is 0, the second.</summary>
    static abstract TSelf Select(TWord mask, in TSelf set, in TSelf clear);
}
