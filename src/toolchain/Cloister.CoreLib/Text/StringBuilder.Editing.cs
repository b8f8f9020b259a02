namespace System.Text;

public sealed partial class StringBuilder
{
    private static ArgumentOutOfRangeException OutOfRange(string name) =>
        new(name, "Index was out of range. Must be non-negative and less than or equal to the size of the collection.");

    public StringBuilder Insert(int index, ReadOnlySpan<char> value)
    {
        if ((uint)index > (uint)_length)
            throw OutOfRange(nameof(index));
        if (value.Length > _maxCapacity - _length)
            throw new ArgumentOutOfRangeException(nameof(value), "capacity was less than the current size.");
        // A piece of this text has to be read before it moves.
        if (value.Overlaps(_chars))
            value = value.ToArray();
        int tail = _length - index;
        Room(value.Length);
        Array.Copy(_chars, index, _chars, index + value.Length, tail);
        value.CopyTo(_chars.AsSpan(index));
        return this;
    }

    public StringBuilder Insert(int index, string? value) => Insert(index, value.AsSpan());

    public StringBuilder Insert(int index, string? value, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if ((uint)index > (uint)_length)
            throw OutOfRange(nameof(index));
        if (string.IsNullOrEmpty(value))
            return this;
        if (value.Length * (long)count > _maxCapacity - _length)
            throw new OutOfMemoryException();
        var text = new StringBuilder();
        for (int i = 0; i < count; i++)
            text.Append(value);
        return Insert(index, text._chars.AsSpan(0, text._length));
    }

    public StringBuilder Insert(int index, char value) => Insert(index, [value]);

    public StringBuilder Insert(int index, char[]? value) => Insert(index, (ReadOnlySpan<char>)value);

    public StringBuilder Insert(int index, char[]? value, int startIndex, int charCount)
    {
        if ((uint)index > (uint)_length)
            throw OutOfRange(nameof(index));
        if (value is null && (startIndex != 0 || charCount != 0))
            throw new ArgumentNullException(nameof(value));
        return Insert(index, Part(value is null, value, startIndex, charCount));
    }

    public StringBuilder Insert(int index, object? value) => value is null ? this : Insert(index, value.ToString());

    public StringBuilder Insert(int index, bool value) => Insert(index, value.ToString());

    public StringBuilder Insert(int index, sbyte value) => Insert(index, value.ToString());

    public StringBuilder Insert(int index, byte value) => Insert(index, value.ToString());

    public StringBuilder Insert(int index, short value) => Insert(index, value.ToString());

    public StringBuilder Insert(int index, ushort value) => Insert(index, value.ToString());

    public StringBuilder Insert(int index, int value) => Insert(index, value.ToString());

    public StringBuilder Insert(int index, uint value) => Insert(index, value.ToString());

    public StringBuilder Insert(int index, long value) => Insert(index, value.ToString());

    public StringBuilder Insert(int index, ulong value) => Insert(index, value.ToString());

    public StringBuilder Insert(int index, float value) => Insert(index, value.ToString());

    public StringBuilder Insert(int index, double value) => Insert(index, value.ToString());

    public StringBuilder Remove(int startIndex, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfNegative(startIndex);
        if (length > _length - startIndex)
            throw OutOfRange(nameof(length));
        Array.Copy(_chars, startIndex + length, _chars, startIndex, _length - startIndex - length);
        _length -= length;
        return this;
    }

    public StringBuilder Replace(string oldValue, string? newValue) => Replace(oldValue, newValue, 0, _length);

    public StringBuilder Replace(string oldValue, string? newValue, int startIndex, int count)
    {
        ArgumentException.ThrowIfNullOrEmpty(oldValue);
        CheckRange(startIndex, count);
        string replaced = ToString(startIndex, count).Replace(oldValue, newValue);
        string rest = ToString(startIndex + count, _length - startIndex - count);
        _length = startIndex;
        return Append(replaced).Append(rest);
    }

    public StringBuilder Replace(ReadOnlySpan<char> oldValue, ReadOnlySpan<char> newValue) => Replace(oldValue, newValue, 0, _length);

    public StringBuilder Replace(ReadOnlySpan<char> oldValue, ReadOnlySpan<char> newValue, int startIndex, int count) =>
        count >= 0 && (uint)startIndex <= (uint)_length && startIndex <= _length - count
            ? Replace(oldValue.ToString(), newValue.ToString(), startIndex, count) : throw OutOfRange(nameof(startIndex));

    public StringBuilder Replace(char oldChar, char newChar) => Replace(oldChar, newChar, 0, _length);

    public StringBuilder Replace(char oldChar, char newChar, int startIndex, int count)
    {
        CheckRange(startIndex, count);
        _chars.AsSpan(startIndex, count).Replace(oldChar, newChar);
        return this;
    }

    private void CheckRange(int startIndex, int count)
    {
        if ((uint)startIndex > (uint)_length)
            throw OutOfRange(nameof(startIndex));
        if (count < 0 || startIndex > _length - count)
            throw OutOfRange(nameof(count));
    }

    public void CopyTo(int sourceIndex, char[] destination, int destinationIndex, int count)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNegative(destinationIndex);
        if (destinationIndex > destination.Length - count)
            throw new ArgumentException("Either offset did not refer to a position in the string, or there is an insufficient length of destination "
                + "character array.");
        CopyTo(sourceIndex, destination.AsSpan(destinationIndex), count);
    }

    public void CopyTo(int sourceIndex, Span<char> destination, int count)
    {
        if (count < 0)
            throw new ArgumentOutOfRangeException(nameof(count), "Argument count must not be negative.");
        if ((uint)sourceIndex > (uint)_length)
            throw OutOfRange(nameof(sourceIndex));
        if (sourceIndex > _length - count)
            throw new ArgumentException("Source string was not long enough. Check sourceIndex and count.");
        _chars.AsSpan(sourceIndex, count).CopyTo(destination);
    }

    /// <summary>The text in pieces; here in one.</summary>
    public ChunkEnumerator GetChunks() => new(this);

    public struct ChunkEnumerator
    {
        private readonly StringBuilder _text;
        private bool _hasBegun;

        internal ChunkEnumerator(StringBuilder text) => _text = text;

        public readonly ReadOnlyMemory<char> Current => _hasBegun ? _text._chars.AsMemory(0, _text._length)
            : throw new InvalidOperationException("Enumeration has either not started or has already finished.");

        public readonly ChunkEnumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            bool isFirst = !_hasBegun;
            _hasBegun = true;
            return isFirst;
        }
    }
}
