namespace System.Runtime.Intrinsics.X86;

// Instructions of x86-64. The compiler writes them where the program is compiled for a processor that has them; IsSupported is a constant that
// says so, and code behind it isn't compiled at all on other machines.

public abstract class X86Base
{
    internal X86Base()
    {
    }

    public static bool IsSupported => throw new PlatformNotSupportedException();

    public static (int Eax, int Ebx, int Ecx, int Edx) CpuId(int functionId, int subFunctionId) => throw new PlatformNotSupportedException();

    public abstract class X64
    {
        internal X64()
        {
        }

        public static bool IsSupported => throw new PlatformNotSupportedException();
    }
}

public abstract class Sse : X86Base
{
    internal Sse()
    {
    }

    public static new bool IsSupported => throw new PlatformNotSupportedException();

    public new abstract class X64 : X86Base.X64
    {
        internal X64()
        {
        }

        public static new bool IsSupported => throw new PlatformNotSupportedException();
    }
}

public abstract class Sse2 : Sse
{
    internal Sse2()
    {
    }

    public static new bool IsSupported => throw new PlatformNotSupportedException();

    public new abstract class X64 : Sse.X64
    {
        internal X64()
        {
        }

        public static new bool IsSupported => throw new PlatformNotSupportedException();
    }
}

public abstract class Sse3 : Sse2
{
    internal Sse3()
    {
    }

    public static new bool IsSupported => throw new PlatformNotSupportedException();

    public new abstract class X64 : Sse2.X64
    {
        internal X64()
        {
        }

        public static new bool IsSupported => throw new PlatformNotSupportedException();
    }
}

public abstract class Ssse3 : Sse3
{
    internal Ssse3()
    {
    }

    public static new bool IsSupported => throw new PlatformNotSupportedException();

    public static Vector128<byte> Shuffle(Vector128<byte> value, Vector128<byte> mask) => throw new PlatformNotSupportedException();

    public static Vector128<sbyte> Shuffle(Vector128<sbyte> value, Vector128<sbyte> mask) => throw new PlatformNotSupportedException();

    public new abstract class X64 : Sse3.X64
    {
        internal X64()
        {
        }

        public static new bool IsSupported => throw new PlatformNotSupportedException();
    }
}

public abstract class Sse41 : Ssse3
{
    internal Sse41()
    {
    }

    public static new bool IsSupported => throw new PlatformNotSupportedException();

    public new abstract class X64 : Ssse3.X64
    {
        internal X64()
        {
        }

        public static new bool IsSupported => throw new PlatformNotSupportedException();
    }
}

public abstract class Sse42 : Sse41
{
    internal Sse42()
    {
    }

    public static new bool IsSupported => throw new PlatformNotSupportedException();

    public new abstract class X64 : Sse41.X64
    {
        internal X64()
        {
        }

        public static new bool IsSupported => throw new PlatformNotSupportedException();
    }
}

public abstract class Popcnt : Sse42
{
    internal Popcnt()
    {
    }

    public static new bool IsSupported => throw new PlatformNotSupportedException();

    public static uint PopCount(uint value) => throw new PlatformNotSupportedException();

    public new abstract class X64 : Sse42.X64
    {
        internal X64()
        {
        }

        public static new bool IsSupported => throw new PlatformNotSupportedException();

        public static ulong PopCount(ulong value) => throw new PlatformNotSupportedException();
    }
}

public abstract class Avx : Sse42
{
    internal Avx()
    {
    }

    public static new bool IsSupported => throw new PlatformNotSupportedException();

    public new abstract class X64 : Sse42.X64
    {
        internal X64()
        {
        }

        public static new bool IsSupported => throw new PlatformNotSupportedException();
    }
}

public abstract class Avx2 : Avx
{
    internal Avx2()
    {
    }

    public static new bool IsSupported => throw new PlatformNotSupportedException();

    public new abstract class X64 : Avx.X64
    {
        internal X64()
        {
        }

        public static new bool IsSupported => throw new PlatformNotSupportedException();
    }
}

public abstract class Lzcnt : X86Base
{
    internal Lzcnt()
    {
    }

    public static new bool IsSupported => throw new PlatformNotSupportedException();

    public static uint LeadingZeroCount(uint value) => throw new PlatformNotSupportedException();

    public new abstract class X64 : X86Base.X64
    {
        internal X64()
        {
        }

        public static new bool IsSupported => throw new PlatformNotSupportedException();

        public static ulong LeadingZeroCount(ulong value) => throw new PlatformNotSupportedException();
    }
}

public abstract class Bmi1 : X86Base
{
    internal Bmi1()
    {
    }

    public static new bool IsSupported => throw new PlatformNotSupportedException();

    public static uint AndNot(uint left, uint right) => throw new PlatformNotSupportedException();

    public static uint ExtractLowestSetBit(uint value) => throw new PlatformNotSupportedException();

    public static uint GetMaskUpToLowestSetBit(uint value) => throw new PlatformNotSupportedException();

    public static uint ResetLowestSetBit(uint value) => throw new PlatformNotSupportedException();

    public static uint TrailingZeroCount(uint value) => throw new PlatformNotSupportedException();

