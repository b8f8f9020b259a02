using System;
using Cloister.Crypto;

namespace Cloister.Bench.AotPrograms;

/// <summary>Cloister.Crypto.</summary>
internal static class Ciphers
{
    private static readonly AesGcm s_gcm = new(new byte[32]);
    private static readonly AesGcm s_portable = new(new byte[32], forcePortable: true);
    private static readonly byte[] s_nonce = new byte[AesGcm.NonceSize];
    private static readonly byte[] s_tag = new byte[AesGcm.TagSize];
    private static readonly byte[] s_text = new byte[16384];
    private static readonly byte[] s_output = new byte[16384];

    public static long Gcm()
    {
        s_gcm.Encrypt(s_nonce, s_text, s_output, s_tag);
        return BitConverter.ToInt64(s_tag);
    }

    public static long PortableGcm()
    {
        s_portable.Encrypt(s_nonce, s_text.AsSpan(0, 4096), s_output.AsSpan(0, 4096), s_tag);
        return BitConverter.ToInt64(s_tag);
    }

    public static long Sha256()
    {
        Span<byte> digest = stackalloc byte[32];
        Crypto.Sha256.HashData(s_text, digest);
        return BitConverter.ToInt64(digest);
    }
}
