using System;
using System.Diagnostics.CodeAnalysis;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot;

/// <summary>What programs that start threads need besides, and no others.</summary>
public sealed partial class Compilation
{
    private MethodDesc? _threadStart;

    /// <summary>Whether the program starts threads.</summary>
    public bool HasThreads => _methods.ContainsKey(_threadStart ??= Universe.CoreType("Cloister.Runtime.Scheduler").Method("Start"));

    private bool TryTake([NotNullWhen(true)] out MethodDesc? method)
    {
        if (_pending.Count == 0 && HasThreads)
            foreach (string name in (ReadOnlySpan<string>)["FinishThreads", "Turn", "CurrentContext", "AwaitInitializer", "InitializerEnded"])
                Reach(SupportMethod(name));
        return _pending.TryDequeue(out method);
    }
}
