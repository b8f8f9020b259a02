using System;

namespace Cloister.Crypto;

/// <summary>P-256 (NIST SP 800-186, 3.2.1.3). Constants in Montgomery form.</summary>
internal readonly struct P256Curve : IWeierstrassCurve
{
    public static ReadOnlySpan<ulong> B => [0xd89cdf6229c4bddf, 0xacf005cd78843090, 0xe5a220abf7212ed6, 0xdc30061d04874834];

    public static ReadOnlySpan<ulong> BaseX => [0x79e730d418a9143c, 0x75ba95fc5fedb601, 0x79fb732b77622510, 0x18905f76a53755c6];

    public static ReadOnlySpan<ulong> BaseY => [0xddf25357ce95560a, 0x8b4ab8e4ba19e45c, 0xd2e88688dd21f325, 0x8571ff1825885d85];
}

/// <summary>P-384 (NIST SP 800-186, 3.2.1.4). Constants in Montgomery form.</summary>
internal readonly struct P384Curve : IWeierstrassCurve
{
    public static ReadOnlySpan<ulong> B => [0x081188719d412dcc, 0xf729add87a4c32ec, 0x77f2209b1920022e, 0xe3374bee94938ae2, 0xb62b21f41f022094, 0xcd08114b604fbff9];

    public static ReadOnlySpan<ulong> BaseX => [0x3dd0756649c0b528, 0x20e378e2a0d6ce38, 0x879c3afc541b4d6e, 0x6454868459a30eff, 0x812ff723614ede2b, 0x4d3aadc2299e1513];

    public static ReadOnlySpan<ulong> BaseY => [0x23043dad4b03a4fe, 0xa1bfa8bf7bb4a9ac, 0x8bade7562e83b050, 0xc6c3521968f4ffd9, 0xdd8002263969a840, 0x2b78abc25a15c5e9];
}
