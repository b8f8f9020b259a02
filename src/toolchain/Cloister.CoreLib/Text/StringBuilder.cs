using System.Runtime.CompilerServices;

namespace System.Text;

public sealed class StringBuilder
{
    private char[] _chars;
    private int _length;

    public StringBuilder() : this(16)
    {
    }

    public StringBuilder(int capacity) => _chars = new char[Math.Max(capacity, 16)];

    public StringBuilder(string? value) : this(16) => Append(value);

    public int Length
    {
        get => _length;
        set
        {
            if (value < 0)
                throw new ArgumentOutOfRangeException(nameof(value));
            if (value > _length)
                Append('\0', value - _length);
            _length = value;
        }
    }

    public int Capacity => _chars.Length;

    [IndexerName("Chars")]
    public char this[int index]
    {
        get => (uint)index < (uint)_length ? _chars[index] : throw new IndexOutOfRangeException();
        set => _chars[(uint)index < (uint)_length ? index : throw new ArgumentOutOfRangeException(nameof(index))] = value;
    }

    internal Span<char> Room(int count)
    {
        if (_length + count > _chars.Length)
            Array.Resize(ref _chars, Math.Max(_length + count, _chars.Length * 2));
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
        Room(repeatCount).Fill(value);
        return this;
    }

    public StringBuilder Append(ReadOnlySpan<char> value)
    {
        value.CopyTo(Room(value.Length));
        return this;
    }

    public StringBuilder Append(string? value) => Append(value.AsSpan());

    public StringBuilder Append(string? value, int startIndex, int count) => Append(value.AsSpan(startIndex, count));

    public StringBuilder Append(char[]? value) => Append((ReadOnlySpan<char>)value);

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

    public StringBuilder AppendJoin<T>(string? separator, Collections.Generic.IEnumerable<T> values) => Append(string.Join(separator, values));

    public StringBuilder AppendFormat(string format, params object?[] args)
    {
        for (int i = 0; i < format.Length; i++)
        {
            char c = format[i];
            if (c is '{' or '}' && i + 1 < format.Length && format[i + 1] == c)
                i++;
            else if (c == '{')
            {
                int end = format.IndexOf('}', i);
                if (end < 0)
                    throw new FormatException("Input string was not in a correct format. Failure to parse near offset " + i + ".");
                Hole(format.Substring(i + 1, end - i - 1), args);
                i = end;
                continue;
            }
            else if (c == '}')
                throw new FormatException("Input string was not in a correct format. Failure to parse near offset " + i + ".");

            Append(c);
        }

        return this;
    }

    public StringBuilder AppendFormat(string format, object? arg0) => AppendFormat(format, new object?[] { arg0 });

    private void Hole(string hole, object?[] args)
    {
        string? format = null;
        int alignment = 0;
        int colon = hole.IndexOf(':');
        if (colon >= 0)
        {
            format = hole.Substring(colon + 1);
            hole = hole.Substring(0, colon);
        }

        int comma = hole.IndexOf(',');
        if (comma >= 0)
        {
            alignment = int.Parse(hole.Substring(comma + 1));
            hole = hole.Substring(0, comma);
        }

        if (!int.TryParse(hole, out int index))
            throw new FormatException("Input string was not in a correct format.");
        if ((uint)index >= (uint)args.Length)
            throw new FormatException("Index (zero based) must be greater than or equal to zero and less than the size of the argument list.");
        object? value = args[index];
        string text = (value is IFormattable formattable ? formattable.ToString(format, null) : value?.ToString()) ?? "";
        Append(alignment < 0 ? text.PadRight(-alignment) : text.PadLeft(alignment));
    }

    public StringBuilder Insert(int index, string? value)
    {
        string rest = ToString(index, _length - index);
        _length = index;
        return Append(value).Append(rest);
    }

    public StringBuilder Insert(int index, char value) => Insert(index, value.ToString());

    public StringBuilder Remove(int startIndex, int length)
    {
        Array.Copy(_chars, startIndex + length, _chars, startIndex, _length - startIndex - length);
        _length -= length;
        return this;
    }

    public StringBuilder Replace(string oldValue, string? newValue)
    {
        string replaced = ToString().Replace(oldValue, newValue);
        return Clear().Append(replaced);
    }

    public StringBuilder Replace(char oldChar, char newChar)
    {
        for (int i = 0; i < _length; i++)
            if (_chars[i] == oldChar)
                _chars[i] = newChar;
        return this;
    }

    public bool Equals(StringBuilder? sb) => sb is not null && Equals(sb._chars.AsSpan(0, sb._length));

    public bool Equals(ReadOnlySpan<char> span) => ((ReadOnlySpan<char>)_chars.AsSpan(0, _length)).SequenceEqual(span);

    public StringBuilder Clear()
    {
        _length = 0;
        return this;
    }

    public override string ToString() => new(_chars.AsSpan(0, _length));

    public string ToString(int startIndex, int length) => new(_chars.AsSpan(startIndex, length));

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
