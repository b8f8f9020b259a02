using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace System;

public struct ValueTuple : IEquatable<ValueTuple>
{
    public static ValueTuple<T1> Create<T1>(T1 item1) => new(item1);

    public static ValueTuple<T1, T2> Create<T1, T2>(T1 item1, T2 item2) => new(item1, item2);

    public static ValueTuple<T1, T2, T3> Create<T1, T2, T3>(T1 item1, T2 item2, T3 item3) => new(item1, item2, item3);

    public static ValueTuple<T1, T2, T3, T4> Create<T1, T2, T3, T4>(T1 item1, T2 item2, T3 item3, T4 item4) => new(item1, item2, item3, item4);

    public static ValueTuple<T1, T2, T3, T4, T5> Create<T1, T2, T3, T4, T5>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5) =>
        new(item1, item2, item3, item4, item5);

    public static ValueTuple<T1, T2, T3, T4, T5, T6> Create<T1, T2, T3, T4, T5, T6>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6) =>
        new(item1, item2, item3, item4, item5, item6);

    public static ValueTuple<T1, T2, T3, T4, T5, T6, T7> Create<T1, T2, T3, T4, T5, T6,
        T7>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6, T7 item7) => new(item1, item2, item3, item4, item5, item6, item7);

    public bool Equals(ValueTuple other) => true;

    public override string ToString() => "()";
}

public struct ValueTuple<T1>(T1 item1) : IEquatable<ValueTuple<T1>>, IComparable<ValueTuple<T1>>, IComparable, ITuple
{
    public T1 Item1 = item1;

    readonly int ITuple.Length => 1;

    readonly object? ITuple.this[int index] => index switch { 0 => Item1, _ => throw new IndexOutOfRangeException() };

    public bool Equals(ValueTuple<T1> other) => EqualityComparer<T1>.Default.Equals(Item1, other.Item1);

    public override bool Equals(object? obj) => obj is ValueTuple<T1> other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Item1);

    readonly int IComparable.CompareTo(object? obj) => obj is ValueTuple<T1> other ? CompareTo(other) : 1;

    public readonly int CompareTo(ValueTuple<T1> other)
    {
        return Comparer<T1>.Default.Compare(Item1, other.Item1);
    }

    public override string ToString() => "(" + Item1 + ")";
}

public struct ValueTuple<T1, T2>(T1 item1, T2 item2) : IEquatable<ValueTuple<T1, T2>>, IComparable<ValueTuple<T1, T2>>, IComparable, ITuple
{
    public T1 Item1 = item1;
    public T2 Item2 = item2;

    readonly int ITuple.Length => 2;

    readonly object? ITuple.this[int index] => index switch { 0 => Item1, 1 => Item2, _ => throw new IndexOutOfRangeException() };

    public bool Equals(ValueTuple<T1, T2> other) => EqualityComparer<T1>.Default.Equals(Item1, other.Item1)
        && EqualityComparer<T2>.Default.Equals(Item2, other.Item2);

    public override bool Equals(object? obj) => obj is ValueTuple<T1, T2> other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Item1, Item2);

    readonly int IComparable.CompareTo(object? obj) => obj is ValueTuple<T1, T2> other ? CompareTo(other) : 1;

    public readonly int CompareTo(ValueTuple<T1, T2> other)
    {
        int order0 = Comparer<T1>.Default.Compare(Item1, other.Item1);
        if (order0 != 0)
            return order0;
        return Comparer<T2>.Default.Compare(Item2, other.Item2);
    }

    public override string ToString() => "(" + Item1 + ", " + Item2 + ")";
}

