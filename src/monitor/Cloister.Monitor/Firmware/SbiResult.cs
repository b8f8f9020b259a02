namespace Cloister.Monitor.Firmware;

/// <summary>What a call gives back: an error in a0 and a value in a1 (SBI 2.0, table 1).</summary>
internal readonly record struct SbiResult(long Error, ulong Value = 0)
{
    public static SbiResult Success => new(0);

    public static SbiResult NotSupported => new(-2);

    public static SbiResult InvalidParameter => new(-3);

    public static SbiResult InvalidAddress => new(-5);

    public static SbiResult AlreadyAvailable => new(-6);
}
