namespace System.Runtime.Intrinsics;

// Vectors from their elements.
public static unsafe partial class Vector256
{
    public static Vector256<byte> Create(byte value) => Create<byte>(value);

    public static Vector256<byte> Create(byte e0, byte e1, byte e2, byte e3, byte e4, byte e5, byte e6, byte e7, byte e8, byte e9, byte e10, byte e11,
        byte e12, byte e13, byte e14, byte e15, byte e16, byte e17, byte e18, byte e19, byte e20, byte e21, byte e22,
        byte e23, byte e24, byte e25, byte e26, byte e27, byte e28, byte e29, byte e30, byte e31)
    {
        Vector256<byte> made = default;
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
        element[16] = e16;
        element[17] = e17;
        element[18] = e18;
        element[19] = e19;
        element[20] = e20;
        element[21] = e21;
        element[22] = e22;
        element[23] = e23;
        element[24] = e24;
        element[25] = e25;
        element[26] = e26;
        element[27] = e27;
        element[28] = e28;
        element[29] = e29;
        element[30] = e30;
        element[31] = e31;
        return made;
    }

    public static Vector256<byte> Create(Vector128<byte> lower, Vector128<byte> upper) => Create<byte>(lower, upper);

    public static Vector256<sbyte> Create(sbyte value) => Create<sbyte>(value);

    public static Vector256<sbyte> Create(sbyte e0, sbyte e1, sbyte e2, sbyte e3, sbyte e4, sbyte e5, sbyte e6, sbyte e7, sbyte e8, sbyte e9,
        sbyte e10, sbyte e11, sbyte e12, sbyte e13, sbyte e14, sbyte e15, sbyte e16, sbyte e17, sbyte e18, sbyte e19,
        sbyte e20, sbyte e21, sbyte e22, sbyte e23, sbyte e24, sbyte e25, sbyte e26, sbyte e27, sbyte e28, sbyte e29,
        sbyte e30, sbyte e31)
    {
        Vector256<sbyte> made = default;
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
        element[16] = e16;
        element[17] = e17;
        element[18] = e18;
        element[19] = e19;
        element[20] = e20;
        element[21] = e21;
        element[22] = e22;
        element[23] = e23;
        element[24] = e24;
        element[25] = e25;
        element[26] = e26;
        element[27] = e27;
        element[28] = e28;
        element[29] = e29;
        element[30] = e30;
        element[31] = e31;
        return made;
    }

    public static Vector256<sbyte> Create(Vector128<sbyte> lower, Vector128<sbyte> upper) => Create<sbyte>(lower, upper);

    public static Vector256<short> Create(short value) => Create<short>(value);

