using System;
using System.Collections.Generic;
using System.IO;
using Xunit;
using Bcl = System.Security.Cryptography;

namespace Cloister.Crypto.Tests;

public sealed class RsaTests
{
    [Theory]
    [InlineData("SigVer15_186-3.rsp", false)]
    [InlineData("SigVerPSS_186-3.rsp", true)]
    public void PassesNistVectors(string file, bool isPss)
    {
        string path = VectorFiles.Packaged("asymmetric/RSA/FIPS_186-2/" + file);
        byte[] modulus = [];
        int count = 0;
        foreach (Dictionary<string, string> record in VectorFiles.Records(path))
        {
            if (record.TryGetValue("n", out string? n))
                modulus = Convert.FromHexString(n);
            if (!record.TryGetValue("S", out string? s) || modulus.Length < 256)
                continue;
            byte[] exponent = Convert.FromHexString(record["e"].TrimStart('0') is { Length: > 0 } e ? (e.Length % 2 == 0 ? e : "0" + e) : "00");
            byte[] message = Convert.FromHexString(record["Msg"]);
            byte[] signature = Convert.FromHexString(s.PadLeft(2 * modulus.Length, '0'));
            int salt = isPss && record.TryGetValue("SaltVal", out string? value) && value != "00" ? value.Length / 2 : 0;
            bool? accepted = record["SHAAlg"] switch
            {
                "SHA256" => Verify<Sha256>(modulus, exponent, message, signature, isPss, salt),
                "SHA384" => Verify<Sha384>(modulus, exponent, message, signature, isPss, salt),
                "SHA512" => Verify<Sha512>(modulus, exponent, message, signature, isPss, salt),
                _ => null,
            };
            if (accepted is null)
                continue;
            Assert.True(accepted == record["Result"].StartsWith('P'), $"{file}: {record["Msg"][..16]} is {record["Result"]}.");
            count++;
        }

        Assert.True(count >= 30, $"{count} vectors.");
    }

    [Fact]
    public void RefusesKeysThatAreNone()
    {
        using var reference = Bcl.RSA.Create(2048);
        byte[] modulus = reference.ExportParameters(false).Modulus!;
        byte[] padded = new byte[256];
        foreach (byte[] exponent in (byte[][])[[1], [0, 1], [], [2], new byte[9]])
            Assert.Contains("exponent", Assert.Throws<ArgumentException>(() => RsaVerification.VerifyPkcs1<Sha256>(modulus, exponent, [], padded)).Message);
        foreach (int size in (int[])[0, 255, 513, 1024])
        {
            Assert.Contains("modulus", Assert.Throws<ArgumentException>(() => RsaVerification.VerifyPkcs1<Sha256>(new byte[size], [3], [], padded)).Message);
            Assert.Contains("modulus", Assert.Throws<ArgumentException>(() => RsaVerification.VerifyPss<Sha256>(new byte[size], [3], [], padded)).Message);
        }
    }

    [Theory]
    [InlineData(2048)]
    [InlineData(3072)]
    [InlineData(4096)]
    public void AgreesWithSystem(int bits)
    {
        using var reference = Bcl.RSA.Create(bits);
        Bcl.RSAParameters parameters = reference.ExportParameters(false);
        var random = new Random(bits);
        for (int i = 0; i < 20; i++)
        {
            byte[] data = new byte[random.Next(300)];
            random.NextBytes(data);
            byte[] signature = reference.SignData(data, Bcl.HashAlgorithmName.SHA256, Bcl.RSASignaturePadding.Pkcs1);
            Assert.True(RsaVerification.VerifyPkcs1<Sha256>(parameters.Modulus, parameters.Exponent, data, signature));
            signature[random.Next(signature.Length)] ^= 1;
            Assert.False(RsaVerification.VerifyPkcs1<Sha256>(parameters.Modulus, parameters.Exponent, data, signature));
            signature = reference.SignData(data, Bcl.HashAlgorithmName.SHA512, Bcl.RSASignaturePadding.Pss);
            Assert.True(RsaVerification.VerifyPss<Sha512>(parameters.Modulus, parameters.Exponent, data, signature));
            signature[random.Next(signature.Length)] ^= 1;
            Assert.False(RsaVerification.VerifyPss<Sha512>(parameters.Modulus, parameters.Exponent, data, signature));
        }
    }

    private static bool Verify<THash>(byte[] modulus, byte[] exponent, byte[] message, byte[] signature, bool isPss, int salt)
        where THash : struct, IHash<THash> => isPss
        ? RsaVerification.VerifyPss<THash>(modulus, exponent, message, signature, salt)
        : RsaVerification.VerifyPkcs1<THash>(modulus, exponent, message, signature);
}
