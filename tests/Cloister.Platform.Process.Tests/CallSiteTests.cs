using System;
using System.Collections.Generic;
using System.IO;
using Iced.Intel;
using Xunit;

namespace Cloister.Platform.Process.Tests;

/// <summary>
/// Decoder and call sites against Iced's decoder, over programs of Debian: C libraries, dynamic and static, Go, Rust, and large ones.
/// </summary>
public sealed class CallSiteTests
{
    public static TheoryData<string> Programs =>
    [
        "/lib/x86_64-linux-gnu/libc.so.6",
        "/lib64/ld-linux-x86-64.so.2",
        "/lib/ld-musl-x86_64.so.1",
        "/bin/busybox",
        "/usr/bin/restic",
        "/usr/bin/rg",
        "/usr/bin/python3.11",
        "/lib/x86_64-linux-gnu/libcrypto.so.3",
        "/lib/x86_64-linux-gnu/libstdc++.so.6",
        "/lib/x86_64-linux-gnu/libm.so.6",
        "/usr/sbin/ldconfig",
    ];

    [Theory]
    [MemberData(nameof(Programs))]
    public void Lengths_and_branches_are_those_of_a_disassembler(string path)
    {
        Assert.SkipUnless(File.Exists(path), $"{path} is not installed.");
        ProgramText text = ProgramText.Read(path);
        var wrong = new List<string>();
        foreach (Iced.Intel.Instruction expected in text.Instructions)
        {
            ulong offset = expected.IP - text.Address;
            if (offset >= (ulong)text.Bytes.Length)
                continue;
            Instruction actual = InstructionDecoder.Decode(text.Bytes.AsSpan((int)offset));
            string? problem = Compare(expected, actual);
            if (problem is not null)
                wrong.Add($"{expected.IP:x}: {expected} ({Convert.ToHexString(text.Bytes, (int)offset, expected.Length)}): {problem}");
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {text.Instructions.Count}:\n{string.Join('\n', wrong[..Math.Min(20, wrong.Count)])}");
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Sites_are_patched_and_nothing_else(string path)
    {
        Assert.SkipUnless(File.Exists(path), $"{path} is not installed.");
        ProgramText text = ProgramText.Read(path);
        var finder = new CallSiteFinder(text.Bytes);
        finder.Run();

        var real = new HashSet<int>();
        var targets = new HashSet<int>();
        foreach (Iced.Intel.Instruction instruction in text.Instructions)
        {
            if (instruction.Mnemonic == Mnemonic.Syscall)
                real.Add((int)(instruction.IP - text.Address));
            if (instruction.FlowControl is FlowControl.ConditionalBranch or FlowControl.UnconditionalBranch or FlowControl.Call)
                targets.Add((int)(instruction.NearBranchTarget - text.Address));
        }

        int end = 0;
        foreach (CallSite site in finder.Sites)
        {
            Assert.True(real.Contains(site.Syscall), $"{site.Syscall + (long)text.Address:x} is no system call.");
            Assert.True(site.Start >= end, "Sites overlap.");
            end = Math.Max(site.End, site.Start + CallSite.JumpSize);
            for (int i = site.Start + 1; i < site.End; i++)
                Assert.False(targets.Contains(i), $"There is a branch to {i + (long)text.Address:x}.");
        }

        // libcrypto has tables in its text, which are system calls to a linear sweep, and makes none of its own.
        if (path.Contains("libcrypto", StringComparison.Ordinal))
        {
            Assert.Empty(finder.Sites);
            return;
        }

        int wanted = real.Count - finder.Counts.SignalReturns;
        Assert.True(finder.Sites.Count >= wanted * 0.99, $"{finder.Sites.Count} of {wanted}: {Describe(finder.Counts)}");
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Stubs_do_what_was_replaced(string path)
    {
        Assert.SkipUnless(File.Exists(path), $"{path} is not installed.");
        ProgramText text = ProgramText.Read(path);
        var finder = new CallSiteFinder(text.Bytes);
        finder.Run();
        byte[] patched = [.. text.Bytes];
        byte[] stubs = new byte[finder.StubsLength];
        ulong stubsAddress = text.Address + 0x1000_0000;
        foreach (CallSite site in finder.Sites)
            site.Write(patched, text.Address, stubs, stubsAddress);

        foreach (CallSite site in finder.Sites)
        {
            int behind = Math.Max(site.End, site.Syscall + CallSite.SyscallSize);
            List<string> original = Describe(text.Bytes, text.Address, site.Start, behind, text.Address + (ulong)site.End);
            Iced.Intel.Instruction jump = DecodeAt(patched, text.Address, site.Start);
            Assert.Equal(stubsAddress + (ulong)site.Stub, jump.NearBranchTarget);
            List<string> moved = Describe(stubs, stubsAddress, site.Stub, site.Stub + site.LargestStub, text.Address + (ulong)behind);
            Assert.Equal(string.Join("; ", original), string.Join("; ", moved));

            // Every place in the stub has one in the text, and what was replaced has one in the stub.
            for (int i = site.Start + 1; i < site.End; i++)
                Assert.Equal(i, i == site.Syscall + 1 ? i : site.ToText(site.ToStub(i)));
        }
    }

    /// <summary>Text that means harm gets whatever it gets; the kernel goes on.</summary>
    [Fact]
    public void Any_bytes_are_looked_at_without_a_failure()
    {
        var random = new Random(1);
        byte[] text = new byte[1 << 16];
        for (int round = 0; round < 200; round++)
        {
            random.NextBytes(text);
            byte[] common = [0x0F, 0x05, 0x0F, 0x80, 0xE9, 0xEB, 0xB8, 0x48, 0x3D, 0xC3, 0x66, 0xF2, 0xC5, 0x62, 0x67, 0x8B];
            for (int i = 0; i < text.Length; i++)
                text[i] = random.Next(4) == 0 ? common[random.Next(common.Length)] : text[i];
            int length = random.Next(4) == 0 ? random.Next(64) : text.Length;
            var finder = new CallSiteFinder(text.AsSpan(0, length));
            finder.Run();
            byte[] patched = text[..length];
            byte[] stubs = new byte[finder.StubsLength];
            foreach (CallSite site in finder.Sites)
                site.Write(patched, 0x5000_0000, stubs, 0xAF00_0000);
        }
    }

    [Fact]
    public void Translations_find_the_areas_and_forget_dead_ones()
    {
        // mov eax, 39; syscall; cmp rax, -4095; jae; ret, with something to decode in front.
        byte[] call = [0x89, 0xFE, 0x0F, 0x05, 0x48, 0x3D, 0x01, 0xF0, 0xFF, 0xFF, 0x73, 0x01, 0xC3, 0xC3, 0x90, 0x90, 0x90, 0x90];
        byte[] code = [.. new byte[128], .. call];
        code.AsSpan(0, 128).Fill(0x90);
        var sites = new CallSites(new CallSiteStatistics(), new KnownTexts());
        const int count = 500;
        for (int i = 0; i < count; i++)
        {
            byte[] text = [.. code];
            Assert.Equal(4096, sites.Find(text));
            sites.Patch(text, Text(i), new byte[4096], Stubs(i));
            Assert.Equal(0xE9, text[130]);
        }

        for (int i = 0; i < count; i++)
        {
            ulong inStub = sites.FromProgramAddress(Text(i) + 132);
            Assert.InRange(inStub, Stubs(i) + 1, Stubs(i) + 31);
            Assert.Equal(Text(i) + 132, sites.ToProgramAddress(inStub));
            Assert.Equal(Text(i) + 130, sites.ToProgramAddress(Stubs(i)));
            Assert.Equal(Text(i) + 130, sites.FromProgramAddress(Text(i) + 130));
            Assert.Equal(Text(i) + 200, sites.FromProgramAddress(Text(i) + 200));
        }

        for (int i = 0; i < count; i += 2)
            sites.Remove(Text(i), 4096);
        for (int i = 0; i < count; i++)
        {
            bool isDead = i % 2 == 0;
            Assert.Equal(isDead, sites.FromProgramAddress(Text(i) + 132) == Text(i) + 132);
            Assert.Equal(isDead, sites.ToProgramAddress(Stubs(i) + 1) == Stubs(i) + 1);
        }

        ulong Text(int i) => 0x10_0000_0000 + (ulong)i * 0x2000;
        ulong Stubs(int i) => 0x10_3000_0000 - (ulong)i * 0x1000;
    }

    private static string? Compare(in Iced.Intel.Instruction expected, Instruction actual)
    {
        if (actual.Length != expected.Length)
            return $"length {actual.Length}";
        bool isBranch = expected.Op0Kind == OpKind.NearBranch64;
        if (isBranch != actual.IsRelativeBranch)
            return $"kind {actual.Kind}";
        if (isBranch && expected.NextIP + (ulong)(long)actual.Displacement != expected.NearBranchTarget)
            return $"displacement {actual.Displacement}";
        if (expected.IsIPRelativeMemoryOperand != (actual.AddressOffset != 0))
            return $"address at {actual.AddressOffset}";
        bool ends = expected.FlowControl is FlowControl.Return or FlowControl.IndirectBranch;
        return ends && actual.Kind != InstructionKind.End ? $"kind {actual.Kind}" : null;
    }

    /// <summary>
    /// The instructions from one offset to another, as text with absolute addresses; the way to the kernel and back is written as a SYSCALL.
    /// </summary>
    private static List<string> Describe(byte[] code, ulong address, int from, int to, ulong end)
    {
        var lines = new List<string>();
        while (from < to)
        {
            Iced.Intel.Instruction instruction = DecodeAt(code, address, from);
            from += instruction.Length;
            if (instruction.IsJmpNear && instruction.NearBranchTarget == end)
                break;
            if (instruction.Mnemonic == Mnemonic.Lea && DecodeAt(code, address, from).SegmentPrefix == Register.GS)
            {
                from += DecodeAt(code, address, from).Length;
                lines.Add("syscall");
                ulong back = instruction.IPRelativeMemoryAddress;
                if (back == address + (ulong)from + CallSite.SyscallSize)
                {
                    Assert.Equal(Mnemonic.Syscall, DecodeAt(code, address, from).Mnemonic);
                    from += CallSite.SyscallSize;
                    continue;
                }

                Assert.Equal(end, back);
                break;
            }

            if (instruction.Mnemonic == Mnemonic.Nop)
                continue;
            // The same branch in another size.
            bool isBranch = instruction.Op0Kind == OpKind.NearBranch64;
            lines.Add(isBranch ? $"{instruction.Mnemonic} {instruction.NearBranchTarget:x}" : instruction.ToString());
            if (instruction.Mnemonic == Mnemonic.Hlt
                || instruction.FlowControl is FlowControl.Return or FlowControl.IndirectBranch or FlowControl.UnconditionalBranch
                    or FlowControl.Interrupt or FlowControl.Exception)
                break;
        }

        return lines;
    }

    private static Iced.Intel.Instruction DecodeAt(byte[] code, ulong address, int offset)
    {
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code, offset, code.Length - offset), address + (ulong)offset);
        return decoder.Decode();
    }

    private static string Describe(CallSiteCounts counts) =>
        $"{counts.Sites} sites, {counts.BranchedInto} branched into, {counts.WithoutRoom} without room, {counts.Uncertain} uncertain, "
        + $"{counts.SignalReturns} sigreturn";
}
