using System.Reflection.Metadata;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Import;

/// <summary>What the profile monitor refuses, and what it has in place of exceptions.</summary>
internal sealed partial class MethodImporter
{
    // The rest of the basic block is not reached.
    private bool _isCutOff;

    private bool EndsHere()
    {
        bool ends = _isCutOff;
        _isCutOff = false;
        return ends;
    }

    private bool IsMonitor => _compilation.Profile == Profile.Monitor;

    private void Refuse(string what)
    {
        if (IsMonitor)
            throw new CompileException($"{_method} {what} at IL offset {_offset:x}, and the profile monitor doesn't allow that.");
    }

    /// <summary>C that reports a failed check and ends the program.</summary>
    private string Fatal(string exception)
    {
        MethodDesc fatal = _compilation.SupportMethod("Fatal");
        _body.Calls.Add(fatal);
        string arguments = $"(void*)&{_compilation.Literal(exception)}, (void*)&{_compilation.Literal(_method.ToString())}";
        return $"{{ {_compilation.Reach(fatal)}({arguments}); __builtin_unreachable(); }}";
    }

    private static bool IsException(DefinedType type)
    {
        for (DefinedType? step = type; step is not null; step = step.BaseType)
            if (step.FullName == "System.Exception")
                return true;
        return false;
    }
}
