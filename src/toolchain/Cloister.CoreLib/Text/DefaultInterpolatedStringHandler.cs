using System.Text;

namespace System.Runtime.CompilerServices;

[InterpolatedStringHandler]
public ref struct DefaultInterpolatedStringHandler
{
    private readonly StringBuilder _text;

    public DefaultInterpolatedStringHandler(int literalLength, int formattedCount) => _text = new StringBuilder(literalLength + formattedCount * 8);

    public DefaultInterpolatedStringHandler(int literalLength, int formattedCount, IFormatProvider? provider) : this(literalLength, formattedCount)
    {
    }

    internal DefaultInterpolatedStringHandler(StringBuilder text) => _text = text;

    public void AppendLiteral(string value) => _text.Append(value);

    public void AppendFormatted<T>(T value) => AppendFormatted<T>(value, (string?)null);

    public void AppendFormatted<T>(T value, string? format)
    {
        // The most common one without a box.
        if (typeof(T) == typeof(int))
            _text.Append(Unsafe.As<T, int>(ref value).ToString(format));
        else
            _text.Append(value is IFormattable formattable ? formattable.ToString(format, null) : value?.ToString());
    }

    public void AppendFormatted<T>(T value, int alignment) => AppendFormatted(value, alignment, null);

    public void AppendFormatted<T>(T value, int alignment, string? format)
    {
        string text = (value is IFormattable formattable ? formattable.ToString(format, null) : value?.ToString()) ?? "";
        _text.Append(alignment < 0 ? text.PadRight(-alignment) : text.PadLeft(alignment));
    }

    public void AppendFormatted(object? value, int alignment = 0, string? format = null) => AppendFormatted<object?>(value, alignment, format);

    public void AppendFormatted(string? value) => _text.Append(value);

    public void AppendFormatted(string? value, int alignment = 0, string? format = null) => AppendFormatted<string?>(value, alignment, format);

    public void AppendFormatted(ReadOnlySpan<char> value, int alignment = 0, string? format = null) =>
        AppendFormatted<string>(value.ToString(), alignment, null);

    public void AppendFormatted(ReadOnlySpan<char> value) => _text.Append(value);

    public string ToStringAndClear() => _text.ToString();

    public override string ToString() => _text.ToString();
}
