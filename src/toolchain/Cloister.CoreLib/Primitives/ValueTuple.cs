using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace System;

public partial struct ValueTuple : IEquatable<ValueTuple>
{
    public bool Equals(ValueTuple other) => true;

    public override string ToString() => "()";
}

// Longer ones; those of one to seven items are in ValueTuple.template.
public struct ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6, T7 item7, TRest rest)
    : IEquatable<ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest>>, IComparable<ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest>>, IComparable,
    ITuple where TRest : struct
{
    public T1 Item1 = item1;
    public T2 Item2 = item2;
    public T3 Item3 = item3;
    public T4 Item4 = item4;
    public T5 Item5 = item5;
    public T6 Item6 = item6;
    public T7 Item7 = item7;
    public TRest Rest = rest;

    int ITuple.Length => 7 + ((ITuple)Rest).Length;

    object? ITuple.this[int index] => index switch { 0 => Item1, 1 => Item2, 2 => Item3, 3 => Item4, 4 => Item5, 5 => Item6, 6 => Item7, _ =>
        ((ITuple)Rest)[index - 7] };

    public bool Equals(ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest> other) => EqualityComparer<T1>.Default.Equals(Item1, other.Item1)
        && EqualityComparer<T2>.Default.Equals(Item2, other.Item2) && EqualityComparer<T3>.Default.Equals(Item3, other.Item3)
        && EqualityComparer<T4>.Default.Equals(Item4, other.Item4) && EqualityComparer<T5>.Default.Equals(Item5, other.Item5)
        && EqualityComparer<T6>.Default.Equals(Item6, other.Item6) && EqualityComparer<T7>.Default.Equals(Item7, other.Item7)
        && EqualityComparer<TRest>.Default.Equals(Rest, other.Rest);

    public override bool Equals(object? obj) => obj is ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest> other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Item1, Item2, Item3, Item4, Item5, Item6, Item7, Rest);

    readonly int IComparable.CompareTo(object? obj) => obj is ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest> other ? CompareTo(other) : 1;

    public readonly int CompareTo(ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest> other)
    {
        int order0 = Comparer<T1>.Default.Compare(Item1, other.Item1);
        if (order0 != 0)
            return order0;
        int order1 = Comparer<T2>.Default.Compare(Item2, other.Item2);
        if (order1 != 0)
            return order1;
        int order2 = Comparer<T3>.Default.Compare(Item3, other.Item3);
        if (order2 != 0)
            return order2;
        int order3 = Comparer<T4>.Default.Compare(Item4, other.Item4);
        if (order3 != 0)
            return order3;
        int order4 = Comparer<T5>.Default.Compare(Item5, other.Item5);
        if (order4 != 0)
            return order4;
        int order5 = Comparer<T6>.Default.Compare(Item6, other.Item6);
        if (order5 != 0)
            return order5;
        int order6 = Comparer<T7>.Default.Compare(Item7, other.Item7);
        if (order6 != 0)
            return order6;
        return Comparer<TRest>.Default.Compare(Rest, other.Rest);
    }

    public override string ToString() => "(" + Item1 + ", " + Item2 + ", " + Item3 + ", " + Item4 + ", " + Item5 + ", " + Item6 + ", " + Item7
        + ", " + Rest.ToString()!.Substring(1);
}
