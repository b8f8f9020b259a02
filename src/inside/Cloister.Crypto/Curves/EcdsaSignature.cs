using System;

namespace Cloister.Crypto;

/// <summary>The DER form of ECDSA signatures (RFC 3279, 2.2.3): a sequence of two integers.</summary>
public static class EcdsaSignature
{
    private const byte IntegerTag = 0x02;
    private const byte SequenceTag = 0x30;

    /// <summary>Converts from DER into r and s of equal size, strictly: what isn't DER is refused (ITU-T X.690, 8 and 10).</summary>
    /// <param name="der">The signature.</param>
    /// <param name="signature">Gets r and s, half each, padded with zeros on the left.</param>
    public static bool TryFromDer(ReadOnlySpan<byte> der, Span<byte> signature)
    {
        int size = signature.Length / 2;
        return TryReadHeader(ref der, SequenceTag, out int length) && length == der.Length &&
            TryReadInteger(ref der, signature[..size]) && TryReadInteger(ref der, signature[size..]) && der.IsEmpty;
    }

    private static bool TryReadInteger(ref ReadOnlySpan<byte> der, Span<byte> number)
    {
        if (!TryReadHeader(ref der, IntegerTag, out int length) || length == 0 || length > der.Length)
            return false;
        ReadOnlySpan<byte> value = der[..length];
        der = der[length..];
        // Negative, or a zero that isn't needed.
        if (value[0] >= 0x80 || (value[0] == 0 && length > 1 && value[1] < 0x80))
            return false;
        if (value[0] == 0)
            value = value[1..];
        if (value.Length > number.Length)
            return false;
        number.Clear();
        value.CopyTo(number[(number.Length - value.Length)..]);
        return true;
    }

    // Lengths up to 255 are enough for curves of up to 521 bits; the short form where it suffices, as DER demands.
    private static bool TryReadHeader(ref ReadOnlySpan<byte> der, byte tag, out int length)
    {
        length = 0;
        if (der.Length < 2 || der[0] != tag)
            return false;
        length = der[1];
        if (length < 0x80)
        {
            der = der[2..];
            return true;
        }

        if (length != 0x81 || der.Length < 3 || der[2] < 0x80)
            return false;
        length = der[2];
        der = der[3..];
        return true;
    }
}
