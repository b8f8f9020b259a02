using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Cloister.Abi.Files;
using Cloister.Linux.Syscalls;

namespace Cloister.Cli.Preflight;

/// <summary>
/// What the kernel inside has and lacks, from its own tables: the catalogue of system calls that its dispatch is generated from, and the constants
/// that its ioctl and socket calls are written with.
/// </summary>
internal sealed class KernelKnowledge
{
    private readonly Dictionary<string, SyscallDescription> _calls = [];
    private readonly HashSet<string> _requests = NamesOf(typeof(Ioctls));
    private readonly HashSet<string> _socketOptions = NamesOf(typeof(SocketOptions));

    public KernelKnowledge()
    {
        foreach (SyscallDescription call in SyscallCatalog.All)
            _calls[call.Name] = call;
    }

    /// <summary>The system call of a name; null where Linux 6.1 has none on this CPU.</summary>
    public SyscallDescription? Find(string name) => _calls.TryGetValue(Canonical(name), out SyscallDescription call) ? call : null;

    /// <summary>What of a call that programs made is missing.</summary>
    public IEnumerable<Finding> Judge(TracedCall traced)
    {
        // What fails on this machine too is nothing that the program relies on.
        if (traced.HasFailed)
            yield break;
        if (Find(traced.Name) is not { } call)
        {
            if (!traced.Name.Contains("SIG", StringComparison.Ordinal))
                yield return new Finding(FindingKind.Call, traced.Name, "ENOSYS", "Newer than the kernel inside, which is that of Linux 6.1.", IsOptional: true);
            yield break;
        }

        if (call.Support == SyscallSupport.None)
        {
            yield return OfCall(call);
            yield break;
        }

        foreach (string name in traced.Constants)
        {
            if (IsLacking(call, name))
                yield return new Finding(FindingKind.Flag, $"{call.Name} {name}", "", call.Note);
        }

        if (call.Name == "ioctl" && RequestOf(traced) is { } request && !_requests.Contains(request))
            yield return new Finding(FindingKind.Ioctl, request, "ENOTTY", call.Note);
        if (call.Name is "setsockopt" or "getsockopt" && OptionOf(traced) is { } option && !_socketOptions.Contains(option))
            yield return new Finding(FindingKind.SocketOption, option, "ENOPROTOOPT", call.Note);
    }

    /// <summary>A call that is not implemented.</summary>
    public static Finding OfCall(in SyscallDescription call) =>
        new(FindingKind.Call, call.Name, call.Result.ToString(), call.Note, call.IsOptional);

    private static bool IsLacking(in SyscallDescription call, string name)
    {
        foreach (string lacking in call.Lacks.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (lacking.EndsWith('*') ? name.StartsWith(lacking[..^1], StringComparison.Ordinal) : name == lacking)
                return true;
        }

        return false;
    }

    private static string? RequestOf(in TracedCall call)
    {
        foreach (string name in call.Constants)
            return name;
        return null;
    }

    // Options of IP and its transports are passed on to the host, as far as the enclave has them.
    private static string? OptionOf(in TracedCall call)
    {
        bool isOfSockets = false;
        foreach (string name in call.Constants)
        {
            if (isOfSockets)
                return name;
            isOfSockets = name == "SOL_SOCKET";
            if (!isOfSockets)
                return null;
        }

        return null;
    }

    // strace has other names for some calls than the kernel's table.
    private static string Canonical(string name) => name switch
    {
        "pread" => "pread64",
        "pwrite" => "pwrite64",
        "umount" => "umount2",
        "fadvise" => "fadvise64",
        _ => name,
    };

    private static HashSet<string> NamesOf([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] Type constants)
    {
        var names = new HashSet<string>();
        foreach (FieldInfo field in constants.GetFields(BindingFlags.Public | BindingFlags.Static))
            names.Add(field.Name);
        return names;
    }
}