public struct ValueTuple<T1, T2, T3>(T1 item1, T2 item2, T3 item3) : IEquatable<ValueTuple<T1, T2, T3>>, IComparable<ValueTuple<T1, T2, T3>>,
    IComparable, ITuple
{
    public T1 Item1 = item1;
    public T2 Item2 = item2;
    public T3 Item3 = item3;

    readonly int ITuple.Length => 3;

    readonly object? ITuple.this[int index] => index switch { 0 => Item1, 1 => Item2, 2 => Item3, _ => throw new IndexOutOfRangeException() };

    public bool Equals(ValueTuple<T1, T2, T3> other) => EqualityComparer<T1>.Default.Equals(Item1, other.Item1)
        && EqualityComparer<T2>.Default.Equals(Item2, other.Item2) && EqualityComparer<T3>.Default.Equals(Item3, other.Item3);

    public override bool Equals(object? obj) => obj is ValueTuple<T1, T2, T3> other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Item1, Item2, Item3);

    readonly int IComparable.CompareTo(object? obj) => obj is ValueTuple<T1, T2, T3> other ? CompareTo(other) : 1;

    public readonly int CompareTo(ValueTuple<T1, T2, T3> other)
    {
        int order0 = Comparer<T1>.Default.Compare(Item1, other.Item1);
        if (order0 != 0)
            return order0;
        int order1 = Comparer<T2>.Default.Compare(Item2, other.Item2);
        if (order1 != 0)
            return order1;
        return Comparer<T3>.Default.Compare(Item3, other.Item3);
    }

    public override string ToString() => "(" + Item1 + ", " + Item2 + ", " + Item3 + ")";
}

public struct ValueTuple<T1, T2, T3, T4>(T1 item1, T2 item2, T3 item3, T4 item4) : IEquatable<ValueTuple<T1, T2, T3, T4>>,
    IComparable<ValueTuple<T1, T2, T3, T4>>, IComparable, ITuple
{
    public T1 Item1 = item1;
    public T2 Item2 = item2;
    public T3 Item3 = item3;
    public T4 Item4 = item4;

    readonly int ITuple.Length => 4;

    readonly object? ITuple.this[int index] => index switch { 0 => Item1, 1 => Item2, 2 => Item3, 3 => Item4, _ =>
        throw new IndexOutOfRangeException() };

    public bool Equals(ValueTuple<T1, T2, T3, T4> other) => EqualityComparer<T1>.Default.Equals(Item1, other.Item1)
        && EqualityComparer<T2>.Default.Equals(Item2, other.Item2) && EqualityComparer<T3>.Default.Equals(Item3, other.Item3)
        && EqualityComparer<T4>.Default.Equals(Item4, other.Item4);

    public override bool Equals(object? obj) => obj is ValueTuple<T1, T2, T3, T4> other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Item1, Item2, Item3, Item4);

    readonly int IComparable.CompareTo(object? obj) => obj is ValueTuple<T1, T2, T3, T4> other ? CompareTo(other) : 1;

    public readonly int CompareTo(ValueTuple<T1, T2, T3, T4> other)
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
        return Comparer<T4>.Default.Compare(Item4, other.Item4);
    }

    public override string ToString() => "(" + Item1 + ", " + Item2 + ", " + Item3 + ", " + Item4 + ")";
}

public struct ValueTuple<T1, T2, T3, T4, T5>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5) : IEquatable<ValueTuple<T1, T2, T3, T4, T5>>,
    IComparable<ValueTuple<T1, T2, T3, T4, T5>>, IComparable, ITuple
{
    public T1 Item1 = item1;
    public T2 Item2 = item2;
    public T3 Item3 = item3;
    public T4 Item4 = item4;
    public T5 Item5 = item5;

    readonly int ITuple.Length => 5;

    readonly object? ITuple.this[int index] => index switch { 0 => Item1, 1 => Item2, 2 => Item3, 3 => Item4, 4 => Item5, _ =>
        throw new IndexOutOfRangeException() };

    public bool Equals(ValueTuple<T1, T2, T3, T4, T5> other) => EqualityComparer<T1>.Default.Equals(Item1, other.Item1)
        && EqualityComparer<T2>.Default.Equals(Item2, other.Item2) && EqualityComparer<T3>.Default.Equals(Item3, other.Item3)
        && EqualityComparer<T4>.Default.Equals(Item4, other.Item4) && EqualityComparer<T5>.Default.Equals(Item5, other.Item5);

    public override bool Equals(object? obj) => obj is ValueTuple<T1, T2, T3, T4, T5> other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Item1, Item2, Item3, Item4, Item5);

    readonly int IComparable.CompareTo(object? obj) => obj is ValueTuple<T1, T2, T3, T4, T5> other ? CompareTo(other) : 1;

    public readonly int CompareTo(ValueTuple<T1, T2, T3, T4, T5> other)
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
        return Comparer<T5>.Default.Compare(Item5, other.Item5);
    }

    public override string ToString() => "(" + Item1 + ", " + Item2 + ", " + Item3 + ", " + Item4 + ", " + Item5 + ")";
}

