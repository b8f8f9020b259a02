using System.Runtime.CompilerServices;

namespace System.Runtime.Intrinsics;

// Vectors from their elements.
public static unsafe partial class Vector128
{
    public static Vector128<byte> Create(byte value) => Create<byte>(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Create(byte e0, byte e1, byte e2, byte e3, byte e4, byte e5, byte e6, byte e7, byte e8, byte e9, byte e10, byte e11,
        byte e12, byte e13, byte e14, byte e15)
    {
        Vector128<byte> made = default;
        byte* element = (byte*)&made;
        element[0] = e0;
        element[1] = e1;
        element[2] = e2;
        element[3] = e3;
        element[4] = e4;
        element[5] = e5;
        element[6] = e6;
        element[7] = e7;
        element[8] = e8;
        element[9] = e9;
        element[10] = e10;
        element[11] = e11;
        element[12] = e12;
        element[13] = e13;
        element[14] = e14;
        element[15] = e15;
        return made;
    }

    public static Vector128<byte> Create(Vector64<byte> lower, Vector64<byte> upper) => Create<byte>(lower, upper);

    public static Vector128<sbyte> Create(sbyte value) => Create<sbyte>(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Create(sbyte e0, sbyte e1, sbyte e2, sbyte e3, sbyte e4, sbyte e5, sbyte e6, sbyte e7, sbyte e8, sbyte e9,
        sbyte e10, sbyte e11, sbyte e12, sbyte e13, sbyte e14, sbyte e15)
    {
        Vector128<sbyte> made = default;
        sbyte* element = (sbyte*)&made;
        element[0] = e0;
        element[1] = e1;
        element[2] = e2;
        element[3] = e3;
        element[4] = e4;
        element[5] = e5;
        element[6] = e6;
        element[7] = e7;
        element[8] = e8;
        element[9] = e9;
        element[10] = e10;
        element[11] = e11;
        element[12] = e12;
        element[13] = e13;
        element[14] = e14;
        element[15] = e15;
        return made;
    }

    public static Vector128<sbyte> Create(Vector64<sbyte> lower, Vector64<sbyte> upper) => Create<sbyte>(lower, upper);

    public static Vector128<short> Create(short value) => Create<short>(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Create(short e0, short e1, short e2, short e3, short e4, short e5, short e6, short e7)
    {
        Vector128<short> made = default;
        short* element = (short*)&made;
        element[0] = e0;
        element[1] = e1;
        element[2] = e2;
        element[3] = e3;
        element[4] = e4;
        element[5] = e5;
        element[6] = e6;
        element[7] = e7;
        return made;
    }

    public static Vector128<short> Create(Vector64<short> lower, Vector64<short> upper) => Create<short>(lower, upper);

    public static Vector128<ushort> Create(ushort value) => Create<ushort>(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ushort> Create(ushort e0, ushort e1, ushort e2, ushort e3, ushort e4, ushort e5, ushort e6, ushort e7)
    {
        Vector128<ushort> made = default;
        ushort* element = (ushort*)&made;
        element[0] = e0;
        element[1] = e1;
        element[2] = e2;
        element[3] = e3;
        element[4] = e4;
        element[5] = e5;
        element[6] = e6;
        element[7] = e7;
        return made;
    }

    public static Vector128<ushort> Create(Vector64<ushort> lower, Vector64<ushort> upper) => Create<ushort>(lower, upper);

    public static Vector128<int> Create(int value) => Create<int>(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Create(int e0, int e1, int e2, int e3)
    {
        Vector128<int> made = default;
        int* element = (int*)&made;
        element[0] = e0;
        element[1] = e1;
        element[2] = e2;
        element[3] = e3;
        return made;
    }

    public static Vector128<int> Create(Vector64<int> lower, Vector64<int> upper) => Create<int>(lower, upper);

    public static Vector128<uint> Create(uint value) => Create<uint>(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Create(uint e0, uint e1, uint e2, uint e3)
    {
        Vector128<uint> made = default;
        uint* element = (uint*)&made;
        element[0] = e0;
        element[1] = e1;
        element[2] = e2;
        element[3] = e3;
        return made;
    }

    public static Vector128<uint> Create(Vector64<uint> lower, Vector64<uint> upper) => Create<uint>(lower, upper);

    public static Vector128<long> Create(long value) => Create<long>(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<long> Create(long e0, long e1)
    {
        Vector128<long> made = default;
        long* element = (long*)&made;
        element[0] = e0;
        element[1] = e1;
        return made;
    }

    public static Vector128<long> Create(Vector64<long> lower, Vector64<long> upper) => Create<long>(lower, upper);

    public static Vector128<ulong> Create(ulong value) => Create<ulong>(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Create(ulong e0, ulong e1)
    {
        Vector128<ulong> made = default;
        ulong* element = (ulong*)&made;
        element[0] = e0;
        element[1] = e1;
        return made;
    }

    public static Vector128<ulong> Create(Vector64<ulong> lower, Vector64<ulong> upper) => Create<ulong>(lower, upper);

    public static Vector128<nint> Create(nint value) => Create<nint>(value);

    public static Vector128<nuint> Create(nuint value) => Create<nuint>(value);

    public static Vector128<float> Create(float value) => Create<float>(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Create(float e0, float e1, float e2, float e3)
    {
        Vector128<float> made = default;
        float* element = (float*)&made;
        element[0] = e0;
        element[1] = e1;
        element[2] = e2;
        element[3] = e3;
        return made;
    }

    public static Vector128<float> Create(Vector64<float> lower, Vector64<float> upper) => Create<float>(lower, upper);

    public static Vector128<double> Create(double value) => Create<double>(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Create(double e0, double e1)
    {
        Vector128<double> made = default;
        double* element = (double*)&made;
        element[0] = e0;
        element[1] = e1;
        return made;
    }

    public static Vector128<double> Create(Vector64<double> lower, Vector64<double> upper) => Create<double>(lower, upper);

    public static Vector128<byte> CreateScalar(byte value) => CreateScalar<byte>(value);

    public static Vector128<byte> CreateScalarUnsafe(byte value) => CreateScalar<byte>(value);

    public static Vector128<sbyte> CreateScalar(sbyte value) => CreateScalar<sbyte>(value);

    public static Vector128<sbyte> CreateScalarUnsafe(sbyte value) => CreateScalar<sbyte>(value);

    public static Vector128<short> CreateScalar(short value) => CreateScalar<short>(value);

    public static Vector128<short> CreateScalarUnsafe(short value) => CreateScalar<short>(value);

    public static Vector128<ushort> CreateScalar(ushort value) => CreateScalar<ushort>(value);

    public static Vector128<ushort> CreateScalarUnsafe(ushort value) => CreateScalar<ushort>(value);

    public static Vector128<int> CreateScalar(int value) => CreateScalar<int>(value);

    public static Vector128<int> CreateScalarUnsafe(int value) => CreateScalar<int>(value);

    public static Vector128<uint> CreateScalar(uint value) => CreateScalar<uint>(value);

    public static Vector128<uint> CreateScalarUnsafe(uint value) => CreateScalar<uint>(value);

    public static Vector128<long> CreateScalar(long value) => CreateScalar<long>(value);

    public static Vector128<long> CreateScalarUnsafe(long value) => CreateScalar<long>(value);

    public static Vector128<ulong> CreateScalar(ulong value) => CreateScalar<ulong>(value);

    public static Vector128<ulong> CreateScalarUnsafe(ulong value) => CreateScalar<ulong>(value);

    public static Vector128<nint> CreateScalar(nint value) => CreateScalar<nint>(value);

    public static Vector128<nint> CreateScalarUnsafe(nint value) => CreateScalar<nint>(value);

    public static Vector128<nuint> CreateScalar(nuint value) => CreateScalar<nuint>(value);

    public static Vector128<nuint> CreateScalarUnsafe(nuint value) => CreateScalar<nuint>(value);

    public static Vector128<float> CreateScalar(float value) => CreateScalar<float>(value);

    public static Vector128<float> CreateScalarUnsafe(float value) => CreateScalar<float>(value);

    public static Vector128<double> CreateScalar(double value) => CreateScalar<double>(value);

    public static Vector128<double> CreateScalarUnsafe(double value) => CreateScalar<double>(value);
}
