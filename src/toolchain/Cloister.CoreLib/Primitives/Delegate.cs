using Cloister.Runtime;

namespace System;

// SAFETY: a combined delegate is made from its model's descriptor, so that it has the model's size and the three fields; Multicast is the
// function that the compiler wrote for this type of delegate.
public abstract unsafe class Delegate : ICloneable
{
    // The compiler lays down these three: what the function gets as its first argument, the function, and the parts of a combined delegate.
    internal object? _target;
    internal nint _function;
    internal Delegate[]? _parts;

    public object? Target => _parts is null ? _target : _parts[^1].Target;

    public bool HasSingleTarget => _parts is null;

    public Delegate[] GetInvocationList() => _parts is null ? [this] : (Delegate[])_parts.Clone();

    public object Clone() => MemberwiseClone();

    public static Delegate? Combine(Delegate? a, Delegate? b)
    {
        if (a is null)
            return b;
        if (b is null)
            return a;
        if (a.GetType() != b.GetType())
            throw new ArgumentException("Delegates must be of the same type.");
        Delegate[] one = a._parts ?? [a];
        Delegate[] other = b._parts ?? [b];
        Delegate[] parts = new Delegate[one.Length + other.Length];
        Array.Copy(one, parts, one.Length);
        Array.Copy(other, 0, parts, one.Length, other.Length);
        return Combined(a, parts);
    }

    private static Delegate Combined(Delegate model, Delegate[] parts)
    {
        TypeDescriptor* type = Support.TypeOf(model);
        var made = (Delegate)Support.NewObject(type);
        made._target = made;
        made._function = type->Multicast;
        made._parts = parts;
        return made;
    }

    public static Delegate? Remove(Delegate? source, Delegate? value)
    {
        if (source is null || value is null)
            return source;
        Delegate[] parts = source._parts ?? [source];
        Delegate[] unwanted = value._parts ?? [value];
        for (int start = parts.Length - unwanted.Length; start >= 0; start--)
        {
            int same = 0;
            while (same < unwanted.Length && parts[start + same].Equals(unwanted[same]))
                same++;
            if (same < unwanted.Length)
                continue;
            int rest = parts.Length - unwanted.Length;
            if (rest == 0)
                return null;
            Delegate[] kept = new Delegate[rest];
            Array.Copy(parts, kept, start);
            Array.Copy(parts, start + unwanted.Length, kept, start, rest - start);
            return rest == 1 ? kept[0] : Combined(source, kept);
        }

        return source;
    }

    public override bool Equals(object? obj)
    {
        if (obj is not Delegate other || GetType() != other.GetType())
            return false;
        if (_parts is null || other._parts is null)
            return _parts == other._parts && _target == other._target && _function == other._function;
        if (_parts.Length != other._parts.Length)
            return false;
        for (int i = 0; i < _parts.Length; i++)
            if (!_parts[i].Equals(other._parts[i]))
                return false;
        return true;
    }

    public override int GetHashCode() => _parts is null ? (int)_function : _parts.Length;

    public static bool operator ==(Delegate? d1, Delegate? d2) => d1 is null ? d2 is null : d1.Equals(d2);

    public static bool operator !=(Delegate? d1, Delegate? d2) => !(d1 == d2);
}

public abstract class MulticastDelegate : Delegate
{
    public static bool operator ==(MulticastDelegate? d1, MulticastDelegate? d2) => (Delegate?)d1 == d2;

    public static bool operator !=(MulticastDelegate? d1, MulticastDelegate? d2) => (Delegate?)d1 != d2;
}
