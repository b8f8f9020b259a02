using System;
using System.Collections.Generic;
using System.IO;
using Xunit;

namespace Cloister.Crypto.Tests;

/// <summary>Vectors of NIST and of RFCs for what Wycheproof's files don't have, so that there are vectors where those are missing.</summary>
public sealed class NistVectorTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AesGcmDecrypts(bool portable)
    {
        int count = 0;
        foreach (string name in new[] { "gcmDecrypt128.rsp", "gcmDecrypt192.rsp", "gcmDecrypt256.rsp" })
        {
            foreach (Dictionary<string, string> record in VectorFiles.Records(VectorFiles.Packaged("ciphers/AES/GCM/" + name)))
            {
                if (!record.TryGetValue("Key", out string? key) || record["Tag"].Length != 32)
                    continue;
                byte[] ciphertext = Convert.FromHexString(record["CT"]);
                byte[] plaintext = new byte[ciphertext.Length];
                using var aes = new AesGcm(Convert.FromHexString(key), portable);
                bool isRight = aes.TryDecryptWithAnyNonce(Convert.FromHexString(record["IV"]), ciphertext, Convert.FromHexString(record["Tag"]), plaintext,
                    Convert.FromHexString(record["AAD"]));
                Assert.Equal(!record.ContainsKey("FAIL"), isRight);
                if (isRight)
                    Assert.Equal(Convert.FromHexString(record["PT"]), plaintext);
                count++;
            }
        }

        Assert.True(count > 1000, $"{count} vectors.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void KeyWrap(bool portable)
    {
        int count = 0;
        foreach (string size in new[] { "128", "192", "256" })
        {
            foreach (Dictionary<string, string> record in VectorFiles.Records(VectorFiles.Packaged($"keywrap/kwtestvectors/KW_AD_{size}.txt")))
            {
                if (!record.TryGetValue("K", out string? key))
                    continue;
                byte[] wrapped = Convert.FromHexString(record["C"]);
                byte[] output = new byte[wrapped.Length - 8];
                using var wrap = new AesKeyWrap(Convert.FromHexString(key), portable);
                bool isRight = wrap.TryUnwrap(wrapped, output);
                Assert.Equal(!record.ContainsKey("FAIL"), isRight);
                if (isRight)
                    Assert.Equal(Convert.FromHexString(record["P"]), output);
                count++;
            }
        }

        Assert.True(count > 300, $"{count} vectors.");
    }

    [Fact]
    public void Hmac()
    {
        foreach (Dictionary<string, string> record in VectorFiles.Records(VectorFiles.Packaged("HMAC/rfc-4231-sha256.txt")))
        {
            if (!record.TryGetValue("Msg", out string? message))
                continue;
            byte[] computed = new byte[32];
            HmacSha256.HashData(Convert.FromHexString(record["Key"]), Convert.FromHexString(message), computed);
            Assert.StartsWith(record["MD"].ToUpperInvariant(), Convert.ToHexString(computed), StringComparison.Ordinal);
        }
    }
}
