using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Cloister.Contracts.Files;
using Cloister.Contracts.Network;
using Cloister.Kernel;
using Cloister.Linux;
using Cloister.Net;
using Xunit;

namespace Cloister.Architecture.Tests;

/// <summary>What an enclave is to run reaches kernels that don't share the launcher's memory: all of it.</summary>
public sealed class ConfigurationFormatTests
{
    private static readonly EnclaveConfiguration s_plain = new()
    {
        Command = ["true"u8.ToArray()],
        Environment = [],
        WorkingDirectory = "/"u8.ToArray(),
        Mounts = [new EnclaveMount(0, "/"u8.ToArray(), EnclaveMountKind.WritableLayer)],
        MemoryBytes = 1,
    };

    // The same with one property changed, by the property's name.
    private static readonly Dictionary<string, EnclaveConfiguration> s_changed = new()
    {
        ["Command"] = s_plain with { Command = ["true"u8.ToArray(), "x"u8.ToArray()] },
        ["Environment"] = s_plain with { Environment = ["A=1"u8.ToArray()] },
        ["WorkingDirectory"] = s_plain with { WorkingDirectory = "/tmp"u8.ToArray() },
        ["InheritedFiles"] = s_plain with { InheritedFiles = [new InheritedFile(3, 3, -1, 0)] },
        ["Attributes"] = s_plain with { Attributes = new InheritedAttributes { Limits = new Dictionary<int, (ulong, ulong)> { [7] = (1, ulong.MaxValue) } } },
        ["UserId"] = s_plain with { UserId = 1 },
        ["GroupId"] = s_plain with { GroupId = 1 },
        ["Mounts"] = s_plain with { Mounts = [.. s_plain.Mounts, new EnclaveMount(1, "/data"u8.ToArray(), EnclaveMountKind.ReadOnly)] },
        ["EncryptedMounts"] = s_plain with { EncryptedMounts = [new EncryptedMount(1, "/secret", [1, 2], true, "clone")] },
        ["Network"] = s_plain with { Network = new NetworkConfiguration { Published = [new PublishedPort((NetworkProtocol)1, 80)], AllowsEgress = true } },
        ["Resolver"] = s_plain with { Resolver = [] },
        ["MemoryBytes"] = s_plain with { MemoryBytes = 2 },
        ["HasTerminal"] = s_plain with { HasTerminal = true },
        ["IsBackground"] = s_plain with { IsBackground = true },
        ["AllowsPrograms"] = s_plain with { AllowsPrograms = true },
        ["StraceFilter"] = s_plain with { StraceFilter = "" },
        ["LogLevel"] = s_plain with { LogLevel = EnclaveLogLevel.Debug },
        ["ChecksLocks"] = s_plain with { ChecksLocks = true },
        ["ShowStatistics"] = s_plain with { ShowStatistics = true },
    };

    [Fact]
    public void EveryPropertyIsTested() =>
        Assert.Equal(typeof(EnclaveConfiguration).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name).Order(),
            s_changed.Keys.Order());

    [Fact]
    public void WhatWasWrittenIsRead()
    {
        byte[] plain = ConfigurationFormat.Write(s_plain);
        foreach ((string name, EnclaveConfiguration configuration) in s_changed)
        {
            byte[] bytes = ConfigurationFormat.Write(configuration);
            Assert.False(bytes.AsSpan().SequenceEqual(plain), name);
            Assert.True(ConfigurationFormat.TryRead(bytes, out EnclaveConfiguration? read), name);
            Assert.True(ConfigurationFormat.Write(read!).AsSpan().SequenceEqual(bytes), name);
        }
    }

    [Fact]
    public void WhatIsCutIsRefused()
    {
        byte[] bytes = ConfigurationFormat.Write(s_changed["Network"]);
        for (int length = 0; length < bytes.Length; length++)
            Assert.False(ConfigurationFormat.TryRead(bytes.AsSpan(0, length), out EnclaveConfiguration? _));
    }
}
