using System.Runtime.CompilerServices;

namespace System
{
    // SAFETY: values are read as others of the same size, from their own copy. Spans are compared with the size before they are read or written,
    // at any alignment.
    public static unsafe class BitConverter
    {
        public static readonly bool IsLittleEndian = true;

        public static long DoubleToInt64Bits(double value) => *(long*)&value;

        public static ulong DoubleToUInt64Bits(double value) => *(ulong*)&value;

        public static double Int64BitsToDouble(long value) => *(double*)&value;

        public static double UInt64BitsToDouble(ulong value) => *(double*)&value;

        public static int SingleToInt32Bits(float value) => *(int*)&value;

        public static uint SingleToUInt32Bits(float value) => *(uint*)&value;

        public static float Int32BitsToSingle(int value) => *(float*)&value;

        public static float UInt32BitsToSingle(uint value) => *(float*)&value;

        public static ushort HalfToUInt16Bits(Half value) => *(ushort*)&value;

        public static short HalfToInt16Bits(Half value) => *(short*)&value;

        public static Half UInt16BitsToHalf(ushort value) => *(Half*)&value;

        public static Half Int16BitsToHalf(short value) => *(Half*)&value;

        public static short ToInt16(ReadOnlySpan<byte> value) => Read<short>(value);

        public static ushort ToUInt16(ReadOnlySpan<byte> value) => Read<ushort>(value);

        public static int ToInt32(ReadOnlySpan<byte> value) => Read<int>(value);

        public static uint ToUInt32(ReadOnlySpan<byte> value) => Read<uint>(value);

        public static long ToInt64(ReadOnlySpan<byte> value) => Read<long>(value);

        public static ulong ToUInt64(ReadOnlySpan<byte> value) => Read<ulong>(value);

        public static double ToDouble(ReadOnlySpan<byte> value) => Read<double>(value);

        public static float ToSingle(ReadOnlySpan<byte> value) => Read<float>(value);

        public static bool TryWriteBytes(Span<byte> destination, short value) => TryWrite(destination, value);

        public static bool TryWriteBytes(Span<byte> destination, ushort value) => TryWrite(destination, value);

        public static bool TryWriteBytes(Span<byte> destination, int value) => TryWrite(destination, value);

        public static bool TryWriteBytes(Span<byte> destination, uint value) => TryWrite(destination, value);

        public static bool TryWriteBytes(Span<byte> destination, long value) => TryWrite(destination, value);

        public static bool TryWriteBytes(Span<byte> destination, ulong value) => TryWrite(destination, value);

        public static byte[] GetBytes(short value) => Bytes(value);

        public static byte[] GetBytes(ushort value) => Bytes(value);

        public static byte[] GetBytes(int value) => Bytes(value);

        public static byte[] GetBytes(uint value) => Bytes(value);

        public static byte[] GetBytes(long value) => Bytes(value);

        public static byte[] GetBytes(ulong value) => Bytes(value);

        public static byte[] GetBytes(float value) => Bytes(value);

        public static byte[] GetBytes(double value) => Bytes(value);

        private static T Read<T>(ReadOnlySpan<byte> value) => value.Length < sizeof(T) ? throw new ArgumentOutOfRangeException(nameof(value))
            : Unsafe.ReadUnaligned<T>(ref value.Reference);

        private static bool TryWrite<T>(Span<byte> destination, T value)
        {
            if (destination.Length < sizeof(T))
                return false;
            Unsafe.WriteUnaligned(ref destination.Reference, value);
            return true;
        }

        private static byte[] Bytes<T>(T value)
        {
            byte[] bytes = new byte[sizeof(T)];
            TryWrite(bytes, value);
            return bytes;
        }
    }

    public static partial class Convert
    {
        public static string ToHexString(ReadOnlySpan<byte> bytes) => Hex(bytes, "0123456789ABCDEF");

        public static string ToHexString(byte[] inArray) =>
            ToHexString((ReadOnlySpan<byte>)(inArray ?? throw new ArgumentNullException(nameof(inArray))));

        public static string ToHexStringLower(ReadOnlySpan<byte> bytes) => Hex(bytes, "0123456789abcdef");

        public static string ToHexStringLower(byte[] inArray) =>
            ToHexStringLower((ReadOnlySpan<byte>)(inArray ?? throw new ArgumentNullException(nameof(inArray))));

        private static string Hex(ReadOnlySpan<byte> bytes, string digits)
        {
            string text = string.FastAllocate(bytes.Length * 2);
            for (int i = 0; i < bytes.Length; i++)
            {
                text.Writable[2 * i] = digits[bytes[i] >> 4];
                text.Writable[2 * i + 1] = digits[bytes[i] & 15];
            }

            return text;
        }

        public static byte[] FromHexString(string s)
        {
            ArgumentNullException.ThrowIfNull(s);
            if (s.Length % 2 != 0)
                throw new FormatException("The input is not a valid hex string as its length is not a multiple of 2.");
            byte[] bytes = new byte[s.Length / 2];
            for (int i = 0; i < bytes.Length; i++)
                bytes[i] = (byte)(Digit(s[2 * i]) << 4 | Digit(s[2 * i + 1]));
            return bytes;
        }

