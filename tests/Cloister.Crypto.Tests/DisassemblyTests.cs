using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Runtime.Intrinsics.X86;
using System.Text.RegularExpressions;
using Xunit;

namespace Cloister.Crypto.Tests;

/// <summary>
/// Looks at the code that the JIT makes, fully optimized, of the functions that handle secrets, for every level of features that the code has, whatever
/// this machine's: no division, and no conditional branch but those that depend on constants alone (<see cref="CodeListing"/>) and those that are
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
        ("Inversion256`2[Word64,P256Prime]:Combine", 0),
        ("Inversion256`2[Word64,P256Order]:Combine", 0),
        ("Inversion256`2[Word64,P256Prime]:Multiply", 0),
        ("Inversion256`2[Word64,P256Order]:Multiply", 0),
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
        ("Inversion256`2[Word64,P256Prime]:Steps", 1),
        ("Inversion256`2[Word64,P256Order]:Steps", 1),
        ("Inversion256`2[Word64,P256Prime]:Invert", 8),
        ("Inversion256`2[Word64,P256Order]:Invert", 8),
        ("ScalarMultiplication:Look[", 5),
        ("ScalarMultiplication:MultiplyBase", 3),
        ("ScalarMultiplication:Multiply[", 4),
        ("Scalars:IsBelow", 5),
        ("Scalars:IsZero", 2),
        ("BitslicedAes:ShiftRows", 4),
        ("BitslicedAes:UnshiftRows", 4),
        ("BitslicedAes:AddRoundKey", 5),
        ("BitslicedAes:Encrypt", 7),
        ("BitslicedAes:Decrypt", 6),
        ("ChaCha20Core:Block", 3),
        ("Sha256Core:Compress", 6),
        ("Sha256Core:Extend", 2),
        ("Sha512Core:Compress", 6),
        ("Sha512Core:Extend", 2),
        ("Keccak:Permute", 2),
        ("HardwareGcm:ComputePowers", 3),
        ("HardwareGcm:Crypt[", 5),
        ("HardwareAes:EncryptEight", 2),
        ("X25519:Multiply", 6),
        ("FixedTime:Equals", 2),
    ];

    // What is compiled only where the processor has the instructions.
    private static readonly string[] s_hardware = ["HardwareGcm:", "HardwareAes:"];

    // Features switched off, as the runtime knows them; a processor that lacks them anyway is looked at as it is.
    public static TheoryData<string> Levels => ["", "EnableAVX512", "EnableAVX2 EnableAVX512", "EnableAVX", "EnableHWIntrinsic"];

    [Theory]
    [MemberData(nameof(Levels))]
    public void SecretsMeetNoBranchAndNoDivision(string switchedOff)
    {
        Dictionary<string, CodeListing> methods = Disassemble(switchedOff);
        // The tool must see what there is: a comparison that ends early, and a division, both of public numbers.
        Assert.True(Find(methods, "RsaVerification:Compare")!.Branches >= 4);
        CodeListing? expansion = Find(methods, "HardwareAes:ExpandKey");
        Assert.True(expansion is null ? !Aes.IsSupported || switchedOff == "EnableHWIntrinsic" : expansion.Divisions >= 1);
        var found = new List<string>();
        foreach ((string part, int allowed) in s_secret)
        {
            bool seen = expansion is null && Array.Exists(s_hardware, hardware => part.StartsWith(hardware, StringComparison.Ordinal));
            foreach ((string name, CodeListing code) in methods)
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

        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Theory]
    // A frame is cleared: the counter comes from constants.
    [InlineData(0, "mov rax, -336", "vmovdqu xmmword ptr [rbp+rax-0x30], xmm8", "vmovdqu xmmword ptr [rbp+rax-0x20], xmm8", "add rax, 48", "jne SHORT  -4 instr")]
    // A large frame is touched, a page at a time.
    [InlineData(0, "lea rax, [rsp-0x3000]", "G_M1_IG02:", "sub rsp, 0x1000", "test dword ptr [rsp], esp", "cmp rsp, rax", "jae SHORT G_M1_IG02")]
    // The same loop with a counter that was given.
    [InlineData(1, "mov rax, rdi", "vmovdqu xmmword ptr [rbp+rax-0x30], xmm8", "add rax, 48", "jne SHORT  -3 instr")]
    // A byte of memory decides.
    [InlineData(1, "xor eax, eax", "mov al, byte ptr [rdi]", "test eax, eax", "je SHORT G_M1_IG03", "G_M1_IG03:", "ret")]
    // A constant on one path only.
    [InlineData(1, "mov ecx, 5", "test esi, esi", "G_M1_IG02:", "cmp ecx, 4", "mov ecx, edx", "jne SHORT G_M1_IG02")]
    // Flags of vectors.
    [InlineData(1, "xor eax, eax", "vptest ymm0, ymm0", "je SHORT G_M1_IG03", "G_M1_IG03:", "ret")]
    // A carry that goes on.
    [InlineData(1, "xor eax, eax", "add qword ptr [rdi], 1", "adc rax, 0", "jb SHORT G_M1_IG03", "G_M1_IG03:", "ret")]
    public void BranchesOnConstantsAreToldFromOthers(int branches, params string[] lines)
    {
        var code = new CodeListing();
        foreach (string line in lines)
            code.Add(line.EndsWith(':') ? line : "       " + line);
        Assert.Equal(branches, code.Branches);
    }

    /// <summary>What the child process runs, so that the JIT compiles everything.</summary>
    [Fact]
    public void EveryOperationRuns()
    {
        using var all = new AllOperations();
        foreach ((_, Action run) in all.Each())
            run();
    }

    private static CodeListing? Find(Dictionary<string, CodeListing> methods, string part)
    {
        foreach ((string name, CodeListing code) in methods)
        {
            if (name.Contains(part, StringComparison.Ordinal))
                return code;
        }

        return null;
    }

    private static Dictionary<string, CodeListing> Disassemble(string switchedOff)
    {
        string listing = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!, $"-noLogo -noColor -method {typeof(DisassemblyTests).FullName}.{nameof(EveryOperationRuns)}")
            {
                RedirectStandardOutput = true,
            };
            foreach (string feature in switchedOff.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                start.Environment["DOTNET_" + feature] = "0";
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

    private static Dictionary<string, CodeListing> Parse(string listing)
    {
        var methods = new Dictionary<string, CodeListing>();
        CodeListing? current = null;
        foreach (string line in File.ReadLines(listing))
        {
            Match header = Header().Match(line);
            if (header.Success)
            {
                string name = header.Groups[1].Value;
                current = name.StartsWith("Cloister.Crypto.", StringComparison.Ordinal) ? new CodeListing() : null;
                if (current is not null)
                    methods[name.Replace("Cloister.Crypto.", "", StringComparison.Ordinal)] = current;
                continue;
            }

            current?.Add(line);
        }

        if (methods.Count == 0)
            Assert.Skip("This runtime's JIT doesn't list its code.");
        return methods;
    }

    [GeneratedRegex(@"^; Assembly listing for method (.*) \((.*)\)")]
    private static partial Regex Header();
}
