namespace System.Runtime.Intrinsics;

// Vectors from their elements.
public static unsafe partial class Vector64
{
    public static Vector64<byte> Create(byte value) => Create<byte>(value);

    public static Vector64<byte> Create(byte e0, byte e1, byte e2, byte e3, byte e4, byte e5, byte e6, byte e7)
    {
        Vector64<byte> made = default;
        byte* element = (byte*)&made;
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

    public static Vector64<sbyte> Create(sbyte value) => Create<sbyte>(value);

    public static Vector64<sbyte> Create(sbyte e0, sbyte e1, sbyte e2, sbyte e3, sbyte e4, sbyte e5, sbyte e6, sbyte e7)
    {
        Vector64<sbyte> made = default;
        sbyte* element = (sbyte*)&made;
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

    public static Vector64<short> Create(short value) => Create<short>(value);

    public static Vector64<short> Create(short e0, short e1, short e2, short e3)
    {
        Vector64<short> made = default;
        short* element = (short*)&made;
        element[0] = e0;
        element[1] = e1;
        element[2] = e2;
        element[3] = e3;
        return made;
    }

    public static Vector64<ushort> Create(ushort value) => Create<ushort>(value);

    public static Vector64<ushort> Create(ushort e0, ushort e1, ushort e2, ushort e3)
    {
        Vector64<ushort> made = default;
        ushort* element = (ushort*)&made;
        element[0] = e0;
        element[1] = e1;
        element[2] = e2;
        element[3] = e3;
        return made;
    }

    public static Vector64<int> Create(int value) => Create<int>(value);

    public static Vector64<int> Create(int e0, int e1)
    {
        Vector64<int> made = default;
        int* element = (int*)&made;
        element[0] = e0;
        element[1] = e1;
        return made;
    }

    public static Vector64<uint> Create(uint value) => Create<uint>(value);

    public static Vector64<uint> Create(uint e0, uint e1)
    {
        Vector64<uint> made = default;
        uint* element = (uint*)&made;
        element[0] = e0;
        element[1] = e1;
        return made;
    }

    public static Vector64<long> Create(long value) => Create<long>(value);

    public static Vector64<ulong> Create(ulong value) => Create<ulong>(value);

    public static Vector64<nint> Create(nint value) => Create<nint>(value);

    public static Vector64<nuint> Create(nuint value) => Create<nuint>(value);

    public static Vector64<float> Create(float value) => Create<float>(value);

    public static Vector64<float> Create(float e0, float e1)
    {
        Vector64<float> made = default;
        float* element = (float*)&made;
        element[0] = e0;
        element[1] = e1;
        return made;
    }

    public static Vector64<double> Create(double value) => Create<double>(value);

    public static Vector64<byte> CreateScalar(byte value) => CreateScalar<byte>(value);

    public static Vector64<byte> CreateScalarUnsafe(byte value) => CreateScalar<byte>(value);

    public static Vector64<sbyte> CreateScalar(sbyte value) => CreateScalar<sbyte>(value);

    public static Vector64<sbyte> CreateScalarUnsafe(sbyte value) => CreateScalar<sbyte>(value);

    public static Vector64<short> CreateScalar(short value) => CreateScalar<short>(value);

    public static Vector64<short> CreateScalarUnsafe(short value) => CreateScalar<short>(value);

    public static Vector64<ushort> CreateScalar(ushort value) => CreateScalar<ushort>(value);

    public static Vector64<ushort> CreateScalarUnsafe(ushort value) => CreateScalar<ushort>(value);

    public static Vector64<int> CreateScalar(int value) => CreateScalar<int>(value);

    public static Vector64<int> CreateScalarUnsafe(int value) => CreateScalar<int>(value);

    public static Vector64<uint> CreateScalar(uint value) => CreateScalar<uint>(value);

    public static Vector64<uint> CreateScalarUnsafe(uint value) => CreateScalar<uint>(value);

    public static Vector64<long> CreateScalar(long value) => CreateScalar<long>(value);

    public static Vector64<long> CreateScalarUnsafe(long value) => CreateScalar<long>(value);

    public static Vector64<ulong> CreateScalar(ulong value) => CreateScalar<ulong>(value);

    public static Vector64<ulong> CreateScalarUnsafe(ulong value) => CreateScalar<ulong>(value);

    public static Vector64<nint> CreateScalar(nint value) => CreateScalar<nint>(value);

    public static Vector64<nint> CreateScalarUnsafe(nint value) => CreateScalar<nint>(value);

    public static Vector64<nuint> CreateScalar(nuint value) => CreateScalar<nuint>(value);

    public static Vector64<nuint> CreateScalarUnsafe(nuint value) => CreateScalar<nuint>(value);

    public static Vector64<float> CreateScalar(float value) => CreateScalar<float>(value);

    public static Vector64<float> CreateScalarUnsafe(float value) => CreateScalar<float>(value);

    public static Vector64<double> CreateScalar(double value) => CreateScalar<double>(value);

    public static Vector64<double> CreateScalarUnsafe(double value) => CreateScalar<double>(value);
}
