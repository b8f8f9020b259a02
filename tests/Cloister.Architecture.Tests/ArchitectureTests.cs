using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace Cloister.Architecture.Tests;

/// <summary>The rules of docs/architecture.md, asserted from the built assemblies.</summary>
public sealed class ArchitectureTests
{
    // Who may refer to whom, among our own assemblies.
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["Cloister.Abi"] = [],
        ["Cloister.Contracts"] = ["Cloister.Abi"],
        ["Cloister.Crypto"] = [],
        ["Cloister.Hal"] = ["Cloister.Abi"],
        ["Cloister.Monitor"] = ["Cloister.Crypto"],
        ["Cloister.Net"] = ["Cloister.Abi", "Cloister.Contracts", "Cloister.Hal", "Cloister.Nucleus"],
        ["Cloister.Nucleus"] = ["Cloister.Abi", "Cloister.Contracts", "Cloister.Hal"],
        ["Cloister.Vfs"] = ["Cloister.Abi", "Cloister.Contracts", "Cloister.Hal", "Cloister.Nucleus"],
        ["Cloister.Linux"] = ["Cloister.Abi", "Cloister.Contracts", "Cloister.Hal", "Cloister.Nucleus"],
        ["Cloister.Storage"] = ["Cloister.Abi", "Cloister.Contracts", "Cloister.Crypto"],
        ["Cloister.Kernel"] = ["Cloister.Abi", "Cloister.Contracts", "Cloister.Hal", "Cloister.Linux", "Cloister.Net", "Cloister.Nucleus", "Cloister.Vfs", "Cloister.Storage", "Cloister.Crypto"],
        ["Cloister.Platform.Process"] = ["Cloister.Abi", "Cloister.Hal"],
        ["Cloister.Platform.Paged"] = ["Cloister.Abi", "Cloister.Hal"],
        ["Cloister.Platform.Vm"] = ["Cloister.Abi", "Cloister.Hal", "Cloister.Platform.Paged"],
        ["Cloister.Platform.Virt"] = ["Cloister.Abi", "Cloister.Crypto", "Cloister.Hal", "Cloister.Platform.Paged"],
        ["Cloister.Image"] = ["Cloister.Hal", "Cloister.Kernel", "Cloister.Platform.Paged", "Cloister.Platform.Vm"],
        ["Cloister.Image.RiscV64"] = ["Cloister.Hal", "Cloister.Kernel", "Cloister.Platform.Paged", "Cloister.Platform.Virt"],
        ["Cloister.Platform.Keystone"] = ["Cloister.Abi", "Cloister.Crypto", "Cloister.Hal", "Cloister.Platform.Paged"],
        ["Cloister.Host"] = ["Cloister.Abi", "Cloister.Contracts", "Cloister.Hal"],
        ["Cloister.Fuse"] = ["Cloister.Abi", "Cloister.Contracts"],
    };

    // What lies on the machine or the host itself, and is unsafe where it touches them.
    private static readonly string[] s_bottom = ["Cloister.Platform.Process", "Cloister.Platform.Paged", "Cloister.Platform.Vm", "Cloister.Platform.Virt",
        "Cloister.Platform.Keystone", "Cloister.Monitor"];

    private static readonly string[] s_outside = ["Cloister.Host", "Cloister.Fuse"];

    // What the inside knows nothing of: it has the HAL instead (docs/architecture.md, rule 1).
    private static readonly string[] s_bannedNamespaces =
    [
        "System.IO.", "System.Net.", "System.Linq.", "System.Threading.Tasks.", "System.Reflection.Emit.", "System.Security.Cryptography.",
        "System.Text.RegularExpressions.", "System.Dynamic.",
    ];

    private static readonly string[] s_bannedTypes =
    [
        "System.Console", "System.Environment", "System.Random", "System.Diagnostics.Stopwatch", "System.Diagnostics.Process",
        "System.DateTime", "System.Threading.ThreadPool", "System.Threading.Timer", "System.Activator", "System.GC",
    ];

    // Platforms are where the outside begins. Keys lie on the pinned object heap, so that the collector leaves no copies of them behind, and
    // that is where System.GC allocates; so do the words on which the host's futexes wait. The kernel's reserve for an exhausted heap isn't cleared,
    // since that would touch it.
    private static readonly Dictionary<string, string[]> s_exceptions = new()
    {
        ["Cloister.Crypto"] = ["System.GC"],
        ["Cloister.Linux"] = ["System.GC"],
        ["Cloister.Platform.Process"] = ["System.Environment", "System.GC"],
    };

    // What a thread holds is the thread's, and is looked at for any lock, whoever made it.
    private static readonly string[] s_checkerState = ["LockOrder.t_held", "LockOrder.s_isChecked"];

    public static TheoryData<string> Inside => [.. s_allowed.Keys.Where(name => !s_outside.Contains(name))];

    public static TheoryData<string> Services => [.. s_allowed.Keys.Where(name => !s_outside.Contains(name) && !s_bottom.Contains(name))];

    public static TheoryData<string> All => [.. s_allowed.Keys];

    [Theory]
    [MemberData(nameof(All))]
    public void DependsDownwardsOnly(string assembly)
    {
        AssemblyFacts facts = AssemblyFacts.Read(assembly);
        IEnumerable<string> ours = facts.References.Where(name => name.StartsWith("Cloister.", StringComparison.Ordinal));
        Assert.Empty(ours.Except(s_allowed[assembly]));
    }

    [Theory]
    [MemberData(nameof(Inside))]
    public void InsideUsesNoLibraryButTheRuntimes(string assembly)
    {
        AssemblyFacts facts = AssemblyFacts.Read(assembly);
        IEnumerable<string> foreign = facts.References.Where(name =>
            !name.StartsWith("Cloister.", StringComparison.Ordinal) && !name.StartsWith("System.", StringComparison.Ordinal));
        Assert.Empty(foreign);
    }

    [Theory]
    [MemberData(nameof(Inside))]
    public void InsideKnowsNothingOfOutside(string assembly)
    {
        AssemblyFacts facts = AssemblyFacts.Read(assembly);
        string[] exceptions = s_exceptions.GetValueOrDefault(assembly, []);
        IEnumerable<string> banned = facts.UsedTypes.Where(type =>
            s_bannedTypes.Contains(type) || s_bannedNamespaces.Any(space => type.StartsWith(space, StringComparison.Ordinal)));
        Assert.Empty(banned.Except(exceptions));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void OnlyPlatformsAreUnsafe(string assembly)
    {
        AssemblyFacts facts = AssemblyFacts.Read(assembly);
        Assert.False(facts.IsUnsafe);
        Assert.Empty(facts.NativeMethods);
        // Unsafe by another name. SkipInit is harmless; the compiler's code for inline arrays is its own.
        string[] harmless = facts.HasInlineArrays ? ["SkipInit", "As", "AsRef", "Add"] : ["SkipInit"];
        Assert.DoesNotContain(facts.UsedMembers, member =>
            member.StartsWith("System.Runtime.CompilerServices.Unsafe.", StringComparison.Ordinal) &&
            !harmless.Contains(member[(member.LastIndexOf('.') + 1)..]));
    }

    [Theory]
    [MemberData(nameof(Inside))]
    public void InsideHasNoMutableStatics(string assembly) => Assert.Empty(AssemblyFacts.Read(assembly).MutableStatics.Except(s_checkerState));
}
