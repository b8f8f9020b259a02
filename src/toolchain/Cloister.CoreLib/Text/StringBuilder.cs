using System.Runtime.CompilerServices;

namespace System.Text;

public sealed partial class StringBuilder
{
    private const int DefaultCapacity = 16;

    private char[] _chars;
    private int _length;
    private readonly int _maxCapacity = int.MaxValue;

    public StringBuilder() : this(16)
    {
    }

    public StringBuilder(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        _chars = new char[capacity == 0 ? DefaultCapacity : capacity];
    }

    /// <param name="maxCapacity">The most characters that the builder takes.</param>
    public StringBuilder(int capacity, int maxCapacity) : this(capacity)
    {
        if (maxCapacity < 1 || capacity > maxCapacity)
            throw new ArgumentOutOfRangeException(maxCapacity < 1 ? nameof(maxCapacity) : nameof(capacity));
        _maxCapacity = maxCapacity;
    }

    public StringBuilder(string? value) : this(Math.Max(DefaultCapacity, value?.Length ?? 0)) => Append(value);

    public StringBuilder(string? value, int capacity) : this(value, 0, value?.Length ?? 0, capacity)
    {
    }

    public StringBuilder(string? value, int startIndex, int length, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfNegative(startIndex);
        value ??= "";
        if (startIndex > value.Length - length)
            throw new ArgumentOutOfRangeException(nameof(length), "Index and length must refer to a location within the string.");
        _chars = new char[Math.Max(capacity == 0 ? DefaultCapacity : capacity, length)];
        Append(value.AsSpan(startIndex, length));
    }

    public int Length
    {
        get => _length;
        set
        {
            if (value < 0 || value > _maxCapacity)
                throw new ArgumentOutOfRangeException(nameof(value));
            if (value > _length)
                Append('\0', value - _length);
            _length = value;
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">Less than the text needs.</exception>
    public int Capacity
    {
        get => _chars.Length;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, _maxCapacity);
            if (value < _length)
                throw new ArgumentOutOfRangeException(nameof(value), "capacity was less than the current size.");
            if (value != _chars.Length)
                Array.Resize(ref _chars, value);
        }
    }

    public int MaxCapacity => _maxCapacity;

    public int EnsureCapacity(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        if (_chars.Length < capacity)
            Capacity = capacity;
        return _chars.Length;
    }

    [IndexerName("Chars")]
    public char this[int index]
    {
        get => (uint)index < (uint)_length ? _chars[index] : throw new IndexOutOfRangeException();
        set => _chars[(uint)index < (uint)_length ? index : throw new ArgumentOutOfRangeException(nameof(index))] = value;
    }

    internal Span<char> Room(int count)
    {
        if (count > _chars.Length - _length)
        {
            if (count > _maxCapacity - _length)
                throw new ArgumentOutOfRangeException(nameof(count), "capacity was less than the current size.");
            Array.Resize(ref _chars, (int)Math.Min((uint)_maxCapacity, Math.Max((uint)(_length + count), (uint)_chars.Length * 2)));
        }

        _length += count;
        return _chars.AsSpan(_length - count, count);
    }

    public StringBuilder Append(char value)
    {
        if (_length < _chars.Length)
            _chars[_length++] = value;
        else
            Room(1)[0] = value;
        return this;
    }

    public StringBuilder Append(char value, int repeatCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(repeatCount);
        Room(repeatCount).Fill(value);
        return this;
    }

    public StringBuilder Append(ReadOnlySpan<char> value)
    {
        value.CopyTo(Room(value.Length));
        return this;
    }

    public StringBuilder Append(string? value) => Append(value.AsSpan());

    public StringBuilder Append(string? value, int startIndex, int count) =>
        value is not null && startIndex >= 0 && count == 0 ? this : Append(Part(value is null, value, startIndex, count));

    // Null is a text without characters, of which only the part that is empty and at its start is taken.
    private static ReadOnlySpan<char> Part(bool isNull, ReadOnlySpan<char> value, int startIndex, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(startIndex);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (isNull && (startIndex != 0 || count != 0))
            throw new ArgumentNullException(nameof(value));
        if (startIndex > value.Length - count)
            throw OutOfRange(nameof(startIndex));
        return value.Slice(startIndex, count);
    }

    public StringBuilder Append(char[]? value) => Append((ReadOnlySpan<char>)value);

