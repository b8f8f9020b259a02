namespace System.Collections.Generic;

public partial class SortedDictionary<TKey, TValue>
{
    public sealed class KeyCollection(SortedDictionary<TKey, TValue> dictionary) : ICollection<TKey>, IReadOnlyCollection<TKey>
    {
        public int Count => dictionary.Count;

        public Enumerator GetEnumerator() => new(dictionary);

        public bool Contains(TKey item) => dictionary.ContainsKey(item);

        public void CopyTo(TKey[] array, int index)
        {
            ArgumentNullException.ThrowIfNull(array);
            if ((uint)index > (uint)array.Length)
                throw new ArgumentOutOfRangeException(nameof(index));
            if (array.Length - index < Count)
                throw new ArgumentException("Destination array is not long enough to copy all the items in the collection. Check array index and length.");
            foreach (TKey item in this)
                array[index++] = item;
        }

        bool ICollection<TKey>.IsReadOnly => true;

        void ICollection<TKey>.Add(TKey item) =>
            throw new NotSupportedException("Mutating a key collection derived from a dictionary is not allowed.");

        void ICollection<TKey>.Clear() => throw new NotSupportedException("Mutating a key collection derived from a dictionary is not allowed.");

        bool ICollection<TKey>.Remove(TKey item) =>
            throw new NotSupportedException("Mutating a key collection derived from a dictionary is not allowed.");

        IEnumerator<TKey> IEnumerable<TKey>.GetEnumerator() => GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public struct Enumerator : IEnumerator<TKey>
        {
            private SortedDictionary<TKey, TValue>.Enumerator _pairs;

            internal Enumerator(SortedDictionary<TKey, TValue> dictionary)
            {
                _pairs = dictionary.GetEnumerator();
            }

            public readonly TKey Current => _pairs.Current.Key;

            readonly object? IEnumerator.Current => Current;

            public bool MoveNext() => _pairs.MoveNext();

            void IEnumerator.Reset() => _pairs.Reset();

            public readonly void Dispose()
            {
            }
        }
    }

    public sealed class ValueCollection(SortedDictionary<TKey, TValue> dictionary) : ICollection<TValue>, IReadOnlyCollection<TValue>
    {
        public int Count => dictionary.Count;

        public Enumerator GetEnumerator() => new(dictionary);

        public bool Contains(TValue item) => dictionary.ContainsValue(item);

        public void CopyTo(TValue[] array, int index)
        {
            ArgumentNullException.ThrowIfNull(array);
            if ((uint)index > (uint)array.Length)
                throw new ArgumentOutOfRangeException(nameof(index));
            if (array.Length - index < Count)
                throw new ArgumentException("Destination array is not long enough to copy all the items in the collection. Check array index and length.");
            foreach (TValue item in this)
                array[index++] = item;
        }

        bool ICollection<TValue>.IsReadOnly => true;

        void ICollection<TValue>.Add(TValue item) =>
            throw new NotSupportedException("Mutating a value collection derived from a dictionary is not allowed.");

        void ICollection<TValue>.Clear() => throw new NotSupportedException("Mutating a value collection derived from a dictionary is not allowed.");

        bool ICollection<TValue>.Remove(TValue item) =>
            throw new NotSupportedException("Mutating a value collection derived from a dictionary is not allowed.");

        IEnumerator<TValue> IEnumerable<TValue>.GetEnumerator() => GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public struct Enumerator : IEnumerator<TValue>
        {
            private SortedDictionary<TKey, TValue>.Enumerator _pairs;

            internal Enumerator(SortedDictionary<TKey, TValue> dictionary)
            {
                _pairs = dictionary.GetEnumerator();
            }

            public readonly TValue Current => _pairs.Current.Value;

            readonly object? IEnumerator.Current => Current;

            public bool MoveNext() => _pairs.MoveNext();

            void IEnumerator.Reset() => _pairs.Reset();

            public readonly void Dispose()
            {
            }
        }
    }
}
