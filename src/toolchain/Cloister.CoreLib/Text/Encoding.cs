namespace System.Text;

/// <summary>Text to bytes and back. What can't be converted becomes a question mark, or U+FFFD where the encoding has it.</summary>
public abstract class Encoding
{
    public static Encoding UTF8 { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: true);

    public static Encoding ASCII { get; } = new SingleByteEncoding(127, "us-ascii");

    public static Encoding Latin1 { get; } = new SingleByteEncoding(255, "iso-8859-1");

    public abstract string WebName { get; }

    public virtual ReadOnlySpan<byte> Preamble => [];

    public abstract int GetMaxByteCount(int charCount);

    public abstract int GetMaxCharCount(int byteCount);

    /// <summary>Converts, or only counts where there is no destination; returns -1 where the destination is too small.</summary>
    private protected abstract int Encode(ReadOnlySpan<char> chars, Span<byte> bytes, bool counts);

    /// <summary>Converts, or only counts where there is no destination; returns -1 where the destination is too small.</summary>
    private protected abstract int Decode(ReadOnlySpan<byte> bytes, Span<char> chars, bool counts);

    public int GetByteCount(string s) => Encode(s ?? throw new ArgumentNullException(nameof(s)), default, counts: true);

    public int GetByteCount(char[] chars) => Encode(chars, default, counts: true);

    public virtual int GetByteCount(ReadOnlySpan<char> chars) => Encode(chars, default, counts: true);

    public virtual byte[] GetBytes(string s)
    {
        ArgumentNullException.ThrowIfNull(s);
        byte[] bytes = new byte[GetByteCount(s)];
        Encode(s, bytes, counts: false);
        return bytes;
    }

    public virtual byte[] GetBytes(char[] chars)
    {
        byte[] bytes = new byte[GetByteCount(chars)];
        Encode(chars, bytes, counts: false);
        return bytes;
    }

    public virtual int GetBytes(ReadOnlySpan<char> chars, Span<byte> bytes) => TryGetBytes(chars, bytes, out int written) ? written
        : throw new ArgumentException("The output byte buffer is too small to contain the encoded data, encoding codepage '" + WebName + "'.",
            nameof(bytes));

    public virtual int GetBytes(string s, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        GetBytes(s.AsSpan(charIndex, charCount), bytes.AsSpan(byteIndex));

    public virtual bool TryGetBytes(ReadOnlySpan<char> chars, Span<byte> bytes, out int bytesWritten)
    {
        int written = Encode(chars, bytes, counts: false);
        bytesWritten = Math.Max(written, 0);
        return written >= 0;
    }

    public virtual int GetCharCount(byte[] bytes) => Decode(bytes, default, counts: true);

    public virtual int GetCharCount(ReadOnlySpan<byte> bytes) => Decode(bytes, default, counts: true);

    public virtual char[] GetChars(byte[] bytes) => GetString(bytes).ToCharArray();

    public virtual int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars) => TryGetChars(bytes, chars, out int written) ? written
        : throw new ArgumentException("The output char buffer is too small to contain the decoded characters, encoding '" + WebName + "'.",
            nameof(chars));

    public virtual bool TryGetChars(ReadOnlySpan<byte> bytes, Span<char> chars, out int charsWritten)
    {
        int written = Decode(bytes, chars, counts: false);
        charsWritten = Math.Max(written, 0);
        return written >= 0;
    }

    public virtual string GetString(byte[] bytes) => GetString((ReadOnlySpan<byte>)(bytes ?? throw new ArgumentNullException(nameof(bytes))));

    public virtual string GetString(byte[] bytes, int index, int count) => GetString(new ReadOnlySpan<byte>(bytes, index, count));

    public string GetString(ReadOnlySpan<byte> bytes)
    {
        string text = string.FastAllocate(Decode(bytes, default, counts: true));
        Decode(bytes, text.Writable, counts: false);
        return text;
    }
}

/// <summary>UTF-8 (RFC 3629). Every longest start of a sequence that can't be continued becomes one U+FFFD (The Unicode Standard, 3.9).</summary>
public class UTF8Encoding(bool encoderShouldEmitUTF8Identifier, bool throwOnInvalidBytes) : Encoding
{
    public UTF8Encoding() : this(false, false)
    {
    }

    public UTF8Encoding(bool encoderShouldEmitUTF8Identifier) : this(encoderShouldEmitUTF8Identifier, false)
    {
    }

    public override string WebName => "utf-8";

    public override ReadOnlySpan<byte> Preamble => encoderShouldEmitUTF8Identifier ? [0xef, 0xbb, 0xbf] : [];

    public override int GetMaxByteCount(int charCount) => checked((charCount + 1) * 3);

    public override int GetMaxCharCount(int byteCount) => checked(byteCount + 1);

    private protected override int Encode(ReadOnlySpan<char> chars, Span<byte> bytes, bool counts)
    {
        int written = 0;
        while (!chars.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(chars, out Rune rune, out int taken) != Buffers.OperationStatus.Done && throwOnInvalidBytes)
                throw new ArgumentException("Unable to translate Unicode character \\u" + ((int)chars[0]).ToString("X4") + " at index " + 0
                    + " to specified code page.");
            chars = chars.Slice(taken);
            int size = rune.Utf8SequenceLength;
            if (!counts && !rune.TryEncodeToUtf8(bytes.Slice(written), out _))
                return -1;
            written += size;
        }

        return written;
    }

    private protected override int Decode(ReadOnlySpan<byte> bytes, Span<char> chars, bool counts)
    {
        int written = 0;
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out Rune rune, out int taken) != Buffers.OperationStatus.Done && throwOnInvalidBytes)
                throw new ArgumentException("Unable to translate bytes [" + bytes[0].ToString("X2") + "] at index " + 0
                    + " from specified code page to Unicode.");
            bytes = bytes.Slice(taken);
            if (!counts && !rune.TryEncodeToUtf16(chars.Slice(written), out _))
                return -1;
            written += rune.Utf16SequenceLength;
        }

        return written;
    }
}

/// <summary>A byte for a character up to a limit.</summary>
internal sealed class SingleByteEncoding(int limit, string name) : Encoding
{
    public override string WebName => name;

    public override int GetMaxByteCount(int charCount) => checked(charCount + 1);

    public override int GetMaxCharCount(int byteCount) => byteCount;

    private protected override int Encode(ReadOnlySpan<char> chars, Span<byte> bytes, bool counts)
    {
        int written = 0;
        for (int i = 0; i < chars.Length; i++, written++)
        {
            char c = chars[i];
            if (counts)
                continue;
            if (written >= bytes.Length)
                return -1;
            bytes[written] = c <= limit ? (byte)c : (byte)'?';
        }

        return written;
    }

    private protected override int Decode(ReadOnlySpan<byte> bytes, Span<char> chars, bool counts)
    {
        if (counts)
            return bytes.Length;
        if (bytes.Length > chars.Length)
            return -1;
        for (int i = 0; i < bytes.Length; i++)
            chars[i] = bytes[i] <= limit ? (char)bytes[i] : '?';
        return bytes.Length;
    }
}
