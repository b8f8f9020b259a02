using System;
using System.Buffers.Binary;
using Cloister.Crypto;
using Cloister.Monitor.Boot;
using Cloister.Monitor.Hardware;

namespace Cloister.Monitor.Enclaves;

/// <summary>Reports and sealing keys, in the layouts of Keystone's interface.</summary>
internal static class Attestation
{
    private const int MaxData = 1024, ReportSize = 1352;
    private const int DataLength = 64, Data = 72, EnclaveSignature = 1096, MonitorHash = 1160, MonitorKey = 1224;
    private const int MonitorSignature = 1256, DeviceKey = 1320;

    private const int SealingKeySize = 128, MaxIdentifier = 1024;

    /// <summary>Writes a report with the enclave's data. All addresses are as the enclave sees them.</summary>
    public static KeystoneError Report(ref Machine machine, int id, ulong destination, ulong source, ulong length)
    {
        if (length > MaxData)
            return KeystoneError.IllegalArgument;
        Span<byte> report = stackalloc byte[ReportSize];
        if (!Native.TryRead(source, report.Slice(Data, (int)length)))
            return KeystoneError.NotAccessible;
        WriteReport(machine.Contents[id].Measurement, in machine.Identity, (int)length, report);
        return Native.TryWrite(destination, report) ? KeystoneError.Success : KeystoneError.NotAccessible;
    }

    /// <summary>Completes a report whose data are at their place.</summary>
    public static void WriteReport(ReadOnlySpan<byte> measurement, in Identity identity, int length, Span<byte> report)
    {
        measurement.CopyTo(report);
        BinaryPrimitives.WriteUInt64LittleEndian(report[DataLength..], (ulong)length);
        ((ReadOnlySpan<byte>)identity.Measurement).CopyTo(report[MonitorHash..]);
        ((ReadOnlySpan<byte>)identity.PublicKey).CopyTo(report[MonitorKey..]);
        ((ReadOnlySpan<byte>)identity.Signature).CopyTo(report[MonitorSignature..]);
        ((ReadOnlySpan<byte>)identity.DeviceKey).CopyTo(report[DeviceKey..]);
        ExpandedEd25519.SignData<Sha3_512>(identity.PrivateKey, identity.PublicKey, report[..(Data + length)],
            report.Slice(EnclaveSignature, Ed25519.SignatureSize));
    }

    /// <summary>
    /// Writes a key that only this enclave gets on this monitor. The interface has physical addresses here: they have to be the enclave's own.
    /// </summary>
    public static KeystoneError SealingKey(ref Machine machine, int id, ulong destination, ulong source, ulong length)
    {
        MemoryRange own = machine.Enclaves[id].Private;
        if (length > MaxIdentifier)
            return KeystoneError.IllegalArgument;
        if (!MemoryRange.TryCreate(destination, SealingKeySize + Ed25519.SignatureSize, out MemoryRange to) || !own.Contains(to) ||
            !MemoryRange.TryCreate(source, length, out MemoryRange from) || !own.Contains(from))
            return KeystoneError.NotAccessible;
        WriteSealingKey(machine.Contents[id].Measurement, in machine.Identity, Native.Memory(source, (int)length),
            Native.Memory(destination, SealingKeySize + Ed25519.SignatureSize));
        return KeystoneError.Success;
    }

    /// <summary>
    /// The key is derived from all of the monitor's private key, the enclave's measurement and the identifier; a signature follows it.
    /// </summary>
    public static void WriteSealingKey(ReadOnlySpan<byte> measurement, in Identity identity, ReadOnlySpan<byte> identifier, Span<byte> sealing)
    {
        Span<byte> information = stackalloc byte[Hash.Size + MaxIdentifier];
        measurement.CopyTo(information);
        identifier.CopyTo(information[Hash.Size..]);
        Span<byte> key = stackalloc byte[SealingKeySize];
        Hkdf.DeriveKey<Sha3_512>(identity.PrivateKey, key, default, information[..(Hash.Size + identifier.Length)]);
        key.CopyTo(sealing);
        ExpandedEd25519.SignData<Sha3_512>(identity.PrivateKey, identity.PublicKey, key, sealing[SealingKeySize..]);
        FixedTime.Zero(key);
    }
}
