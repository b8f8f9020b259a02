using System.Collections.Generic;

namespace Cloister.Aot;

/// <summary>What a program may expect of the processor: the classes of System.Runtime.Intrinsics whose IsSupported is true.</summary>
public sealed record Processor(string Name, string[] Options, IReadOnlySet<string> Features)
{
    /// <summary>Nothing but what every processor of the target has; vectors are in general registers or what the C compiler makes of them.</summary>
    public static readonly Processor Generic = new("generic", [], new HashSet<string>());

    /// <summary>Names what a program must do without.</summary>
    public const string NoFloatingPoint = nameof(NoFloatingPoint);

    public static readonly Processor[] All =
    [
        Generic,
        // A kernel whose programs keep the floating-point and vector registers: nothing in it may touch one. The target knows how to say that.
        new("kernel", [], new HashSet<string> { NoFloatingPoint }),
        // The x86-64 of the cloud: AES-NI since 2010, AVX2 and BMI since 2013.
        new("haswell", ["-march=haswell", "-maes", "-mpclmul"], new HashSet<string>
        {
            "X86Base", "Sse", "Sse2", "Sse3", "Ssse3", "Sse41", "Sse42", "Popcnt", "Avx", "Avx2", "Lzcnt", "Bmi1", "Bmi2", "Aes", "Pclmulqdq",
            "Vector64", "Vector128", "Vector256",
        }),
    ];
}
