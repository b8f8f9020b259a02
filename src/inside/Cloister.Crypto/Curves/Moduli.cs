using System;

namespace Cloister.Crypto;

/// <summary>The field of P-256 (FIPS 186-5, SP 800-186, 3.2.1.3).</summary>
internal readonly struct P256Prime : IModulus
{
    public static ReadOnlySpan<ulong> Modulus => [0xffffffffffffffff, 0x00000000ffffffff, 0x0000000000000000, 0xffffffff00000001];

    public static ReadOnlySpan<ulong> One => [0x0000000000000001, 0xffffffff00000000, 0xffffffffffffffff, 0x00000000fffffffe];

    public static ReadOnlySpan<ulong> RadixSquared => [0x0000000000000003, 0xfffffffbffffffff, 0xfffffffffffffffe, 0x00000004fffffffd];

    public static ulong NegatedInverse => 0x0000000000000001;
}

/// <summary>The order of P-256's group.</summary>
internal readonly struct P256Order : IModulus
{
    public static ReadOnlySpan<ulong> Modulus => [0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000];

    public static ReadOnlySpan<ulong> One => [0x0c46353d039cdaaf, 0x4319055258e8617b, 0x0000000000000000, 0x00000000ffffffff];

    public static ReadOnlySpan<ulong> RadixSquared => [0x83244c95be79eea2, 0x4699799c49bd6fa6, 0x2845b2392b6bec59, 0x66e12d94f3d95620];

    public static ulong NegatedInverse => 0xccd1c8aaee00bc4f;
}

/// <summary>The field of P-384 (SP 800-186, 3.2.1.4).</summary>
internal readonly struct P384Prime : IModulus
{
    public static ReadOnlySpan<ulong> Modulus => [0x00000000ffffffff, 0xffffffff00000000, 0xfffffffffffffffe, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff];

    public static ReadOnlySpan<ulong> One => [0xffffffff00000001, 0x00000000ffffffff, 0x0000000000000001, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000];

    public static ReadOnlySpan<ulong> RadixSquared => [0xfffffffe00000001, 0x0000000200000000, 0xfffffffe00000000, 0x0000000200000000, 0x0000000000000001, 0x0000000000000000];

    public static ulong NegatedInverse => 0x0000000100000001;
}

/// <summary>The order of P-384's group.</summary>
internal readonly struct P384Order : IModulus
{
    public static ReadOnlySpan<ulong> Modulus => [0xecec196accc52973, 0x581a0db248b0a77a, 0xc7634d81f4372ddf, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff];

    public static ReadOnlySpan<ulong> One => [0x1313e695333ad68d, 0xa7e5f24db74f5885, 0x389cb27e0bc8d220, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000];

    public static ReadOnlySpan<ulong> RadixSquared => [0x2d319b2419b409a9, 0xff3d81e5df1aa419, 0xbc3e483afcb82947, 0xd40d49174aab1cc5, 0x3fb05b7a28266895, 0x0c84ee012b39bf21];

    public static ulong NegatedInverse => 0x6ed46089e88fdc45;
}

/// <summary>The order of Ed25519's base point (RFC 8032, 5.1).</summary>
internal readonly struct Ed25519Order : IModulus
{
    public static ReadOnlySpan<ulong> Modulus => [0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0x0000000000000000, 0x1000000000000000];

    public static ReadOnlySpan<ulong> One => [0xd6ec31748d98951d, 0xc6ef5bf4737dcf70, 0xfffffffffffffffe, 0x0fffffffffffffff];

    public static ReadOnlySpan<ulong> RadixSquared => [0xa40611e3449c0f01, 0xd00e1ba768859347, 0xceec73d217f5be65, 0x0399411b7c309a3d];

    public static ulong NegatedInverse => 0xd2b51da312547e1b;
}
