using System;
using System.Collections.Generic;
using System.Text;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Contracts.Network;
using Cloister.Linux;
using Cloister.Net;

namespace Cloister.Kernel;

/// <summary>
/// What an enclave is to run as one string of bytes, and how it ended as another: for enclaves that don't share their launcher's memory.
/// There is one way to write a configuration, so that it can be measured.
/// </summary>
public static class ConfigurationFormat
{
    private const int Version = 1;

    // More than any system call's number.
    private const int MostCounts = 4096;

    private const int MostLimits = 64;

    /// <summary>Writes a configuration.</summary>
    public static byte[] Write(EnclaveConfiguration configuration)
    {
        var writer = new ByteWriter();
        writer.Number(Version);
        writer.Strings(configuration.Command);
        writer.Strings(configuration.Environment);
        writer.Bytes(configuration.WorkingDirectory);
        writer.Number(configuration.InheritedFiles.Count);
        foreach (InheritedFile file in configuration.InheritedFiles)
        {
            writer.Number(file.Descriptor);
            writer.Number(file.Stream);
            writer.Number(file.Share);
            writer.Number((long)file.Flags);
        }

        WriteAttributes(writer, configuration.Attributes);
        writer.Number(configuration.UserId);
        writer.Number(configuration.GroupId);
        writer.Number(configuration.Mounts.Count);
        foreach (EnclaveMount mount in configuration.Mounts)
        {
            writer.Number(mount.Share);
            writer.Bytes(mount.Target);
            writer.Number((long)mount.Kind);
        }

        writer.Number(configuration.EncryptedMounts.Count);
        foreach (EncryptedMount mount in configuration.EncryptedMounts)
        {
            writer.Number(mount.Share);
            writer.Text(mount.Target);
            writer.Bytes(mount.Key);
            writer.Number(mount.IsReadOnly ? 1 : 0);
            writer.Text(mount.CloneName);
        }

        writer.Number((long)configuration.Network.Mode);
        writer.Number(configuration.Network.AllowsEgress ? 1 : 0);
        writer.Number(configuration.Network.Published.Count);
        foreach (PublishedPort published in configuration.Network.Published)
        {
            writer.Number((long)published.Protocol);
            writer.Number(published.Port);
        }

        writer.Number(configuration.Resolver is null ? 0 : 1);
        writer.Bytes(configuration.Resolver ?? []);
        writer.Number(configuration.MemoryBytes);
        writer.Number(configuration.HasTerminal ? 1 : 0);
        writer.Number(configuration.IsBackground ? 1 : 0);
        writer.Number(configuration.AllowsPrograms ? 1 : 0);
        writer.Text(configuration.StraceFilter);
        writer.Number((long)configuration.LogLevel);
        writer.Number(configuration.ChecksLocks ? 1 : 0);
        writer.Number(configuration.ShowStatistics ? 1 : 0);
        return writer.ToArray();
    }

    /// <summary>Reads a configuration.</summary>
    /// <returns>False for bytes that are none.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out EnclaveConfiguration? configuration)
    {
        configuration = null;
        var reader = new ByteReader(bytes);
        if (reader.Number() != Version)
            return false;
        List<byte[]> command = reader.Strings();
        List<byte[]> environment = reader.Strings();
        byte[] directory = reader.Bytes();
        var files = new List<InheritedFile>();
        for (long left = reader.Count(); left > 0; left--)
            files.Add(new InheritedFile((int)reader.Number(), (int)reader.Number(), (int)reader.Number(), (OpenFlags)reader.Number()));
        InheritedAttributes attributes = ReadAttributes(ref reader);
        uint user = (uint)reader.Number();
        uint group = (uint)reader.Number();
        var mounts = new List<EnclaveMount>();
        for (long left = reader.Count(); left > 0; left--)
            mounts.Add(new EnclaveMount((int)reader.Number(), reader.Bytes(), (EnclaveMountKind)reader.Number()));
        var encrypted = new List<EncryptedMount>();
        for (long left = reader.Count(); left > 0; left--)
            encrypted.Add(new EncryptedMount((int)reader.Number(), reader.Text() ?? "", reader.Bytes(), reader.Number() != 0, reader.Text()));
        var mode = (NetworkMode)reader.Number();
        bool allowsEgress = reader.Number() != 0;
        var published = new List<PublishedPort>();
        for (long left = reader.Count(); left > 0; left--)
            published.Add(new PublishedPort((NetworkProtocol)reader.Number(), (ushort)reader.Number()));
        bool hasResolver = reader.Number() != 0;
        byte[] resolver = reader.Bytes();
        configuration = new EnclaveConfiguration
        {
            Command = command,
            Environment = environment,
            WorkingDirectory = directory,
            InheritedFiles = files,
            Attributes = attributes,
            UserId = user,
            GroupId = group,
            Mounts = mounts,
            EncryptedMounts = encrypted,
            Network = new NetworkConfiguration { Mode = mode, AllowsEgress = allowsEgress, Published = published },
            Resolver = hasResolver ? resolver : null,
            MemoryBytes = reader.Number(),
            HasTerminal = reader.Number() != 0,
            IsBackground = reader.Number() != 0,
            AllowsPrograms = reader.Number() != 0,
            StraceFilter = reader.Text(),
            LogLevel = (EnclaveLogLevel)reader.Number(),
            ChecksLocks = reader.Number() != 0,
            ShowStatistics = reader.Number() != 0,
        };
        return reader.IsAtEnd && command.Count > 0 && mounts.Count > 0;
    }

    /// <summary>Writes how an enclave ended.</summary>
    public static byte[] Write(ExitStatus status)
    {
        var writer = new ByteWriter();
        writer.Number(status.Code);
        writer.Text(status.Error);
        writer.Number(status.SyscallCounts.Length);
        foreach (long count in status.SyscallCounts)
            writer.Number(count);
        return writer.ToArray();
    }

    /// <summary>Reads how an enclave ended.</summary>
    /// <returns>False for bytes that say nothing of the kind.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ExitStatus status)
    {
        var reader = new ByteReader(bytes);
        int code = (int)reader.Number();
        string? error = reader.Text();
        long count = reader.Count();
        var counts = new long[count <= MostCounts ? count : 0];
        for (int i = 0; i < counts.Length; i++)
            counts[i] = reader.Number();
        status = new ExitStatus(code, error, counts);
        return reader.IsAtEnd;
    }

    private static void WriteAttributes(ByteWriter writer, InheritedAttributes attributes)
    {
        writer.Number(attributes.Umask);
        writer.Number((long)attributes.IgnoredSignals);
        writer.Number((long)attributes.BlockedSignals);
        writer.Number(attributes.Limits.Count);
        for (int resource = 0; resource < MostLimits; resource++)
        {
            if (!attributes.Limits.TryGetValue(resource, out (ulong Soft, ulong Hard) limit))
                continue;
            writer.Number(resource);
            writer.Number((long)limit.Soft);
            writer.Number((long)limit.Hard);
        }
    }

    private static InheritedAttributes ReadAttributes(ref ByteReader reader)
    {
        uint umask = (uint)reader.Number();
        ulong ignored = (ulong)reader.Number();
        ulong blocked = (ulong)reader.Number();
        var limits = new Dictionary<int, (ulong Soft, ulong Hard)>();
        for (long left = reader.Count(); left > 0; left--)
            limits[(int)reader.Number()] = ((ulong)reader.Number(), (ulong)reader.Number());
        return new InheritedAttributes { Umask = umask, IgnoredSignals = ignored, BlockedSignals = blocked, Limits = limits };
    }
}
