namespace System.Collections.Generic;

public static class CollectionExtensions
{
    public static TValue? GetValueOrDefault<TKey, TValue>(this IReadOnlyDictionary<TKey, TValue> dictionary, TKey key) =>
        dictionary.TryGetValue(key, out TValue? value) ? value : default;

    public static TValue GetValueOrDefault<TKey, TValue>(this IReadOnlyDictionary<TKey, TValue> dictionary, TKey key, TValue defaultValue) =>
        dictionary.TryGetValue(key, out TValue? value) ? value : defaultValue;

    public static bool TryAdd<TKey, TValue>(this IDictionary<TKey, TValue> dictionary, TKey key, TValue value)
    {
        if (dictionary.ContainsKey(key))
            return false;
        dictionary.Add(key, value);
        return true;
    }

    public static bool Remove<TKey, TValue>(this IDictionary<TKey, TValue> dictionary, TKey key,
        [Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TValue value) =>
        dictionary.TryGetValue(key, out value) && dictionary.Remove(key);

    public static void AddRange<T>(this List<T> list, params ReadOnlySpan<T> source)
    {
        foreach (T item in source)
            list.Add(item);
    }

    public static void InsertRange<T>(this List<T> list, int index, params ReadOnlySpan<T> source)
    {
        foreach (T item in source)
            list.Insert(index++, item);
    }

    public static void CopyTo<T>(this List<T> list, Span<T> destination) =>
        Runtime.InteropServices.CollectionsMarshal.AsSpan(list).CopyTo(destination);
}
