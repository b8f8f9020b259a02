using System;
using Cloister.Crypto;
using Cloister.Monitor.Enclaves;

namespace Cloister.Monitor.Boot;

/// <summary>
/// The root of trust, simulated: it would be in a ROM that only the processor's start can reach. It measures the monitor, derives the monitor's key
/// from
/// the device's secret and that measurement, signs both, and erases the secret.
/// </summary>
internal static class FirstStage
{
    /// <param name="image">The monitor as it was loaded.</param>
    /// <param name="secret">The seed of the device's key: 32 bytes, zeros afterwards.</param>
    public static void Run(ReadOnlySpan<byte> image, Span<byte> secret, ref Identity identity)
    {
        Span<byte> measurement = identity.Measurement, publicKey = identity.PublicKey, deviceKey = identity.DeviceKey;
        Span<byte> privateKey = identity.PrivateKey;
        Sha3_512.HashData(image, measurement);
        Span<byte> devicePrivate = stackalloc byte[ExpandedEd25519.PrivateKeySize];
        ExpandedEd25519.CreateKeys<Sha3_512>(secret, devicePrivate, deviceKey);
        secret.Clear();

        // All bytes of the secret and of the measurement go in.
        Span<byte> seed = stackalloc byte[Sha3_512.HashSizeInBytes];
        Sha3_512 derivation = Sha3_512.Create();
        derivation.Append(devicePrivate);
        derivation.Append(measurement);
        derivation.GetHashAndReset(seed);
        ExpandedEd25519.CreateKeys<Sha3_512>(seed[..Identity.Key.Size], privateKey, publicKey);
        Span<byte> statement = stackalloc byte[Hash.Size + Identity.Key.Size];
        measurement.CopyTo(statement);
        publicKey.CopyTo(statement[Hash.Size..]);
        ExpandedEd25519.SignData<Sha3_512>(devicePrivate, deviceKey, statement, identity.Signature);
        FixedTime.Zero(devicePrivate);
        FixedTime.Zero(seed);
    }
}
