using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Cloister.Aot.Import;

/// <summary>
/// Precise roots: every method lists its variables that may hold references, so that tests find references that the compiler loses.
/// </summary>
internal sealed partial class MethodImporter
{
    // The collector's own variables keep nothing alive.
    private bool HasShadowFrame => _compilation.Options.PreciseRoots && _method.Owner.Record.FullName != "Cloister.Runtime.Collector";

    // Declares the temporaries, which begin as zero here, and enters the list. The C compiler has to keep what is listed in memory across calls,
    // because the list is known outside.
    private void ShadowFrame(StringBuilder text, bool isFilter)
    {
        var roots = new List<string>();
        // A filter's method lists what they share.
        for (int i = 0; i < _parameters.Length && !isFilter; i++)
            List(_compilation.CName(_parameters[i]), Argument(i));
        for (int i = 0; i < _locals.Length && !isFilter; i++)
            List(_compilation.CName(_locals[i]), Local(i));
        foreach ((string type, List<string> names) in _variables)
            foreach (string name in names)
            {
                text.Append($"  {type} {name} = {(type.StartsWith("struct", StringComparison.Ordinal) ? "{0}" : "0")};\n");
                List(type, name);
            }

        if (roots.Count == 0)
            return;
        text.Append("  const Root roots[] = { ").AppendJoin(", ", roots.Select(name => $"{{ &{name}, sizeof {name} }}")).Append(" };\n")
            .Append($"  __attribute__((cleanup(cl_leave_frame))) ShadowFrame frame = {{ cl_frames, {roots.Count}, roots }};\n")
            .Append("  cl_frames = &frame;\n");

        void List(string type, string name)
        {
            if (type.EndsWith('*') || type.StartsWith("struct", StringComparison.Ordinal))
                roots.Add(name);
        }
    }
}