    public new abstract class X64 : X86Base.X64
    {
        internal X64()
        {
        }

        public static new bool IsSupported => throw new PlatformNotSupportedException();

        public static ulong AndNot(ulong left, ulong right) => throw new PlatformNotSupportedException();

        public static ulong ExtractLowestSetBit(ulong value) => throw new PlatformNotSupportedException();

        public static ulong GetMaskUpToLowestSetBit(ulong value) => throw new PlatformNotSupportedException();

        public static ulong ResetLowestSetBit(ulong value) => throw new PlatformNotSupportedException();

        public static ulong TrailingZeroCount(ulong value) => throw new PlatformNotSupportedException();
    }
}

public abstract class Bmi2 : X86Base
{
    internal Bmi2()
    {
    }

    public static new bool IsSupported => throw new PlatformNotSupportedException();

    public static uint ZeroHighBits(uint value, uint index) => throw new PlatformNotSupportedException();

    public static uint MultiplyNoFlags(uint left, uint right) => throw new PlatformNotSupportedException();

    public static uint ParallelBitDeposit(uint value, uint mask) => throw new PlatformNotSupportedException();

    public static uint ParallelBitExtract(uint value, uint mask) => throw new PlatformNotSupportedException();

    public new abstract class X64 : X86Base.X64
    {
        internal X64()
        {
        }

        public static new bool IsSupported => throw new PlatformNotSupportedException();

        public static ulong ZeroHighBits(ulong value, ulong index) => throw new PlatformNotSupportedException();

        public static ulong MultiplyNoFlags(ulong left, ulong right) => throw new PlatformNotSupportedException();

        public static ulong ParallelBitDeposit(ulong value, ulong mask) => throw new PlatformNotSupportedException();

        public static ulong ParallelBitExtract(ulong value, ulong mask) => throw new PlatformNotSupportedException();
    }
}

public abstract class Aes : Sse2
{
    internal Aes()
    {
    }

    public static new bool IsSupported => throw new PlatformNotSupportedException();

    public static Vector128<byte> Encrypt(Vector128<byte> value, Vector128<byte> roundKey) => throw new PlatformNotSupportedException();

    public static Vector128<byte> EncryptLast(Vector128<byte> value, Vector128<byte> roundKey) => throw new PlatformNotSupportedException();

    public static Vector128<byte> Decrypt(Vector128<byte> value, Vector128<byte> roundKey) => throw new PlatformNotSupportedException();

    public static Vector128<byte> DecryptLast(Vector128<byte> value, Vector128<byte> roundKey) => throw new PlatformNotSupportedException();

    public static Vector128<byte> InverseMixColumns(Vector128<byte> value) => throw new PlatformNotSupportedException();

    public static Vector128<byte> KeygenAssist(Vector128<byte> value, byte control) => throw new PlatformNotSupportedException();

    public new abstract class X64 : Sse2.X64
    {
        internal X64()
        {
        }

        public static new bool IsSupported => throw new PlatformNotSupportedException();
    }
}

public abstract class Pclmulqdq : Sse2
{
    internal Pclmulqdq()
    {
    }

    public static new bool IsSupported => throw new PlatformNotSupportedException();

    public static Vector128<long> CarrylessMultiply(Vector128<long> left, Vector128<long> right, byte control) =>
        throw new PlatformNotSupportedException();

    public static Vector128<ulong> CarrylessMultiply(Vector128<ulong> left, Vector128<ulong> right, byte control) =>
        throw new PlatformNotSupportedException();

    public new abstract class X64 : Sse2.X64
    {
        internal X64()
        {
        }

        public static new bool IsSupported => throw new PlatformNotSupportedException();
    }

    public abstract class V512
    {
        internal V512()
        {
        }

        public static bool IsSupported => throw new PlatformNotSupportedException();

        public static Vector512<ulong> CarrylessMultiply(Vector512<ulong> left, Vector512<ulong> right, byte control) =>
            throw new PlatformNotSupportedException();
    }
}

public abstract class Avx512F : Avx2
{
    internal Avx512F()
    {
    }

    public static new bool IsSupported => throw new PlatformNotSupportedException();

    public static Vector512<uint> RotateLeft(Vector512<uint> value, byte count) => throw new PlatformNotSupportedException();

    public static Vector512<uint> TernaryLogic(Vector512<uint> a, Vector512<uint> b, Vector512<uint> c, byte control) =>
        throw new PlatformNotSupportedException();

    public static Vector512<uint> PermuteVar16x32x2(Vector512<uint> lower, Vector512<uint> indices, Vector512<uint> upper) =>
        throw new PlatformNotSupportedException();

    public new abstract class X64 : Avx2.X64
    {
        internal X64()
        {
        }

        public static new bool IsSupported => throw new PlatformNotSupportedException();
    }

    public abstract class VL
    {
        internal VL()
        {
        }

        public static bool IsSupported => throw new PlatformNotSupportedException();

        public static Vector256<uint> RotateLeft(Vector256<uint> value, byte count) => throw new PlatformNotSupportedException();

        public static Vector256<uint> TernaryLogic(Vector256<uint> a, Vector256<uint> b, Vector256<uint> c, byte control) =>
            throw new PlatformNotSupportedException();
    }
}

public abstract class Avx512BW : Avx512F
{
    internal Avx512BW()
    {
    }

    public static new bool IsSupported => throw new PlatformNotSupportedException();

    public static Vector512<byte> Shuffle(Vector512<byte> value, Vector512<byte> mask) => throw new PlatformNotSupportedException();
}
