using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Text.RegularExpressions;
using Xunit;

namespace Cloister.Crypto.Tests;

/// <summary>
/// Looks at the code that the JIT makes, fully optimized, of the functions that handle secrets: no division, and no conditional branch but those that are
/// counted here. Allowed branches are ends of loops over public lengths and checks of spans' lengths; the JIT has once been read for each number.
/// </summary>
public sealed partial class DisassemblyTests
{
    // A part of the method's name, and the greatest number of conditional branches.
    private static readonly (string Method, int Branches)[] s_secret =
    [
        // Arithmetic: none at all.
        ("Residue256`2[Word64,P256Prime]:op_", 0),
        ("Residue256`2[Word64,P256Order]:op_", 0),
        ("Residue256`2[Word64,Ed25519Order]:op_", 0),
        ("Residue384`2[Word64,P384Prime]:op_", 0),
        ("Residue384`2[Word64,P384Order]:op_", 0),
        ("Residue384`2[Word64,P384Prime]:Step", 0),
        ("Residue384`2[Word64,P384Order]:Step", 0),
        ("Residue384`2[Word64,P384Prime]:ReduceOnce", 0),
        ("Residue384`2[Word64,P384Order]:ReduceOnce", 0),
        ("Residue25519`1[Word64]:op_", 0),
        ("Residue256`2[Word64,P256Prime]:IsZero", 0),
        ("Residue256`2[Word64,P256Order]:IsZero", 0),
        ("EdwardsPoint`1[Word64]:op_Addition", 0),
        ("EdwardsPoint`1[Word64]:Double", 0),
        ("EdwardsPoint`1[Word64]:Negate", 0),
        ("EdwardsPoint`1[Word64]:Combine", 0),
        ("Poly1305Core`1[Word64]:", 0),
        ("PortableGhash:", 0),
        ("BitslicedAes:Spread", 0),
        ("BitslicedAes:Gather", 0),

        // One check of the stack's guard, or of one span's length.
        (",P256Curve]:op_Addition", 1),
        (",P256Curve]:Double", 1),
        (",P384Curve]:op_Addition", 1),
        (",P384Curve]:Double", 1),
        ("AesSubstitution:", 1),
        ("BitslicedAes:MixColumns", 1),
        ("BitslicedAes:SubstituteColumn", 1),

        // One loop over a public length, and checks of lengths.
        ("ScalarMultiplication:Look[", 5),
        ("ScalarMultiplication:MultiplyBase", 3),
        ("ScalarMultiplication:Multiply[", 4),
        ("Scalars:IsBelow", 5),
        ("Scalars:IsZero", 2),
        ("BitslicedAes:ShiftRows", 4),
        ("BitslicedAes:UnshiftRows", 4),
        ("BitslicedAes:AddRoundKey", 5),
        ("BitslicedAes:Encrypt", 7),
        ("BitslicedAes:Decrypt", 7),
        ("ChaCha20Core:Block", 3),
        ("Sha256Core:Compress", 6),
        ("Sha256Core:Extend", 2),
        ("Sha512Core:Compress", 6),
        ("Sha512Core:Extend", 2),
        ("Keccak:Permute", 2),
        ("HardwareGcm:ComputePowers", 3),
        ("HardwareGcm:Crypt[", 4),
        ("HardwareAes:EncryptEight", 2),
        ("X25519:Multiply", 6),
        ("FixedTime:Equals", 3),
    ];

    [Fact]
    public void SecretsMeetNoBranchAndNoDivision()
    {
        Dictionary<string, Code> methods = Disassemble();
        // The tool must see what there is: a comparison that ends early, and a division, both of public numbers.
        Assert.True(Find(methods, "RsaVerification:Compare").Branches >= 4);
        Assert.True(Find(methods, "HardwareAes:ExpandKey").Divisions >= 1);
        var found = new List<string>();
        foreach ((string part, int allowed) in s_secret)
        {
            bool seen = false;
            foreach ((string name, Code code) in methods)
            {
                if (!name.Contains(part, StringComparison.Ordinal))
                    continue;
                seen = true;
                if (code.Branches > allowed || code.Divisions != 0)
                    found.Add($"{name}: {code.Branches} branches ({allowed} allowed), {code.Divisions} divisions");
            }

            if (!seen)
                found.Add($"{part}: not seen");
        }

        Assert.Empty(found);
    }

    /// <summary>What the child process runs, so that the JIT compiles everything.</summary>
    [Fact]
    public void EveryOperationRuns()
    {
        using var all = new AllOperations();
        foreach ((_, Action run) in all.Each())
            run();
    }

    private static Code Find(Dictionary<string, Code> methods, string part)
    {
        foreach ((string name, Code code) in methods)
        {
            if (name.Contains(part, StringComparison.Ordinal))
                return code;
        }

        return default;
    }

    private static Dictionary<string, Code> Disassemble()
    {
        string listing = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!, $"-noLogo -noColor -method {typeof(DisassemblyTests).FullName}.{nameof(EveryOperationRuns)}")
            {
                RedirectStandardOutput = true,
            };
            start.Environment["DOTNET_TieredCompilation"] = "0";
            start.Environment["DOTNET_JitStdOutFile"] = listing;
            // Ours alone: the JIT's listing is not made for the many threads that the test framework compiles on, and aborts the process then.
            start.Environment["DOTNET_JitDisasm"] = "Cloister.Crypto.*:*";
            using Process process = Process.Start(start)!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, output);
            return Parse(listing);
        }
        finally
        {
            File.Delete(listing);
        }
    }

    private static Dictionary<string, Code> Parse(string listing)
    {
        var methods = new Dictionary<string, Code>();
        string? current = null;
        foreach (string line in File.ReadLines(listing))
        {
            Match header = Header().Match(line);
            if (header.Success)
            {
                string name = header.Groups[1].Value.Replace("Cloister.Crypto.", "", StringComparison.Ordinal);
                current = header.Groups[1].Value.StartsWith("Cloister.Crypto.", StringComparison.Ordinal) ? name : null;
                continue;
            }

            if (current is null)
                continue;
            string instruction = line.Trim().Split(' ')[0];
            bool isBranch = instruction.StartsWith('j') && instruction != "jmp";
            bool isDivision = instruction is "div" or "idiv";
            Code code = methods.GetValueOrDefault(current);
            methods[current] = new Code(code.Branches + (isBranch ? 1 : 0), code.Divisions + (isDivision ? 1 : 0));
        }

        if (methods.Count == 0)
            Assert.Skip("This runtime's JIT doesn't list its code.");
        return methods;
    }

    [GeneratedRegex(@"^; Assembly listing for method (.*) \((.*)\)")]
    private static partial Regex Header();

    private readonly record struct Code(int Branches, int Divisions);
}
