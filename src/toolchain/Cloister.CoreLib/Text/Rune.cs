using System.Buffers;

namespace System.Buffers
{
    public enum OperationStatus { Done, DestinationTooSmall, NeedMoreData, InvalidData }
}

namespace System.Text
{
    /// <summary>A Unicode scalar value: a code point that isn't a surrogate.</summary>
    public readonly struct Rune : IComparable, IComparable<Rune>, IEquatable<Rune>
    {
        private readonly uint _value;

        public Rune(char ch) : this((uint)ch)
        {
        }

        public Rune(int value) : this((uint)value)
        {
        }

        public Rune(uint value) => _value = IsValid(value) ? value : throw new ArgumentOutOfRangeException(nameof(value));

        public Rune(char highSurrogate, char lowSurrogate)
        {
            if (!char.IsHighSurrogate(highSurrogate) || !char.IsLowSurrogate(lowSurrogate))
                throw new ArgumentOutOfRangeException(char.IsHighSurrogate(highSurrogate) ? nameof(lowSurrogate) : nameof(highSurrogate));
            _value = 0x10000u + ((uint)highSurrogate - 0xd800 << 10) + (lowSurrogate - 0xdc00u);
        }

        public static Rune ReplacementChar => new(0xfffd);

        public int Value => (int)_value;

        public bool IsAscii => _value < 0x80;

        public bool IsBmp => _value < 0x10000;

        public int Plane => (int)(_value >> 16);

        public int Utf8SequenceLength => _value < 0x80 ? 1 : _value < 0x800 ? 2 : _value < 0x10000 ? 3 : 4;

        public int Utf16SequenceLength => IsBmp ? 1 : 2;

        public static bool IsValid(int value) => IsValid((uint)value);

        public static bool IsValid(uint value) => value < 0xd800 || value is > 0xdfff and <= 0x10ffff;

        public static bool TryCreate(int value, out Rune result) => TryCreate((uint)value, out result);

        public static bool TryCreate(char ch, out Rune result) => TryCreate((uint)ch, out result);

        public static bool TryCreate(uint value, out Rune result)
        {
            result = IsValid(value) ? new Rune(value) : default;
            return IsValid(value);
        }

        public static bool TryCreate(char highSurrogate, char lowSurrogate, out Rune result)
        {
            bool isPair = char.IsHighSurrogate(highSurrogate) && char.IsLowSurrogate(lowSurrogate);
            result = isPair ? new Rune(highSurrogate, lowSurrogate) : default;
            return isPair;
        }

        public static OperationStatus DecodeFromUtf16(ReadOnlySpan<char> source, out Rune result, out int charsConsumed)
        {
            result = ReplacementChar;
            charsConsumed = Math.Min(source.Length, 1);
            if (source.IsEmpty)
                return OperationStatus.NeedMoreData;
            if (TryCreate(source[0], out Rune single))
            {
                result = single;
                return OperationStatus.Done;
            }

            if (!char.IsHighSurrogate(source[0]))
                return OperationStatus.InvalidData;
            if (source.Length < 2)
                return OperationStatus.NeedMoreData;
            if (!TryCreate(source[0], source[1], out Rune pair))
                return OperationStatus.InvalidData;
            result = pair;
            charsConsumed = 2;
            return OperationStatus.Done;
        }

        public static OperationStatus DecodeFromUtf8(ReadOnlySpan<byte> source, out Rune result, out int bytesConsumed)
        {
            result = ReplacementChar;
            bytesConsumed = Math.Min(source.Length, 1);
            if (source.IsEmpty)
                return OperationStatus.NeedMoreData;
            uint first = source[0];
            if (first < 0x80)
            {
                result = new Rune(first);
                return OperationStatus.Done;
            }

            if (first is < 0xc2 or > 0xf4)
                return OperationStatus.InvalidData;
            int length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
            uint value = first & (0x7fu >> length);
            for (int i = 1; i < length; i++)
            {
                if (i >= source.Length)
                    return OperationStatus.NeedMoreData;
                // The second byte's range rules out forms that are too long, surrogates, and what is above U+10FFFF (table 3-7).
                uint low = i > 1 ? 0x80u : first switch { 0xe0 => 0xa0, 0xf0 => 0x90, _ => 0x80 };
                uint high = i > 1 ? 0xbfu : first switch { 0xed => 0x9f, 0xf4 => 0x8f, _ => 0xbf };
                if (source[i] < low || source[i] > high)
                    return OperationStatus.InvalidData;
                value = value << 6 | source[i] & 0x3fu;
                bytesConsumed = i + 1;
            }

            result = new Rune(value);
            return OperationStatus.Done;
        }

        public bool TryEncodeToUtf8(Span<byte> destination, out int bytesWritten)
        {
            int length = Utf8SequenceLength;
            bytesWritten = 0;
            if (destination.Length < length)
                return false;
            bytesWritten = length;
            if (length == 1)
            {
                destination[0] = (byte)_value;
                return true;
            }

            uint rest = _value;
            for (int i = length - 1; i > 0; i--, rest >>= 6)
                destination[i] = (byte)(0x80 | rest & 0x3f);
            destination[0] = (byte)(0xf00u >> length | rest);
            return true;
        }

        public int EncodeToUtf8(Span<byte> destination) =>
            TryEncodeToUtf8(destination, out int written) ? written : throw new ArgumentException("Destination is too short.", nameof(destination));

        public bool TryEncodeToUtf16(Span<char> destination, out int charsWritten)
        {
            charsWritten = 0;
            if (destination.Length < Utf16SequenceLength)
                return false;
            charsWritten = Utf16SequenceLength;
            destination[0] = IsBmp ? (char)_value : (char)(0xd7c0 + (_value >> 10));
            if (!IsBmp)
                destination[1] = (char)(0xdc00 + (_value & 0x3ff));
            return true;
        }

        public int EncodeToUtf16(Span<char> destination) =>
            TryEncodeToUtf16(destination, out int written) ? written : throw new ArgumentException("Destination is too short.", nameof(destination));

        public static Rune GetRuneAt(string input, int index)
        {
            ArgumentNullException.ThrowIfNull(input);
            if ((uint)index >= (uint)input.Length)
                throw new ArgumentOutOfRangeException(nameof(index));
            return DecodeFromUtf16(input.AsSpan(index), out Rune rune, out _) == OperationStatus.Done ? rune
                : throw new ArgumentException("Cannot extract a Unicode scalar value from the specified index in the input.", nameof(index));
        }

        public static bool IsDigit(Rune value) => value.IsBmp && char.IsDigit((char)value._value);

        public static bool IsLetter(Rune value) => value.IsBmp && char.IsLetter((char)value._value);

        public static bool IsWhiteSpace(Rune value) => value.IsBmp && char.IsWhiteSpace((char)value._value);

        public static Rune ToUpperInvariant(Rune value) => value.IsBmp ? new Rune(char.ToUpperInvariant((char)value._value)) : value;

        public static Rune ToLowerInvariant(Rune value) => value.IsBmp ? new Rune(char.ToLowerInvariant((char)value._value)) : value;

        public static explicit operator Rune(char ch) => new(ch);

        public static explicit operator Rune(int value) => new(value);

        public static explicit operator Rune(uint value) => new(value);

        public static bool operator ==(Rune left, Rune right) => left._value == right._value;

        public static bool operator !=(Rune left, Rune right) => left._value != right._value;

        public static bool operator <(Rune left, Rune right) => left._value < right._value;

        public static bool operator >(Rune left, Rune right) => left._value > right._value;

        public static bool operator <=(Rune left, Rune right) => left._value <= right._value;

        public static bool operator >=(Rune left, Rune right) => left._value >= right._value;

        public int CompareTo(Rune other) => Value - other.Value;

        int IComparable.CompareTo(object? obj) => obj is null ? 1 : obj is Rune other ? CompareTo(other)
            : throw new ArgumentException("Object must be of type Rune.");

        public bool Equals(Rune other) => _value == other._value;

        public override bool Equals(object? obj) => obj is Rune other && Equals(other);

        public override int GetHashCode() => Value;

        public override string ToString()
        {
            Span<char> chars = stackalloc char[2];
            return chars.Slice(0, EncodeToUtf16(chars)).ToString();
        }
    }

