using System;
using Cloister.Crypto;
using Cloister.Sdk.Enclave;

// A secret that outlives the enclave: it is made once, kept by the host as a file that only this enclave can read, and proven to a verifier, who
// sent the
// challenge, by a report with the challenge and the secret's hash.
const int Load = 2, Store = 3, Challenge = 4, Report = 5;
const int NonceSize = AesGcm.NonceSize, TagSize = AesGcm.TagSize, SecretSize = 32, SealedSize = NonceSize + SecretSize + TagSize;

byte[] key = Trust.SealingKey("example"u8);
using var cipher = new AesGcm(key.AsSpan(0, 32));
byte[] stored = new byte[SealedSize];
byte[] secret = new byte[SecretSize];
int length = HostCalls.Call(Load, default, stored);
if (length == SealedSize)
{
    if (!cipher.TryDecrypt(stored.AsSpan(0, NonceSize), stored.AsSpan(NonceSize, SecretSize), stored.AsSpan(NonceSize + SecretSize), secret))
    {
        Console.WriteLine("The host has changed the sealed file.");
        return 1;
    }

    Console.WriteLine("The secret is the one of an earlier run.");
}
else
{
    Trust.FillRandom(secret);
    Trust.FillRandom(stored.AsSpan(0, NonceSize));
    cipher.Encrypt(stored.AsSpan(0, NonceSize), secret, stored.AsSpan(NonceSize, SecretSize), stored.AsSpan(NonceSize + SecretSize));
    HostCalls.Call(Store, stored, default);
    Console.WriteLine("The secret is new.");
}

byte[] data = new byte[64];
int challenge = HostCalls.Call(Challenge, default, data.AsSpan(0, 32));
Sha256.HashData(secret, data.AsSpan(32));
HostCalls.Call(Report, Trust.Report(data), default);
return challenge < 0 ? 1 : 0;
