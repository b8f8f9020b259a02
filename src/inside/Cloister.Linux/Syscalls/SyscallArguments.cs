namespace Cloister.Linux.Syscalls;

/// <summary>An address in the program's memory; unchecked. strace prints it in hexadecimal, 0 as NULL.</summary>
public readonly record struct UserAddress(ulong Value)
{
    /// <summary>Whether the program passed NULL.</summary>
    public bool IsNull => Value == 0;

    /// <summary>The address <paramref name="bytes"/> further; wraps as pointer arithmetic does.</summary>
    public UserAddress Offset(ulong bytes) => new(unchecked(Value + bytes));
}

/// <summary>Address of a zero-terminated path or name. strace prints the string.</summary>
public readonly record struct UserString(ulong Value)
{
    /// <summary>Whether the program passed NULL.</summary>
    public bool IsNull => Value == 0;

    /// <summary>The bare address.</summary>
    public UserAddress Address => new(Value);
}

/// <summary>A file descriptor. strace prints AT_FDCWD (-100) by name.</summary>
public readonly record struct Fd(int Value)
{
    /// <summary>AT_FDCWD: relative paths start at the working directory (openat(2)).</summary>
    public const int AtFdCwd = -100;
}

/// <summary>File mode bits. strace prints them in octal.</summary>
public readonly record struct FileMode(uint Value);

/// <summary>A signal number. strace prints its name.</summary>
public readonly record struct SignalNumber(int Value);
