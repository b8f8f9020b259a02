namespace Cloister.Aot;

/// <summary>What is settled while compiling and used by the runtime in the program.</summary>
/// <param name="ThreadStack">Bytes of stack of a thread whose constructor names no size.</param>
/// <param name="Turns">Whether loops let other threads run, in programs that start threads.</param>
public sealed record RuntimeOptions(int ThreadStack = 256 << 10, bool Turns = true);
