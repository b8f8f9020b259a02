namespace Cloister.Runtime;

/// <summary>
/// What the processor and the collector know of a thread; struct Context of cloister.h. That of a started thread lies at the top of its stack, with
/// the thread's statics above it, so that one range holds all of the thread's roots.
/// </summary>
// SAFETY: the fields are those of cloister.h in the same order. A context lies in its thread's stack, an array that doesn't move and that the
// collector keeps while the context is in the ring (MarkThreads); the first thread's is a static field.
internal unsafe struct ThreadContext
{
    /// <summary>Where its saved registers begin, while it doesn't run.</summary>
    public byte* StackPointer;

    /// <summary>The end of its stack.</summary>
    public byte* StackBase;

    /// <summary>Below it, methods that may call themselves end the program.</summary>
    public byte* StackLimit;

    /// <summary>Variables with the attribute ThreadStatic.</summary>
    public byte* Statics;

    /// <summary>The innermost shadow frame, where the program has them.</summary>
    public byte* Frames;

    /// <summary>Its methods that may take exceptions.</summary>
    public Handlers* Handlers;

    /// <summary>The lowest word of its stack: <see cref="Mark"/>, unless the stack has overflowed. Null for the first thread.</summary>
    public ulong* Bottom;

    /// <summary>The thread that runs the static constructor for which this one waits.</summary>
    public ThreadContext* WaitsFor;

    /// <summary>The others that live, in a ring.</summary>
    public ThreadContext* Next;

    /// <summary>The Thread object; a reference that the collector sees as a word of the stack's range.</summary>
    public byte* Thread;

    public const ulong Mark = 0x57ac_4b07_70f1_2e3d;
}
