namespace System.Runtime.Intrinsics;

/// <summary>Operations on one element of a vector; the type tests are constants where this is compiled.</summary>
// SAFETY: each cast is behind a test that T is this very type, and reads or writes a variable of the method.
internal static unsafe class Elements<T>
{
    public static T Add(T left, T right)
    {
        if (typeof(T) == typeof(byte))
        {
            byte made = (byte)(*(byte*)&left + *(byte*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(sbyte))
        {
            sbyte made = (sbyte)(*(sbyte*)&left + *(sbyte*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(short))
        {
            short made = (short)(*(short*)&left + *(short*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(ushort))
        {
            ushort made = (ushort)(*(ushort*)&left + *(ushort*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(int))
        {
            int made = *(int*)&left + *(int*)&right;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(uint))
        {
            uint made = *(uint*)&left + *(uint*)&right;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(long))
        {
            long made = *(long*)&left + *(long*)&right;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(ulong))
        {
            ulong made = *(ulong*)&left + *(ulong*)&right;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(nint))
        {
            nint made = *(nint*)&left + *(nint*)&right;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(nuint))
        {
            nuint made = *(nuint*)&left + *(nuint*)&right;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(float))
        {
            float made = *(float*)&left + *(float*)&right;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(double))
        {
            double made = *(double*)&left + *(double*)&right;
            return *(T*)&made;
        }

        throw new NotSupportedException("Specified type is not supported");
    }

    public static T Divide(T left, T right)
    {
        if (typeof(T) == typeof(byte))
        {
            byte made = (byte)(*(byte*)&left / *(byte*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(sbyte))
        {
            sbyte made = (sbyte)(*(sbyte*)&left / *(sbyte*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(short))
        {
            short made = (short)(*(short*)&left / *(short*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(ushort))
        {
            ushort made = (ushort)(*(ushort*)&left / *(ushort*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(int))
        {
            int made = *(int*)&left / *(int*)&right;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(uint))
        {
            uint made = *(uint*)&left / *(uint*)&right;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(long))
        {
            long made = *(long*)&left / *(long*)&right;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(ulong))
        {
            ulong made = *(ulong*)&left / *(ulong*)&right;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(nint))
        {
            nint made = *(nint*)&left / *(nint*)&right;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(nuint))
        {
            nuint made = *(nuint*)&left / *(nuint*)&right;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(float))
        {
            float made = *(float*)&left / *(float*)&right;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(double))
        {
            double made = *(double*)&left / *(double*)&right;
            return *(T*)&made;
        }

        throw new NotSupportedException("Specified type is not supported");
    }

    public static T Min(T left, T right)
    {
        if (typeof(T) == typeof(byte))
        {
            byte made = Math.Min(*(byte*)&left, *(byte*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(sbyte))
        {
            sbyte made = Math.Min(*(sbyte*)&left, *(sbyte*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(short))
        {
            short made = Math.Min(*(short*)&left, *(short*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(ushort))
        {
            ushort made = Math.Min(*(ushort*)&left, *(ushort*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(int))
        {
            int made = Math.Min(*(int*)&left, *(int*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(uint))
        {
            uint made = Math.Min(*(uint*)&left, *(uint*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(long))
        {
            long made = Math.Min(*(long*)&left, *(long*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(ulong))
        {
            ulong made = Math.Min(*(ulong*)&left, *(ulong*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(nint))
        {
            nint made = Math.Min(*(nint*)&left, *(nint*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(nuint))
        {
            nuint made = Math.Min(*(nuint*)&left, *(nuint*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(float))
        {
            float made = Math.Min(*(float*)&left, *(float*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(double))
        {
            double made = Math.Min(*(double*)&left, *(double*)&right);
            return *(T*)&made;
        }

        throw new NotSupportedException("Specified type is not supported");
    }

    public static T Max(T left, T right)
    {
        if (typeof(T) == typeof(byte))
        {
            byte made = Math.Max(*(byte*)&left, *(byte*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(sbyte))
        {
            sbyte made = Math.Max(*(sbyte*)&left, *(sbyte*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(short))
        {
            short made = Math.Max(*(short*)&left, *(short*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(ushort))
        {
            ushort made = Math.Max(*(ushort*)&left, *(ushort*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(int))
        {
            int made = Math.Max(*(int*)&left, *(int*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(uint))
        {
            uint made = Math.Max(*(uint*)&left, *(uint*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(long))
        {
            long made = Math.Max(*(long*)&left, *(long*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(ulong))
        {
            ulong made = Math.Max(*(ulong*)&left, *(ulong*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(nint))
        {
            nint made = Math.Max(*(nint*)&left, *(nint*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(nuint))
        {
            nuint made = Math.Max(*(nuint*)&left, *(nuint*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(float))
        {
            float made = Math.Max(*(float*)&left, *(float*)&right);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(double))
        {
            double made = Math.Max(*(double*)&left, *(double*)&right);
            return *(T*)&made;
        }

        throw new NotSupportedException("Specified type is not supported");
    }

    public static T Abs(T value)
    {
        if (typeof(T) == typeof(byte))
        {
            byte made = *(byte*)&value;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(sbyte))
        {
            sbyte made = (sbyte)(*(sbyte*)&value < 0 ? -*(sbyte*)&value : *(sbyte*)&value);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(short))
        {
            short made = (short)(*(short*)&value < 0 ? -*(short*)&value : *(short*)&value);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(ushort))
        {
            ushort made = *(ushort*)&value;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(int))
        {
            int made = *(int*)&value < 0 ? -*(int*)&value : *(int*)&value;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(uint))
        {
            uint made = *(uint*)&value;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(long))
        {
            long made = *(long*)&value < 0 ? -*(long*)&value : *(long*)&value;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(ulong))
        {
            ulong made = *(ulong*)&value;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(nint))
        {
            nint made = *(nint*)&value < 0 ? -*(nint*)&value : *(nint*)&value;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(nuint))
        {
            nuint made = *(nuint*)&value;
            return *(T*)&made;
        }

        if (typeof(T) == typeof(float))
        {
            float made = Math.Abs(*(float*)&value);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(double))
        {
            double made = Math.Abs(*(double*)&value);
            return *(T*)&made;
        }

        throw new NotSupportedException("Specified type is not supported");
    }

    public static T Sqrt(T value)
    {
        if (typeof(T) == typeof(float))
        {
            float made = MathF.Sqrt(*(float*)&value);
            return *(T*)&made;
        }

        if (typeof(T) == typeof(double))
        {
            double made = Math.Sqrt(*(double*)&value);
            return *(T*)&made;
        }

        throw new NotSupportedException("Specified type is not supported");
    }
}
