using System;
using Cloister.Crypto;
using Cloister.Examples;
using Cloister.Sdk.Enclave;

// A secret that outlives the enclave: it is made once, kept by the host as a file that only this enclave can read, and proven to a verifier, who
// sent the challenge, by a report with the challenge and the secret's hash.
const int NonceSize = AesGcm.NonceSize, TagSize = AesGcm.TagSize, SecretSize = 32, SealedSize = NonceSize + SecretSize + TagSize;

IExampleHost host = new ExampleHostProxy(new HostTransport());
byte[] key = Trust.SealingKey("example"u8);
using var cipher = new AesGcm(key.AsSpan(0, 32));
byte[] stored = new byte[SealedSize];
byte[] secret = new byte[SecretSize];
if (host.Load(stored) == SealedSize)
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
    host.Store(stored);
    Console.WriteLine("The secret is new.");
}

byte[] data = new byte[64];
host.Challenge(data.AsSpan(0, 32));
Sha256.HashData(secret, data.AsSpan(32));
host.Report(Trust.Report(data));
return 0;
