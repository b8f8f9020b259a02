namespace System.Runtime.Intrinsics;

// Vectors from their elements.
public static unsafe partial class Vector512
{
    public static Vector512<double> Create(double value) => Create<double>(value);

    public static Vector512<double> Create(double e0, double e1, double e2, double e3, double e4, double e5, double e6, double e7)
    {
        Vector512<double> made = default;
        double* element = (double*)&made;
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

    public static Vector512<double> Create(Vector256<double> lower, Vector256<double> upper) => Create<double>(lower, upper);

    public static Vector512<byte> CreateScalar(byte value) => CreateScalar<byte>(value);

    public static Vector512<byte> CreateScalarUnsafe(byte value) => CreateScalar<byte>(value);

    public static Vector512<sbyte> CreateScalar(sbyte value) => CreateScalar<sbyte>(value);

    public static Vector512<sbyte> CreateScalarUnsafe(sbyte value) => CreateScalar<sbyte>(value);

    public static Vector512<short> CreateScalar(short value) => CreateScalar<short>(value);

    public static Vector512<short> CreateScalarUnsafe(short value) => CreateScalar<short>(value);

    public static Vector512<ushort> CreateScalar(ushort value) => CreateScalar<ushort>(value);

    public static Vector512<ushort> CreateScalarUnsafe(ushort value) => CreateScalar<ushort>(value);

    public static Vector512<int> CreateScalar(int value) => CreateScalar<int>(value);

    public static Vector512<int> CreateScalarUnsafe(int value) => CreateScalar<int>(value);

    public static Vector512<uint> CreateScalar(uint value) => CreateScalar<uint>(value);

    public static Vector512<uint> CreateScalarUnsafe(uint value) => CreateScalar<uint>(value);

    public static Vector512<long> CreateScalar(long value) => CreateScalar<long>(value);

    public static Vector512<long> CreateScalarUnsafe(long value) => CreateScalar<long>(value);

    public static Vector512<ulong> CreateScalar(ulong value) => CreateScalar<ulong>(value);

    public static Vector512<ulong> CreateScalarUnsafe(ulong value) => CreateScalar<ulong>(value);

    public static Vector512<nint> CreateScalar(nint value) => CreateScalar<nint>(value);

    public static Vector512<nint> CreateScalarUnsafe(nint value) => CreateScalar<nint>(value);

    public static Vector512<nuint> CreateScalar(nuint value) => CreateScalar<nuint>(value);

    public static Vector512<nuint> CreateScalarUnsafe(nuint value) => CreateScalar<nuint>(value);

    public static Vector512<float> CreateScalar(float value) => CreateScalar<float>(value);

    public static Vector512<float> CreateScalarUnsafe(float value) => CreateScalar<float>(value);

    public static Vector512<double> CreateScalar(double value) => CreateScalar<double>(value);

    public static Vector512<double> CreateScalarUnsafe(double value) => CreateScalar<double>(value);
}