public struct ValueTuple<T1, T2, T3, T4, T5, T6>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6) : IEquatable<ValueTuple<T1, T2, T3, T4,
    T5, T6>>, IComparable<ValueTuple<T1, T2, T3, T4, T5, T6>>, IComparable, ITuple
{
    public T1 Item1 = item1;
    public T2 Item2 = item2;
    public T3 Item3 = item3;
    public T4 Item4 = item4;
    public T5 Item5 = item5;
    public T6 Item6 = item6;

    readonly int ITuple.Length => 6;

    readonly object? ITuple.this[int index] => index switch { 0 => Item1, 1 => Item2, 2 => Item3, 3 => Item4, 4 => Item5, 5 => Item6, _ =>
        throw new IndexOutOfRangeException() };

    public bool Equals(ValueTuple<T1, T2, T3, T4, T5, T6> other) => EqualityComparer<T1>.Default.Equals(Item1, other.Item1)
        && EqualityComparer<T2>.Default.Equals(Item2, other.Item2) && EqualityComparer<T3>.Default.Equals(Item3, other.Item3)
        && EqualityComparer<T4>.Default.Equals(Item4, other.Item4) && EqualityComparer<T5>.Default.Equals(Item5, other.Item5)
        && EqualityComparer<T6>.Default.Equals(Item6, other.Item6);

    public override bool Equals(object? obj) => obj is ValueTuple<T1, T2, T3, T4, T5, T6> other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Item1, Item2, Item3, Item4, Item5, Item6);

    readonly int IComparable.CompareTo(object? obj) => obj is ValueTuple<T1, T2, T3, T4, T5, T6> other ? CompareTo(other) : 1;

    public readonly int CompareTo(ValueTuple<T1, T2, T3, T4, T5, T6> other)
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
        return Comparer<T6>.Default.Compare(Item6, other.Item6);
    }

    public override string ToString() => "(" + Item1 + ", " + Item2 + ", " + Item3 + ", " + Item4 + ", " + Item5 + ", " + Item6 + ")";
}

public struct ValueTuple<T1, T2, T3, T4, T5, T6, T7>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6, T7 item7)
    : IEquatable<ValueTuple<T1, T2, T3, T4, T5, T6, T7>>, IComparable<ValueTuple<T1, T2, T3, T4, T5, T6, T7>>, IComparable, ITuple
{
    public T1 Item1 = item1;
    public T2 Item2 = item2;
    public T3 Item3 = item3;
    public T4 Item4 = item4;
    public T5 Item5 = item5;
    public T6 Item6 = item6;
    public T7 Item7 = item7;

    readonly int ITuple.Length => 7;

    readonly object? ITuple.this[int index] => index switch { 0 => Item1, 1 => Item2, 2 => Item3, 3 => Item4, 4 => Item5, 5 => Item6, 6 => Item7,
        _ => throw new IndexOutOfRangeException() };

    public bool Equals(ValueTuple<T1, T2, T3, T4, T5, T6, T7> other) => EqualityComparer<T1>.Default.Equals(Item1, other.Item1)
        && EqualityComparer<T2>.Default.Equals(Item2, other.Item2) && EqualityComparer<T3>.Default.Equals(Item3, other.Item3)
        && EqualityComparer<T4>.Default.Equals(Item4, other.Item4) && EqualityComparer<T5>.Default.Equals(Item5, other.Item5)
        && EqualityComparer<T6>.Default.Equals(Item6, other.Item6) && EqualityComparer<T7>.Default.Equals(Item7, other.Item7);

    public override bool Equals(object? obj) => obj is ValueTuple<T1, T2, T3, T4, T5, T6, T7> other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Item1, Item2, Item3, Item4, Item5, Item6, Item7);

    readonly int IComparable.CompareTo(object? obj) => obj is ValueTuple<T1, T2, T3, T4, T5, T6, T7> other ? CompareTo(other) : 1;

    public readonly int CompareTo(ValueTuple<T1, T2, T3, T4, T5, T6, T7> other)
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
        return Comparer<T7>.Default.Compare(Item7, other.Item7);
    }

    public override string ToString() => "(" + Item1 + ", " + Item2 + ", " + Item3 + ", " + Item4 + ", " + Item5 + ", " + Item6 + ", " + Item7 + ")";
}

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