    public static Vector256<short> Create(short e0, short e1, short e2, short e3, short e4, short e5, short e6, short e7, short e8, short e9,
        short e10, short e11, short e12, short e13, short e14, short e15)
    {
        Vector256<short> made = default;
        short* element = (short*)&made;
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

    public static Vector256<short> Create(Vector128<short> lower, Vector128<short> upper) => Create<short>(lower, upper);

    public static Vector256<ushort> Create(ushort value) => Create<ushort>(value);

    public static Vector256<ushort> Create(ushort e0, ushort e1, ushort e2, ushort e3, ushort e4, ushort e5, ushort e6, ushort e7, ushort e8,
        ushort e9,
        ushort e10, ushort e11, ushort e12, ushort e13, ushort e14, ushort e15)
    {
        Vector256<ushort> made = default;
        ushort* element = (ushort*)&made;
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

    public static Vector256<ushort> Create(Vector128<ushort> lower, Vector128<ushort> upper) => Create<ushort>(lower, upper);

    public static Vector256<int> Create(int value) => Create<int>(value);

    public static Vector256<int> Create(int e0, int e1, int e2, int e3, int e4, int e5, int e6, int e7)
    {
        Vector256<int> made = default;
        int* element = (int*)&made;
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

    public static Vector256<int> Create(Vector128<int> lower, Vector128<int> upper) => Create<int>(lower, upper);

    public static Vector256<uint> Create(uint value) => Create<uint>(value);

    public static Vector256<uint> Create(uint e0, uint e1, uint e2, uint e3, uint e4, uint e5, uint e6, uint e7)
    {
        Vector256<uint> made = default;
        uint* element = (uint*)&made;
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

    public static Vector256<uint> Create(Vector128<uint> lower, Vector128<uint> upper) => Create<uint>(lower, upper);

    public static Vector256<long> Create(long value) => Create<long>(value);

    public static Vector256<long> Create(long e0, long e1, long e2, long e3)
    {
        Vector256<long> made = default;
        long* element = (long*)&made;
        element[0] = e0;
        element[1] = e1;
        element[2] = e2;
        element[3] = e3;
        return made;
    }

    public static Vector256<long> Create(Vector128<long> lower, Vector128<long> upper) => Create<long>(lower, upper);

    public static Vector256<ulong> Create(ulong value) => Create<ulong>(value);

    public static Vector256<ulong> Create(ulong e0, ulong e1, ulong e2, ulong e3)
    {
        Vector256<ulong> made = default;
        ulong* element = (ulong*)&made;
        element[0] = e0;
        element[1] = e1;
        element[2] = e2;
        element[3] = e3;
        return made;
    }

    public static Vector256<ulong> Create(Vector128<ulong> lower, Vector128<ulong> upper) => Create<ulong>(lower, upper);

    public static Vector256<nint> Create(nint value) => Create<nint>(value);

    public static Vector256<nuint> Create(nuint value) => Create<nuint>(value);

    public static Vector256<float> Create(float value) => Create<float>(value);

    public static Vector256<float> Create(float e0, float e1, float e2, float e3, float e4, float e5, float e6, float e7)
    {
        Vector256<float> made = default;
        float* element = (float*)&made;
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

    public static Vector256<float> Create(Vector128<float> lower, Vector128<float> upper) => Create<float>(lower, upper);

    public static Vector256<double> Create(double value) => Create<double>(value);

    public static Vector256<double> Create(double e0, double e1, double e2, double e3)
    {
        Vector256<double> made = default;
        double* element = (double*)&made;
        element[0] = e0;
        element[1] = e1;
        element[2] = e2;
        element[3] = e3;
        return made;
    }

    public static Vector256<double> Create(Vector128<double> lower, Vector128<double> upper) => Create<double>(lower, upper);

    public static Vector256<byte> CreateScalar(byte value) => CreateScalar<byte>(value);

    public static Vector256<byte> CreateScalarUnsafe(byte value) => CreateScalar<byte>(value);

    public static Vector256<sbyte> CreateScalar(sbyte value) => CreateScalar<sbyte>(value);

    public static Vector256<sbyte> CreateScalarUnsafe(sbyte value) => CreateScalar<sbyte>(value);

    public static Vector256<short> CreateScalar(short value) => CreateScalar<short>(value);

    public static Vector256<short> CreateScalarUnsafe(short value) => CreateScalar<short>(value);

    public static Vector256<ushort> CreateScalar(ushort value) => CreateScalar<ushort>(value);

    public static Vector256<ushort> CreateScalarUnsafe(ushort value) => CreateScalar<ushort>(value);

    public static Vector256<int> CreateScalar(int value) => CreateScalar<int>(value);

    public static Vector256<int> CreateScalarUnsafe(int value) => CreateScalar<int>(value);

    public static Vector256<uint> CreateScalar(uint value) => CreateScalar<uint>(value);

    public static Vector256<uint> CreateScalarUnsafe(uint value) => CreateScalar<uint>(value);

    public static Vector256<long> CreateScalar(long value) => CreateScalar<long>(value);

    public static Vector256<long> CreateScalarUnsafe(long value) => CreateScalar<long>(value);

    public static Vector256<ulong> CreateScalar(ulong value) => CreateScalar<ulong>(value);

    public static Vector256<ulong> CreateScalarUnsafe(ulong value) => CreateScalar<ulong>(value);

    public static Vector256<nint> CreateScalar(nint value) => CreateScalar<nint>(value);

    public static Vector256<nint> CreateScalarUnsafe(nint value) => CreateScalar<nint>(value);

    public static Vector256<nuint> CreateScalar(nuint value) => CreateScalar<nuint>(value);

    public static Vector256<nuint> CreateScalarUnsafe(nuint value) => CreateScalar<nuint>(value);

    public static Vector256<float> CreateScalar(float value) => CreateScalar<float>(value);

    public static Vector256<float> CreateScalarUnsafe(float value) => CreateScalar<float>(value);

    public static Vector256<double> CreateScalar(double value) => CreateScalar<double>(value);

    public static Vector256<double> CreateScalarUnsafe(double value) => CreateScalar<double>(value);
}