        private const string Base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

        public static string ToBase64String(byte[] inArray) => ToBase64String((ReadOnlySpan<byte>)(inArray
            ?? throw new ArgumentNullException(nameof(inArray))));

        public static string ToBase64String(ReadOnlySpan<byte> bytes)
        {
            string text = string.FastAllocate((bytes.Length + 2) / 3 * 4);
            Span<char> rest = text.Writable;
            for (; !bytes.IsEmpty; rest = rest.Slice(4), bytes = bytes.Slice(Math.Min(3, bytes.Length)))
            {
                int group = bytes[0] << 16 | (bytes.Length > 1 ? bytes[1] << 8 : 0) | (bytes.Length > 2 ? bytes[2] : 0);
                for (int i = 0; i < 4; i++)
                    rest[i] = i <= bytes.Length ? Base64[group >> (18 - 6 * i) & 63] : '=';
            }

            return text;
        }

        public static byte[] FromBase64String(string s)
        {
            var bytes = new Collections.Generic.List<byte>();
            int group = 0, count = 0, padding = 0;
            foreach (char c in s ?? throw new ArgumentNullException(nameof(s)))
            {
                if (c is ' ' or '\t' or '\r' or '\n')
                    continue;
                int digit = c == '=' ? 0 : Base64.IndexOf(c);
                if (digit < 0 || (padding > 0 && c != '='))
                    throw Base64Error();
                padding += c == '=' ? 1 : 0;
                group = group << 6 | digit;
                if (++count % 4 != 0)
                    continue;
                if (padding > 2)
                    throw Base64Error();
                for (int i = 0; i < 3 - padding; i++)
                    bytes.Add((byte)(group >> (16 - 8 * i)));
                group = 0;
            }

            return count % 4 == 0 ? bytes.ToArray() : throw Base64Error();
        }

        private static FormatException Base64Error() =>
            new("The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding characters, " +
                "or an illegal character among the padding characters.");

        private static int Digit(char c) => char.IsAsciiHexDigit(c) ? Number.HexDigit(c)
            : throw new FormatException("The input is not a valid hex string as it contains a non-hex character.");
    }
}

namespace System.Numerics
{
    public static class BitOperations
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        private static extern int Leading(ulong value);

        [MethodImpl(MethodImplOptions.InternalCall)]
        private static extern int Trailing(ulong value);

        [MethodImpl(MethodImplOptions.InternalCall)]
        private static extern int Ones(ulong value);

        public static int LeadingZeroCount(uint value) => Leading(value) - 32;

        public static int LeadingZeroCount(ulong value) => Leading(value);

        public static int TrailingZeroCount(int value) => TrailingZeroCount((uint)value);

        public static int TrailingZeroCount(uint value) => value == 0 ? 32 : Trailing(value);

        public static int TrailingZeroCount(long value) => Trailing((ulong)value);

        public static int TrailingZeroCount(ulong value) => Trailing(value);

        public static int LeadingZeroCount(nuint value) => Leading(value);

        public static int TrailingZeroCount(nint value) => Trailing((ulong)value);

        public static int TrailingZeroCount(nuint value) => Trailing(value);

        public static int PopCount(nuint value) => Ones(value);

        public static int Log2(nuint value) => 63 - Leading(value | 1);

        public static bool IsPow2(long value) => value > 0 && (value & (value - 1)) == 0;

        public static bool IsPow2(nint value) => value > 0 && (value & (value - 1)) == 0;

        public static bool IsPow2(nuint value) => value != 0 && (value & (value - 1)) == 0;

        public static ulong RoundUpToPowerOf2(ulong value) => value is 0 or > 1ul << 63 ? 0 : value == 1 ? 1 : 1ul << (64 - Leading(value - 1));

        public static nuint RotateLeft(nuint value, int offset) => value << offset | value >> (64 - offset);

        public static nuint RotateRight(nuint value, int offset) => value >> offset | value << (64 - offset);

        public static int PopCount(uint value) => Ones(value);

        public static int PopCount(ulong value) => Ones(value);

        public static int Log2(uint value) => 31 - LeadingZeroCount(value | 1);

        public static int Log2(ulong value) => 63 - LeadingZeroCount(value | 1);

        public static bool IsPow2(int value) => value > 0 && (value & (value - 1)) == 0;

        public static bool IsPow2(uint value) => value != 0 && (value & (value - 1)) == 0;

        public static bool IsPow2(ulong value) => value != 0 && (value & (value - 1)) == 0;

        public static uint RoundUpToPowerOf2(uint value) => value <= 1 ? value : (uint)(1ul << (32 - LeadingZeroCount(value - 1)));

        public static uint RotateLeft(uint value, int offset) => value << offset | value >> (32 - offset);

        public static ulong RotateLeft(ulong value, int offset) => value << offset | value >> (64 - offset);

        public static uint RotateRight(uint value, int offset) => value >> offset | value << (32 - offset);

        public static ulong RotateRight(ulong value, int offset) => value >> offset | value << (64 - offset);
    }
}

namespace System.Buffers
{
    public delegate void SpanAction<T, in TArg>(Span<T> span, TArg arg);
}
