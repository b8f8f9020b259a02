using System;
using System.Runtime.CompilerServices;

namespace Cloister.Runtime;

/// <summary>A method that may take exceptions, as long as it runs; struct Handlers of cloister.h.</summary>
internal unsafe struct Handlers
{
    /// <summary>The next one outwards.</summary>
    public Handlers* Outer;

    /// <summary>Gives the method's clause that takes an exception, from 1; otherwise 0. Runs its filters.</summary>
    public delegate*<Handlers*, object, int> Search;

    /// <summary>The innermost clause around the place where the method is.</summary>
    public int Clause;
}

/// <summary>
/// The first pass of exceptions: who takes one is known before a finally block runs (ECMA-335, I.12.4.2.5). The second pass, which leaves the methods,
/// is in their code.
/// </summary>
internal static unsafe class Unwinding
{
    public static void Search(Exception exception)
    {
        // SAFETY: records lie in the frames of methods that haven't returned, and a method takes its own from the chain when it returns.
        for (Handlers* handlers = Innermost; handlers != null; handlers = handlers->Outer)
        {
            int clause = handlers->Search(handlers, exception);
            if (clause == 0)
                continue;
            Take(handlers, clause);
            return;
        }

        Take(null, 0);
    }

    private static extern Handlers* Innermost
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        get;
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void Take(Handlers* handlers, int clause);
}
