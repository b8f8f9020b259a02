using System.Collections.Generic;
using Cloister.Contracts.Files;
using Cloister.Contracts.Storage;
using Cloister.Linux;
using Cloister.Net;

namespace Cloister.Kernel;

/// <summary>What an enclave is to run, and how. Chosen by who starts it; the host's part of it is not trusted.</summary>
public sealed record EnclaveConfiguration
{
    /// <summary>The program and its arguments. A program without '/' is looked for in the PATH of <see cref="Environment"/>, inside.</summary>
    public required IReadOnlyList<byte[]> Command { get; init; }

    /// <summary>The environment: strings "NAME=value", in order.</summary>
    public required IReadOnlyList<byte[]> Environment { get; init; }

    /// <summary>The working directory, an absolute path inside.</summary>
    public required byte[] WorkingDirectory { get; init; }

    /// <summary>The open files that the first process begins with.</summary>
    public IReadOnlyList<InheritedFile> InheritedFiles { get; init; } = [];

    /// <summary>What else the first process has of its caller.</summary>
    public InheritedAttributes Attributes { get; init; } = new();

    /// <summary>User id of the first process.</summary>
    public uint UserId { get; init; }

    /// <summary>Group id of the first process.</summary>
    public uint GroupId { get; init; }

    /// <summary>What of the host's files is mounted where; the first is the root.</summary>
    public required IReadOnlyList<EnclaveMount> Mounts { get; init; }

    /// <summary>Volumes that only this enclave can read, in the order in which they are mounted.</summary>
    public IReadOnlyList<EncryptedMount> EncryptedMounts { get; init; } = [];

    /// <summary>Whom its programs may talk to.</summary>
    public NetworkConfiguration Network { get; init; } = new();

    /// <summary>Contents of /etc/resolv.conf in place of the root file system's; null to leave it as it is.</summary>
    public byte[]? Resolver { get; init; }

    /// <summary>Enclave memory in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Whether the launcher's terminal is the controlling terminal of the first process.</summary>
    public bool HasTerminal { get; init; }

    /// <summary>
    /// Whether the launcher runs in the background: it isn't stopped along with its programs, as no shell would continue it, and is told when
    /// the first one runs.
    /// </summary>
    public bool IsBackground { get; init; }

    /// <summary>
    /// Whether the host may start more programs, with the rights that it asks for. It is what a TEE measures: whoever trusts such an
    /// enclave trusts its host with everything in it.
    /// </summary>
    public bool AllowsPrograms { get; init; }

    /// <summary>Which system calls are printed, null for none: "all", or names separated by commas, all but these after a '!'.</summary>
    public string? StraceFilter { get; init; }

    /// <summary>What is logged.</summary>
    public EnclaveLogLevel LogLevel { get; init; } = EnclaveLogLevel.Warning;

    /// <summary>Whether the order of the kernel's locks is checked: a lock taken against it ends the enclave. For tests.</summary>
    public bool ChecksLocks { get; init; }

    /// <summary>Whether counters are printed at the end.</summary>
    public bool ShowStatistics { get; init; }
}

/// <summary>A share of the host and where it is mounted.</summary>
/// <param name="Share">Number of the share (see IHostFiles).</param>
/// <param name="Target">Absolute path inside.</param>
/// <param name="Kind">How it is mounted.</param>
public sealed record EnclaveMount(int Share, byte[] Target, EnclaveMountKind Kind);

/// <summary>An encrypted volume and where it is mounted.</summary>
/// <param name="Share">Number of the share that is the volume's file.</param>
/// <param name="Target">Absolute path inside.</param>
/// <param name="Key">The volume's key.</param>
/// <param name="IsReadOnly">Whether it is only read.</param>
/// <param name="CloneName">The clone that is mounted; null for the main files.</param>
/// <param name="Anchor">What remembers the volume's newest state, out of the host's reach; null for nothing.</param>
/// <param name="IsStrict">Whether the anchor moves with every synchronisation.</param>
public sealed record EncryptedMount(
    int Share, string Target, byte[] Key, bool IsReadOnly, string? CloneName, IFreshnessAnchor? Anchor = null, bool IsStrict = false);

/// <summary>How a share of the host is mounted.</summary>
public enum EnclaveMountKind
{
    /// <summary>The share is read-only; changes stay in enclave memory and end with the enclave.</summary>
    WritableLayer,

    /// <summary>Read-only.</summary>
    ReadOnly,

    /// <summary>Changes go to the host.</summary>
    Writable,
}

/// <summary>How much is logged.</summary>
public enum EnclaveLogLevel
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Defects and faulted services.</summary>
    Error,

    /// <summary>And what a program may miss: each system call, flag and ioctl that is not implemented, once.</summary>
    Warning,

    /// <summary>And the life of processes.</summary>
    Information,

    /// <summary>And everything else.</summary>
    Debug,
}
