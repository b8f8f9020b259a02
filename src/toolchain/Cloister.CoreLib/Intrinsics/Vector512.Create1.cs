namespace System.Runtime.Intrinsics;

// Vectors from their elements.
public static unsafe partial class Vector512
{
    public static Vector512<byte> Create(byte value) => Create<byte>(value);

    public static Vector512<byte> Create(byte e0, byte e1, byte e2, byte e3, byte e4, byte e5, byte e6, byte e7, byte e8, byte e9, byte e10, byte e11,
        byte e12, byte e13, byte e14, byte e15, byte e16, byte e17, byte e18, byte e19, byte e20, byte e21, byte e22,
        byte e23, byte e24, byte e25, byte e26, byte e27, byte e28, byte e29, byte e30, byte e31, byte e32, byte e33,
        byte e34, byte e35, byte e36, byte e37, byte e38, byte e39, byte e40, byte e41, byte e42, byte e43, byte e44,
        byte e45, byte e46, byte e47, byte e48, byte e49, byte e50, byte e51, byte e52, byte e53, byte e54, byte e55,
        byte e56, byte e57, byte e58, byte e59, byte e60, byte e61, byte e62, byte e63)
    {
        Vector512<byte> made = default;
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
        element[32] = e32;
        element[33] = e33;
        element[34] = e34;
        element[35] = e35;
        element[36] = e36;
        element[37] = e37;
        element[38] = e38;
        element[39] = e39;
        element[40] = e40;
        element[41] = e41;
        element[42] = e42;
        element[43] = e43;
        element[44] = e44;
        element[45] = e45;
        element[46] = e46;
        element[47] = e47;
        element[48] = e48;
        element[49] = e49;
        element[50] = e50;
        element[51] = e51;
        element[52] = e52;
        element[53] = e53;
        element[54] = e54;
        element[55] = e55;
        element[56] = e56;
        element[57] = e57;
        element[58] = e58;
        element[59] = e59;
        element[60] = e60;
        element[61] = e61;
        element[62] = e62;
        element[63] = e63;
        return made;
    }

    public static Vector512<byte> Create(Vector256<byte> lower, Vector256<byte> upper) => Create<byte>(lower, upper);

    public static Vector512<sbyte> Create(sbyte value) => Create<sbyte>(value);

    public static Vector512<sbyte> Create(sbyte e0, sbyte e1, sbyte e2, sbyte e3, sbyte e4, sbyte e5, sbyte e6, sbyte e7, sbyte e8, sbyte e9,
        sbyte e10, sbyte e11, sbyte e12, sbyte e13, sbyte e14, sbyte e15, sbyte e16, sbyte e17, sbyte e18, sbyte e19,
        sbyte e20, sbyte e21, sbyte e22, sbyte e23, sbyte e24, sbyte e25, sbyte e26, sbyte e27, sbyte e28, sbyte e29,
        sbyte e30, sbyte e31, sbyte e32, sbyte e33, sbyte e34, sbyte e35, sbyte e36, sbyte e37, sbyte e38, sbyte e39,
        sbyte e40, sbyte e41, sbyte e42, sbyte e43, sbyte e44, sbyte e45, sbyte e46, sbyte e47, sbyte e48, sbyte e49,
        sbyte e50, sbyte e51, sbyte e52, sbyte e53, sbyte e54, sbyte e55, sbyte e56, sbyte e57, sbyte e58, sbyte e59,
        sbyte e60, sbyte e61, sbyte e62, sbyte e63)
    {
        Vector512<sbyte> made = default;
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
        element[32] = e32;
        element[33] = e33;
        element[34] = e34;
        element[35] = e35;
        element[36] = e36;
        element[37] = e37;
        element[38] = e38;
        element[39] = e39;
        element[40] = e40;
        element[41] = e41;
        element[42] = e42;
        element[43] = e43;
        element[44] = e44;
        element[45] = e45;
        element[46] = e46;
        element[47] = e47;
        element[48] = e48;
        element[49] = e49;
        element[50] = e50;
        element[51] = e51;
        element[52] = e52;
        element[53] = e53;
        element[54] = e54;
        element[55] = e55;
        element[56] = e56;
        element[57] = e57;
        element[58] = e58;
        element[59] = e59;
        element[60] = e60;
        element[61] = e61;
        element[62] = e62;
        element[63] = e63;
        return made;
    }

