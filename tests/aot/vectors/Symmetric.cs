using System;
using Cloister.Crypto;

namespace Cloister.Aot.Vectors;

internal static class Symmetric
{
    public static void All()
    {
        Program.Each(Data.AesGcm, fields =>
        {
            using var gcm = new AesGcm(fields[0]);
            byte[] sealedText = new byte[fields[2].Length + AesGcm.TagSize];
            gcm.Encrypt(fields[1], fields[2], sealedText.AsSpan(0, fields[2].Length), sealedText.AsSpan(fields[2].Length), fields[3]);
            Program.Report("AES-GCM", sealedText, fields[4]);
            byte[] opened = new byte[fields[2].Length];
            ReadOnlySpan<byte> text = fields[4];
            Program.Report("AES-GCM opens", gcm.TryDecrypt(fields[1], text[..^16], text[^16..], opened, fields[3]));
            Program.Report("AES-GCM opened", opened, fields[2]);
            sealedText[^1] ^= 1;
            Program.Report("AES-GCM changed", gcm.TryDecrypt(fields[1], text[..^16], sealedText.AsSpan(fields[2].Length), opened, fields[3]),
                expected: false);
        });
        Program.Each(Data.RefusedAesGcm, fields =>
        {
            using var gcm = new AesGcm(fields[0]);
            Program.Report("AES-GCM", gcm.TryDecrypt(fields[1], fields[2], fields[4], new byte[fields[2].Length], fields[3]), expected: false);
        });
        Program.Each(Data.AesCtr, fields =>
        {
            using var counter = new AesCtr(fields[0]);
            byte[] output = new byte[fields[2].Length];
            counter.Crypt(fields[1], fields[2], output);
            Program.Report("AES-CTR", output, fields[3]);
        });
        Program.Each(Data.AesCmac, fields =>
        {
            using var cmac = new AesCmac(fields[0]);
            byte[] tag = new byte[AesCmac.TagSize];
            cmac.HashData(fields[1], tag);
            Program.Report("AES-CMAC", tag, fields[2]);
        });
        KeyWrapping();
        Program.Each(Data.ChaCha20Poly1305, fields =>
        {
            using var cipher = new ChaCha20Poly1305(fields[0]);
            byte[] sealedText = new byte[fields[2].Length + ChaCha20Poly1305.TagSize];
            cipher.Encrypt(fields[1], fields[2], sealedText.AsSpan(0, fields[2].Length), sealedText.AsSpan(fields[2].Length), fields[3]);
            Program.Report("ChaCha20-Poly1305", sealedText, fields[4]);
            byte[] opened = new byte[fields[2].Length];
            ReadOnlySpan<byte> text = fields[4];
            Program.Report("ChaCha20-Poly1305 opens", cipher.TryDecrypt(fields[1], text[..^16], text[^16..], opened, fields[3]));
            Program.Report("ChaCha20-Poly1305 opened", opened, fields[2]);
        });
        Program.Each(Data.RefusedChaCha20Poly1305, fields =>
        {
            using var cipher = new ChaCha20Poly1305(fields[0]);
            Program.Report("ChaCha20-Poly1305", cipher.TryDecrypt(fields[1], fields[2], fields[4], new byte[fields[2].Length], fields[3]),
                expected: false);
        });
    }

    private static void KeyWrapping()
    {
        Program.Each(Data.AesKeyWrap, fields =>
        {
            using var wrap = new AesKeyWrap(fields[0]);
            byte[] wrapped = new byte[fields[1].Length + 8];
            wrap.Wrap(fields[1], wrapped);
            Program.Report("AES-KW", wrapped, fields[2]);
            byte[] key = new byte[fields[1].Length];
            Program.Report("AES-KW unwraps", wrap.TryUnwrap(fields[2], key));
            Program.Report("AES-KW unwrapped", key, fields[1]);
            wrapped[0] ^= 0x80;
            Program.Report("AES-KW changed", wrap.TryUnwrap(wrapped, key), expected: false);
        });
        Program.Each(Data.AesKeyWrapPadded, fields =>
        {
            using var wrap = new AesKeyWrap(fields[0]);
            byte[] wrapped = new byte[AesKeyWrap.GetPaddedSize(fields[1].Length)];
            wrap.WrapPadded(fields[1], wrapped);
            Program.Report("AES-KWP", wrapped, fields[2]);
            byte[] key = new byte[wrapped.Length - 8];
            Program.Report("AES-KWP unwraps", wrap.TryUnwrapPadded(fields[2], key, out int length));
            Program.Report("AES-KWP unwrapped", key.AsSpan(0, length), fields[1]);
        });
    }
}