    public ref struct SpanRuneEnumerator(ReadOnlySpan<char> text)
    {
        private ReadOnlySpan<char> _rest = text;

        public Rune Current { get; private set; }

        public readonly SpanRuneEnumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_rest.IsEmpty)
                return false;
            Rune.DecodeFromUtf16(_rest, out Rune rune, out int taken);
            Current = rune;
            _rest = _rest.Slice(taken);
            return true;
        }
    }

    public struct StringRuneEnumerator(string text) : Collections.Generic.IEnumerable<Rune>, Collections.Generic.IEnumerator<Rune>
    {
        private int _next;

        public Rune Current { get; private set; }

        readonly object Collections.IEnumerator.Current => Current;

        public readonly StringRuneEnumerator GetEnumerator() => this;

        readonly Collections.Generic.IEnumerator<Rune> Collections.Generic.IEnumerable<Rune>.GetEnumerator() => this;

        readonly Collections.IEnumerator Collections.IEnumerable.GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_next >= text.Length)
                return false;
            Rune.DecodeFromUtf16(text.AsSpan(_next), out Rune rune, out int taken);
            Current = rune;
            _next += taken;
            return true;
        }

        void Collections.IEnumerator.Reset() => _next = 0;

        readonly void IDisposable.Dispose()
        {
        }
    }
}