    public static Vector512<sbyte> Create(Vector256<sbyte> lower, Vector256<sbyte> upper) => Create<sbyte>(lower, upper);

    public static Vector512<short> Create(short value) => Create<short>(value);

    public static Vector512<short> Create(short e0, short e1, short e2, short e3, short e4, short e5, short e6, short e7, short e8, short e9,
        short e10, short e11, short e12, short e13, short e14, short e15, short e16, short e17, short e18, short e19,
        short e20, short e21, short e22, short e23, short e24, short e25, short e26, short e27, short e28, short e29,
        short e30, short e31)
    {
        Vector512<short> made = default;
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

    public static Vector512<short> Create(Vector256<short> lower, Vector256<short> upper) => Create<short>(lower, upper);

    public static Vector512<ushort> Create(ushort value) => Create<ushort>(value);

    public static Vector512<ushort> Create(ushort e0, ushort e1, ushort e2, ushort e3, ushort e4, ushort e5, ushort e6, ushort e7, ushort e8,
        ushort e9,
        ushort e10, ushort e11, ushort e12, ushort e13, ushort e14, ushort e15, ushort e16, ushort e17, ushort e18,
        ushort e19, ushort e20, ushort e21, ushort e22, ushort e23, ushort e24, ushort e25, ushort e26, ushort e27,
        ushort e28, ushort e29, ushort e30, ushort e31)
    {
        Vector512<ushort> made = default;
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

    public static Vector512<ushort> Create(Vector256<ushort> lower, Vector256<ushort> upper) => Create<ushort>(lower, upper);

    public static Vector512<int> Create(int value) => Create<int>(value);

    public static Vector512<int> Create(int e0, int e1, int e2, int e3, int e4, int e5, int e6, int e7, int e8, int e9, int e10, int e11, int e12,
        int e13, int e14, int e15)
    {
        Vector512<int> made = default;
        int* element = (int*)&made;
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

    public static Vector512<int> Create(Vector256<int> lower, Vector256<int> upper) => Create<int>(lower, upper);

    public static Vector512<uint> Create(uint value) => Create<uint>(value);

    public static Vector512<uint> Create(uint e0, uint e1, uint e2, uint e3, uint e4, uint e5, uint e6, uint e7, uint e8, uint e9, uint e10, uint e11,
        uint e12, uint e13, uint e14, uint e15)
    {
        Vector512<uint> made = default;
        uint* element = (uint*)&made;
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

    public static Vector512<uint> Create(Vector256<uint> lower, Vector256<uint> upper) => Create<uint>(lower, upper);

    public static Vector512<long> Create(long value) => Create<long>(value);

    public static Vector512<long> Create(long e0, long e1, long e2, long e3, long e4, long e5, long e6, long e7)
    {
        Vector512<long> made = default;
        long* element = (long*)&made;
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

    public static Vector512<long> Create(Vector256<long> lower, Vector256<long> upper) => Create<long>(lower, upper);

    public static Vector512<ulong> Create(ulong value) => Create<ulong>(value);

    public static Vector512<ulong> Create(ulong e0, ulong e1, ulong e2, ulong e3, ulong e4, ulong e5, ulong e6, ulong e7)
    {
        Vector512<ulong> made = default;
        ulong* element = (ulong*)&made;
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

    public static Vector512<ulong> Create(Vector256<ulong> lower, Vector256<ulong> upper) => Create<ulong>(lower, upper);

    public static Vector512<nint> Create(nint value) => Create<nint>(value);

    public static Vector512<nuint> Create(nuint value) => Create<nuint>(value);

    public static Vector512<float> Create(float value) => Create<float>(value);

    public static Vector512<float> Create(float e0, float e1, float e2, float e3, float e4, float e5, float e6, float e7, float e8, float e9,
        float e10, float e11, float e12, float e13, float e14, float e15)
    {
        Vector512<float> made = default;
        float* element = (float*)&made;
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

    public static Vector512<float> Create(Vector256<float> lower, Vector256<float> upper) => Create<float>(lower, upper);
}
