using System;
using System.Collections.Generic;
using System.Linq;
using Cloister.Aot.Import;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot;

/// <summary>What can't be compiled: all of it that is found, so that a program's author sees the whole task at once.</summary>
public sealed partial class Compilation
{
    private const int ErrorsShown = 20;

    private readonly List<string> _errors = [];

    private void Import(MethodDesc method)
    {
        MethodImporter? importer = null;
        try
        {
            importer = new MethodImporter(this, method);
            _methods[method].Body = importer.Import();
            NameStructures(method.Signature);
        }
        catch (Exception exception) when (exception is CompileException or BadImageFormatException)
        {
            string message = exception is CompileException ? exception.Message : $"{method} is damaged: {exception.Message}";
            // Import ends at the first; the rest of the method may name more that is missing.
            IEnumerable<string> missing = (importer?.FindMissing() ?? []).Prepend(message).Distinct();
            _errors.Add(string.Join(Environment.NewLine, missing.Append(Path(method))));
        }
    }

    private void ThrowErrors()
    {
        if (_errors.Count == 0)
            return;
        IEnumerable<string> shown = _errors.Take(ErrorsShown);
        if (_errors.Count > ErrorsShown)
            shown = shown.Append($"{_errors.Count - ErrorsShown} more methods can't be compiled.");
        throw new CompileException(string.Join(Environment.NewLine, shown));
    }
}
