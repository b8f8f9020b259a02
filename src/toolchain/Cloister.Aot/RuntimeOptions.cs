namespace Cloister.Aot;

/// <summary>What is settled while compiling and used by the runtime in the program.</summary>
/// <param name="ThreadStack">Bytes of stack of a thread whose constructor names no size.</param>
/// <param name="Turns">Whether loops let other threads run, in programs that start threads.</param>
/// <param name="PreciseRoots">Whether methods list their references for the collector, which then doesn't scan stacks. For tests.</param>
/// <param name="CollectEvery">Collect at every allocation of this number, and poison what is free; 0 where memory decides.</param>
/// <param name="HeapLimit">The largest heap in bytes; 0 for what the platform gives.</param>
/// <param name="Statistics">Whether the program prints the collector's statistics when it ends.</param>
public sealed record RuntimeOptions(int ThreadStack = 256 << 10, bool Turns = true, bool PreciseRoots = false, int CollectEvery = 0,
    long HeapLimit = 0, bool Statistics = false);
