using System.Text;
using Cloister.Runtime;

namespace System.Runtime.CompilerServices;

// SAFETY: the handler lies on a stack or in another such structure, so that its own characters don't move; Room gives as many as were asked for.
[InterpolatedStringHandler]
public unsafe ref struct DefaultInterpolatedStringHandler
{
    private const int OwnCapacity = 64;

    // Where the text goes: the caller's builder; or what is here, as long as there is room, and then an array.
    private readonly StringBuilder? _text;
    private char[]? _more;
    private int _length;
    private fixed char _own[OwnCapacity];

    public DefaultInterpolatedStringHandler(int literalLength, int formattedCount)
    {
        _text = null;
        _more = null;
        _length = 0;
    }

    public DefaultInterpolatedStringHandler(int literalLength, int formattedCount, IFormatProvider? provider) : this(literalLength, formattedCount)
    {
    }

    public DefaultInterpolatedStringHandler(int literalLength, int formattedCount, IFormatProvider? provider, Span<char> initialBuffer)
        : this(literalLength, formattedCount)
    {
    }

    internal DefaultInterpolatedStringHandler(StringBuilder text) => _text = text;

    private readonly Span<char> Written
    {
        get
        {
            fixed (char* own = _own)
                return _more is null ? new Span<char>(own, _length) : _more.AsSpan(0, _length);
        }
    }

    // Where so many more characters are to be written.
    private char* Room(int count)
    {
        if (_text is not null)
            return (char*)Unsafe.AsPointer(ref _text.Room(count).Reference);
        int start = _length;
        if (_more is null && (uint)count <= (uint)(OwnCapacity - start))
        {
            _length = start + count;
            fixed (char* own = _own)
                return own + start;
        }

        return MoreRoom(count);
    }

    private char* MoreRoom(int count)
    {
        int start = _length;
        int end = checked(start + count);
        if (_more is null || end > _more.Length)
        {
            char[] larger = new char[Math.Max(end, start * 2)];
            Written.CopyTo(larger);
            _more = larger;
        }

        _length = end;
        return (char*)Unsafe.AsPointer(ref _more.AsSpan(start).Reference);
    }

    private void Put(ReadOnlySpan<char> text) =>
        Words.CopyCharacters((byte*)Room(text.Length), (byte*)Unsafe.AsPointer(ref text.Reference), (ulong)text.Length * 2);

    public void AppendLiteral(string value) => Put(value);

    public void AppendFormatted<T>(T value) => AppendFormatted<T>(value, (string?)null);

    public void AppendFormatted<T>(T value, string? format)
    {
        // The most common ones without a box.
        if (typeof(T) == typeof(int))
            AppendSigned(Unsafe.As<T, int>(ref value), format, 32);
        else if (typeof(T) == typeof(long))
            AppendSigned(Unsafe.As<T, long>(ref value), format, 64);
        else if (typeof(T) == typeof(byte))
            AppendUnsigned(Unsafe.As<T, byte>(ref value), format);
        else if (typeof(T) == typeof(uint))
            AppendUnsigned(Unsafe.As<T, uint>(ref value), format);
        else if (typeof(T) == typeof(ulong))
            AppendUnsigned(Unsafe.As<T, ulong>(ref value), format);
        else
            AppendFormatted(Text(value, format));
    }

    private void AppendSigned(long value, string? format, int bits)
    {
        var number = new NumberText(value, format, bits);
        if (number.IsCommon)
            number.Write(Room(number.Length));
        else
            Put(Number.Format(value, format, bits));
    }

    private void AppendUnsigned(ulong value, string? format)
    {
        var number = new NumberText(value, format);
        if (number.IsCommon)
            number.Write(Room(number.Length));
        else
            Put(Number.Format(value, format, 64));
    }

    private static string? Text<T>(T value, string? format) => value is IFormattable formattable ? formattable.ToString(format, null) : value?.ToString();

    public void AppendFormatted<T>(T value, int alignment) => AppendFormatted(value, alignment, null);

    public void AppendFormatted<T>(T value, int alignment, string? format)
    {
        string text = Text(value, format) ?? "";
        AppendFormatted(alignment < 0 ? text.PadRight(-alignment) : text.PadLeft(alignment));
    }

    public void AppendFormatted(object? value, int alignment = 0, string? format = null) => AppendFormatted<object?>(value, alignment, format);

    public void AppendFormatted(string? value) => Put(value);

    public void AppendFormatted(string? value, int alignment = 0, string? format = null) => AppendFormatted<string?>(value, alignment, format);

    public void AppendFormatted(ReadOnlySpan<char> value, int alignment = 0, string? format = null) =>
        AppendFormatted<string>(value.ToString(), alignment, null);

    public void AppendFormatted(ReadOnlySpan<char> value) => Put(value);

    public string ToStringAndClear() => ToString();

    public override readonly string ToString() => _text is null ? new string(Written) : _text.ToString();
}