    public StringBuilder Append(char[]? value, int startIndex, int charCount) =>
        Append(Part(value is null, value, startIndex, charCount));

    public StringBuilder Append(ReadOnlyMemory<char> value) => Append(value.Span);

    public StringBuilder Append(StringBuilder? value, int startIndex, int count) =>
        value is not null && startIndex >= 0 && count == 0 ? this
        : Append(Part(value is null, value is null ? default : value._chars.AsSpan(0, value._length), startIndex, count));

    public StringBuilder Append(IFormatProvider? provider,
        [InterpolatedStringHandlerArgument("", nameof(provider))] ref AppendInterpolatedStringHandler handler) => this;

    public StringBuilder AppendLine(IFormatProvider? provider,
        [InterpolatedStringHandlerArgument("", nameof(provider))] ref AppendInterpolatedStringHandler handler) => Append('\n');

    public StringBuilder Append(object? value) => Append(value?.ToString());

    public StringBuilder Append(StringBuilder? value) => Append(value?.ToString());

    public StringBuilder Append(bool value) => Append(value.ToString());

    public StringBuilder Append(byte value) => Append(value.ToString());

    public StringBuilder Append(sbyte value) => Append(value.ToString());

    public StringBuilder Append(short value) => Append(value.ToString());

    public StringBuilder Append(ushort value) => Append(value.ToString());

    public StringBuilder Append(int value) => Append((long)value);

    public StringBuilder Append(uint value) => Append((ulong)value);

    // SAFETY: the room has the number's length.
    public unsafe StringBuilder Append(long value)
    {
        var number = new NumberText(value, null, 64);
        number.Write((char*)Unsafe.AsPointer(ref Room(number.Length).Reference));
        return this;
    }

    // SAFETY: the room has the number's length.
    public unsafe StringBuilder Append(ulong value)
    {
        var number = new NumberText(value, null);
        number.Write((char*)Unsafe.AsPointer(ref Room(number.Length).Reference));
        return this;
    }

    public StringBuilder Append(double value) => Append(value.ToString());

    public StringBuilder Append(float value) => Append(value.ToString());

    public StringBuilder Append([InterpolatedStringHandlerArgument("")] ref AppendInterpolatedStringHandler handler) => this;

    public StringBuilder AppendLine() => Append('\n');

    public StringBuilder AppendLine(string? value) => Append(value).Append('\n');

    public StringBuilder AppendLine([InterpolatedStringHandlerArgument("")] ref AppendInterpolatedStringHandler handler) => Append('\n');

    public bool Equals(StringBuilder? sb) => sb is not null && Equals(sb._chars.AsSpan(0, sb._length));

    public bool Equals(ReadOnlySpan<char> span) => ((ReadOnlySpan<char>)_chars.AsSpan(0, _length)).SequenceEqual(span);

    public StringBuilder Clear()
    {
        _length = 0;
        return this;
    }

    public override string ToString() => new(_chars.AsSpan(0, _length));

    public string ToString(int startIndex, int length)
    {
        CheckRange(startIndex, length);
        return new string(_chars.AsSpan(startIndex, length));
    }

    [InterpolatedStringHandler]
    public ref struct AppendInterpolatedStringHandler
    {
        private DefaultInterpolatedStringHandler _inner;

        public AppendInterpolatedStringHandler(int literalLength, int formattedCount, StringBuilder stringBuilder) =>
            _inner = new DefaultInterpolatedStringHandler(stringBuilder);

        public AppendInterpolatedStringHandler(int literalLength, int formattedCount, StringBuilder stringBuilder, IFormatProvider? provider)
            : this(literalLength, formattedCount, stringBuilder)
        {
        }

        public void AppendLiteral(string value) => _inner.AppendLiteral(value);

        public void AppendFormatted<T>(T value) => _inner.AppendFormatted(value);

        public void AppendFormatted<T>(T value, string? format) => _inner.AppendFormatted(value, format);

        public void AppendFormatted<T>(T value, int alignment) => _inner.AppendFormatted(value, alignment);

        public void AppendFormatted<T>(T value, int alignment, string? format) => _inner.AppendFormatted(value, alignment, format);

        public void AppendFormatted(string? value) => _inner.AppendFormatted(value);

        public void AppendFormatted(ReadOnlySpan<char> value) => _inner.AppendFormatted(value);
    }
}
