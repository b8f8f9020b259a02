using System.Collections.Generic;

namespace System
{
    /// <summary>What a format provider may give to format all arguments itself.</summary>
    public interface ICustomFormatter
    {
        string Format(string? format, object? arg, IFormatProvider? formatProvider);
    }
}

namespace System.Text
{
    public sealed partial class StringBuilder
    {
        // An index or a width has at most six digits.
        private const int HoleLimit = 1_000_000;

        public StringBuilder AppendFormat(string format, object? arg0) => AppendFormat(null, format, [arg0]);

        public StringBuilder AppendFormat(string format, object? arg0, object? arg1) => AppendFormat(null, format, [arg0, arg1]);

        public StringBuilder AppendFormat(string format, object? arg0, object? arg1, object? arg2) => AppendFormat(null, format, [arg0, arg1, arg2]);

        public StringBuilder AppendFormat(string format, params object?[] args) => AppendFormat(null, format, args);

        public StringBuilder AppendFormat(string format, params ReadOnlySpan<object?> args) => AppendFormat(null, format, args);

        public StringBuilder AppendFormat(IFormatProvider? provider, string format, object? arg0) => AppendFormat(provider, format, [arg0]);

        public StringBuilder AppendFormat(IFormatProvider? provider, string format, object? arg0, object? arg1) =>
            AppendFormat(provider, format, [arg0, arg1]);

        public StringBuilder AppendFormat(IFormatProvider? provider, string format, object? arg0, object? arg1, object? arg2) =>
            AppendFormat(provider, format, [arg0, arg1, arg2]);

        public StringBuilder AppendFormat(IFormatProvider? provider, string format, params object?[] args)
        {
            if (args is null)
                throw new ArgumentNullException(format is null ? nameof(format) : nameof(args));
            return AppendFormat(provider, format, (ReadOnlySpan<object?>)args);
        }

        /// <summary>Appends the format with its holes, {index,width:format}, filled.</summary>
        /// <exception cref="FormatException">A brace without its other, or a hole without an argument.</exception>
        public StringBuilder AppendFormat(IFormatProvider? provider, string format, params ReadOnlySpan<object?> args)
        {
            ArgumentNullException.ThrowIfNull(format);
            var custom = (ICustomFormatter?)provider?.GetFormat(typeof(ICustomFormatter));
            for (int at = 0; at < format.Length; at++)
            {
                char c = format[at];
                if (c is not ('{' or '}'))
                {
                    Append(c);
                    continue;
                }

                char next = Next(format, ref at);
                if (next == c)
                {
                    Append(c);
                    continue;
                }

                if (c == '}')
                    throw HoleError(at, "Unexpected closing brace without a corresponding opening brace.");
                int index = Number(format, ref at);
                int width = Spaces(format, ref at) == ',' ? Width(format, ref at) : 0;
                string? itemFormat = format[at] == '}' ? null : ItemFormat(format, ref at);
                if ((uint)index >= (uint)args.Length)
                    throw new FormatException(
                        "Index (zero based) must be greater than or equal to zero and less than the size of the argument list.");
                object? value = args[index];
                string text = custom?.Format(itemFormat, value, provider)
                    ?? (value is IFormattable formattable ? formattable.ToString(itemFormat, provider) : value?.ToString()) ?? "";
                Append(width < 0 ? text.PadRight(-width) : text.PadLeft(width));
            }

            return this;
        }

        private static FormatException HoleError(int offset, string what) =>
            new("Input string was not in a correct format. Failure to parse near offset " + offset + ". " + what);

        private static char Next(string format, ref int at) => ++at < format.Length ? format[at] : throw HoleError(at,
            "Format item ends prematurely.");

        private static char Spaces(string format, ref int at)
        {
            while (format[at] == ' ')
                Next(format, ref at);
            return format[at];
        }

        private static int Number(string format, ref int at)
        {
            if (!char.IsAsciiDigit(format[at]))
                throw HoleError(at, "Expected an ASCII digit.");
            int value = 0;
            for (char c = format[at]; char.IsAsciiDigit(c) && value < HoleLimit; c = Next(format, ref at))
                value = value * 10 + (c - '0');
            return value;
        }

        private static int Width(string format, ref int at)
        {
            Next(format, ref at);
            bool isLeft = Spaces(format, ref at) == '-';
            if (isLeft)
                Next(format, ref at);
            int width = Number(format, ref at);
            Spaces(format, ref at);
            return isLeft ? -width : width;
        }

        private static string ItemFormat(string format, ref int at)
        {
            if (format[at] != ':')
                throw HoleError(at, "Format item ends prematurely.");
            int start = at + 1;
            while (Next(format, ref at) != '}')
                if (format[at] == '{')
                    throw HoleError(at, "Format item ends prematurely.");
            return format.Substring(start, at - start);
        }

        public StringBuilder AppendJoin<T>(string? separator, IEnumerable<T> values) => Append(string.Join(separator, values));

        public StringBuilder AppendJoin<T>(char separator, IEnumerable<T> values) => Append(string.Join(separator, values));

        public StringBuilder AppendJoin(string? separator, params object?[] values) => Append(string.Join(separator, values));

        public StringBuilder AppendJoin(string? separator, params ReadOnlySpan<object?> values) => Append(string.Join(separator, values));

        public StringBuilder AppendJoin(string? separator, params string?[] values) => Append(string.Join(separator, values));

        public StringBuilder AppendJoin(string? separator, params ReadOnlySpan<string?> values) => Append(string.Join(separator, values));

        public StringBuilder AppendJoin(char separator, params object?[] values) => Append(string.Join(separator, values));

        public StringBuilder AppendJoin(char separator, params ReadOnlySpan<object?> values) => Append(string.Join(separator, values));

        public StringBuilder AppendJoin(char separator, params string?[] values) => Append(string.Join(separator, values));

        public StringBuilder AppendJoin(char separator, params ReadOnlySpan<string?> values) => Append(string.Join(separator, values));
    }
}
