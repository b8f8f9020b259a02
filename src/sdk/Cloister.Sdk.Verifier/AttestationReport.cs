using System;
using System.Buffers.Binary;
using System.IO;
using Cloister.Crypto;

namespace Cloister.Sdk.Verifier;

/// <summary>What is wrong with a report.</summary>
public enum ReportProblem
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The device's key isn't one that the verifier trusts.</summary>
    UnknownDevice,

    /// <summary>The device hasn't signed this monitor.</summary>
    MonitorNotSigned,

    /// <summary>The monitor isn't the one that is expected.</summary>
    OtherMonitor,

    /// <summary>The monitor hasn't signed this enclave.</summary>
    EnclaveNotSigned,

    /// <summary>The enclave isn't the one that is expected.</summary>
    OtherEnclave,
}

/// <summary>A report of a Keystone monitor, 1,352 bytes. Nothing in it is true before <see cref="Verify"/> has said so.</summary>
public sealed class AttestationReport
{
    /// <summary>Bytes of a report.</summary>
    public const int Size = 1352;

    private const int MaxData = 1024, Data = 72, EnclaveSignature = 1096, Monitor = 1160, MonitorSize = 96;
    private const int MonitorKey = 1224, MonitorSignature = 1256, Device = 1320;

    private readonly byte[] _bytes;
    private readonly int _length;

    /// <summary>Reads a report.</summary>
    /// <exception cref="InvalidDataException">It has another size, or says that it has more data than it can have.</exception>
    public AttestationReport(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new InvalidDataException($"A report has {Size} bytes, and this has {bytes.Length}.");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(bytes[EnclaveMeasurement.Size..]);
        if (length > MaxData)
            throw new InvalidDataException($"A report has at most {MaxData} bytes of data, and this says {length}.");
        _bytes = bytes.ToArray();
        _length = (int)length;
    }

    /// <summary>The key of the simulated device, which is no secret: whoever has a monitor's image can sign with it.</summary>
    public static ReadOnlySpan<byte> SimulatedDevice => s_simulatedDevice;

    private static readonly byte[] s_simulatedDevice = MakeSimulatedDevice();

    /// <summary>What the enclave is.</summary>
    public ReadOnlySpan<byte> Enclave => _bytes.AsSpan(0, EnclaveMeasurement.Size);

    /// <summary>What the monitor is.</summary>
    public ReadOnlySpan<byte> MonitorMeasurement => _bytes.AsSpan(Monitor, EnclaveMeasurement.Size);

    /// <summary>What the enclave says.</summary>
    public ReadOnlySpan<byte> UserData => _bytes.AsSpan(Data, _length);

    /// <summary>The key of the device.</summary>
    public ReadOnlySpan<byte> DeviceKey => _bytes.AsSpan(Device, Ed25519.PublicKeySize);

    /// <summary>Whether the device's key is the simulated one.</summary>
    public bool IsSimulated => DeviceKey.SequenceEqual(SimulatedDevice);

    /// <summary>Verifies the chain from a trusted device to an enclave: device, monitor, enclave.</summary>
    /// <param name="device">The device's public key.</param>
    /// <param name="monitor">The monitor's measurement; empty where any that the device has signed is right.</param>
    /// <param name="enclave">The enclave's measurement; empty where any is right.</param>
    public ReportProblem Verify(ReadOnlySpan<byte> device, ReadOnlySpan<byte> monitor, ReadOnlySpan<byte> enclave)
    {
        if (!DeviceKey.SequenceEqual(device))
            return ReportProblem.UnknownDevice;
        if (!ExpandedEd25519.VerifyData<Sha3_512>(device, _bytes.AsSpan(Monitor, MonitorSize), _bytes.AsSpan(MonitorSignature, Ed25519.SignatureSize)))
            return ReportProblem.MonitorNotSigned;
        if (!monitor.IsEmpty && !MonitorMeasurement.SequenceEqual(monitor))
            return ReportProblem.OtherMonitor;
        if (!ExpandedEd25519.VerifyData<Sha3_512>(_bytes.AsSpan(MonitorKey, Ed25519.PublicKeySize), _bytes.AsSpan(0, Data + _length),
            _bytes.AsSpan(EnclaveSignature, Ed25519.SignatureSize)))
            return ReportProblem.EnclaveNotSigned;
        return enclave.IsEmpty || Enclave.SequenceEqual(enclave) ? ReportProblem.None : ReportProblem.OtherEnclave;
    }

    private static byte[] MakeSimulatedDevice()
    {
        byte[] key = new byte[Ed25519.PublicKeySize];
        ExpandedEd25519.CreateKeys<Sha3_512>("Cloister simulated device key 01"u8, new byte[ExpandedEd25519.PrivateKeySize], key);
        return key;
    }
}
