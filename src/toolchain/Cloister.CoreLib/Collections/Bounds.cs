namespace System.Collections.Generic;

/// <summary>Checks of arguments that collections share, and what they throw.</summary>
internal static class Bounds
{
    /// <summary>Checks a part of a collection: both numbers are not negative, and the part ends within it.</summary>
    /// <param name="countName">What the member calls the number of elements.</param>
    public static void CheckPart(int index, int count, int length, string countName = "count")
    {
        if (index < 0 || count < 0)
            throw new ArgumentOutOfRangeException(index < 0 ? nameof(index) : countName, "Non-negative number required.");
        if (length - index < count)
            throw PartOutside();
    }

    /// <summary>Checks the array that a collection is copied to.</summary>
    public static void CheckTarget<T>(T[] array, int index, int count)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        if (array.Length - index < count)
            throw new ArgumentException("Destination array is not long enough to copy all the items in the collection. "
                + "Check array index and length.");
    }

    public static ArgumentException PartOutside() => new("Offset and length were out of bounds for the array or count is greater than the number of "
        + "elements from index to the end of the source collection.");

    public static InvalidOperationException Modified() => new("Collection was modified; enumeration operation may not execute.");

    public static InvalidOperationException ModifiedSince() => new("Collection was modified after the enumerator was instantiated.");

    public static InvalidOperationException NotAtAnItem() => new("Enumeration has either not started or has already finished.");
}
