namespace Cloister.Abi;

/// <summary>
/// What a system call returns in its result register: a value, or a negated <see cref="Errno"/>.
/// </summary>
public readonly record struct SyscallResult(long Value)
{
    /// <summary>Whether the value is a negated error number (-4095 to -1, as the C libraries test it).</summary>
    public bool IsError => unchecked((ulong)Value) >= unchecked((ulong)-4095L);

    /// <summary>The error, or <see cref="Abi.Errno.Success"/>.</summary>
    public Errno Errno => IsError ? (Errno)(int)-Value : Errno.Success;

    /// <summary>Success without a value, or the error.</summary>
    public static implicit operator SyscallResult(Errno error) => new(-(long)error);

    /// <summary>A value.</summary>
    public static implicit operator SyscallResult(long value) => new(value);

    /// <summary>A value.</summary>
    public static implicit operator SyscallResult(int value) => new(value);

    /// <summary>A value: an id.</summary>
    public static implicit operator SyscallResult(uint value) => new(value);

    /// <summary>A value: a count or an address.</summary>
    public static implicit operator SyscallResult(ulong value) => new((long)value);

    /// <summary><paramref name="value"/> if there was no error, else the error.</summary>
    public static SyscallResult From(Errno error, long value) => error == Errno.Success ? value : error;
}
