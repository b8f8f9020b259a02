using System;
using System.Buffers.Binary;
using System.Runtime.Intrinsics.X86;
using Cloister.Abi;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Processes;

/// <summary>/proc/cpuinfo of x86-64, from CPUID; other CPUs show their number only.</summary>
internal static class CpuText
{
    public static Errno Write(ByteWriter writer, int cpus)
    {
        for (int cpu = 0; cpu < cpus; cpu++)
        {
            writer.Write("processor\t: "u8).Number(cpu).Write('\n');
            if (X86Base.IsSupported)
                WriteX86(writer, cpu, cpus);
            writer.Write('\n');
        }

        return Errno.Success;
    }

    private static void WriteX86(ByteWriter writer, int cpu, int cpus)
    {
        Span<byte> text = stackalloc byte[48];
        (int highest, int b, int c, int d) = X86Base.CpuId(0, 0);
        BinaryPrimitives.WriteInt32LittleEndian(text, b);
        BinaryPrimitives.WriteInt32LittleEndian(text[4..], d);
        BinaryPrimitives.WriteInt32LittleEndian(text[8..], c);
        writer.Write("vendor_id\t: "u8).Write(text[..12]);
        (int signature, int extra, int featuresC, int featuresD) = X86Base.CpuId(1, 0);
        int family = signature >> 8 & 15;
        int model = signature >> 4 & 15;
        if (family is 6 or 15)
            model |= signature >> 12 & 0xF0;
        if (family == 15)
            family += signature >> 20 & 0xFF;
        writer.Write("\ncpu family\t: "u8).Number(family).Write("\nmodel\t\t: "u8).Number(model).Write("\nmodel name\t: "u8);
        WriteBrand(writer, text);
        writer.Write("\nstepping\t: "u8).Number(signature & 15);
        writer.Write("\ncpu MHz\t\t: 1000.000\ncache size\t: 1024 KB\nphysical id\t: 0\nsiblings\t: "u8).Number(cpus);
        writer.Write("\ncore id\t\t: "u8).Number(cpu).Write("\ncpu cores\t: "u8).Number(cpus);
        writer.Write("\napicid\t\t: "u8).Number(cpu).Write("\ninitial apicid\t: "u8).Number(cpu);
        writer.Write("\nfpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: "u8).Number(highest).Write("\nwp\t\t: yes\nflags\t\t:"u8);
        WriteFlags(writer, "fpu vme de pse tsc msr pae mce cx8 apic ? sep mtrr pge mca cmov pat pse36 pn clflush ? dts acpi mmx fxsr sse sse2 ss ht tm ia64 pbe"u8, featuresD);
        (_, _, int extendedC, int extendedD) = X86Base.CpuId(unchecked((int)0x80000001), 0);
        WriteFlags(writer, "? ? ? ? ? ? ? ? ? ? ? syscall ? ? ? ? ? ? ? mp nx ? mmxext ? ? fxsr_opt pdpe1gb rdtscp ? lm 3dnowext 3dnow"u8, extendedD);
        WriteFlags(writer, "pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid sdbg fma cx16 xtpr pdcm ? pcid dca sse4_1 sse4_2 x2apic movbe popcnt tsc_deadline_timer aes xsave ? avx f16c rdrand hypervisor"u8, featuresC);
        WriteFlags(writer, "lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse 3dnowprefetch osvw ibs xop skinit wdt ? lwp fma4 tce ? nodeid_msr ? tbm topoext perfctr_core perfctr_nb ? bpext ptsc perfctr_llc mwaitx ? ?"u8, extendedC);
        if (highest >= 7)
        {
            (_, int structuredB, int structuredC, _) = X86Base.CpuId(7, 0);
            WriteFlags(writer, "fsgsbase tsc_adjust sgx bmi1 hle avx2 ? smep bmi2 erms invpcid rtm cqm mpx ? rdt_a avx512f avx512dq rdseed adx smap avx512ifma ? clflushopt clwb intel_pt avx512pf avx512er avx512cd sha_ni avx512bw avx512vl"u8, structuredB);
            WriteFlags(writer, "? avx512vbmi umip pku ospke waitpkg avx512_vbmi2 ? gfni vaes vpclmulqdq avx512_vnni avx512_bitalg tme avx512_vpopcntdq ? la57 ? ? ? ? ? rdpid ? bus_lock_detect cldemote ? movdiri movdir64b ? ? ?"u8, structuredC);
        }

        writer.Write("\nbugs\t\t:\nbogomips\t: 2000.00\nTLB size\t: 192 4K pages\nclflush size\t: "u8).Number((extra >> 8 & 0xFF) * 8);
        (int sizes, _, _, _) = X86Base.CpuId(unchecked((int)0x80000008), 0);
        writer.Write("\ncache_alignment\t: 64\naddress sizes\t: "u8).Number(sizes & 0xFF).Write(" bits physical, "u8).Number(sizes >> 8 & 0xFF);
        writer.Write(" bits virtual\npower management:\n"u8);
    }

    private static void WriteBrand(ByteWriter writer, Span<byte> text)
    {
        for (int part = 0; part < 3; part++)
        {
            (int a, int b, int c, int d) = X86Base.CpuId(unchecked((int)0x80000002 + part), 0);
            BinaryPrimitives.WriteInt32LittleEndian(text[(part * 16)..], a);
            BinaryPrimitives.WriteInt32LittleEndian(text[((part * 16) + 4)..], b);
            BinaryPrimitives.WriteInt32LittleEndian(text[((part * 16) + 8)..], c);
            BinaryPrimitives.WriteInt32LittleEndian(text[((part * 16) + 12)..], d);
        }

        writer.Write(text.Trim(" \0"u8));
    }

    private static void WriteFlags(ByteWriter writer, ReadOnlySpan<byte> names, int bits)
    {
        for (int bit = 0; !names.IsEmpty; bit++)
        {
            int space = names.IndexOf((byte)' ');
            ReadOnlySpan<byte> name = space < 0 ? names : names[..space];
            names = space < 0 ? default : names[(space + 1)..];
            if ((bits >>> bit & 1) != 0 && name[0] != (byte)'?')
                writer.Write(' ').Write(name);
        }
    }
}
