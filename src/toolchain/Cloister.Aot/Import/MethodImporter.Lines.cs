using System;
using System.Linq;
using System.Text;
using Cloister.Aot.Emission;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Import;

/// <summary>Lines of C#: for the debugger, and for stack traces.</summary>
internal sealed partial class MethodImporter
{
    private const string LineMark = "#line ";

    private int _line;

    // The runtime's own methods raise what generated code asks for; .NET shows no such methods.
    private bool IsTraced => !IsMonitor &&
        !(_module.IsCore && _method.Owner.Record.FullName.StartsWith("Cloister.Runtime.", StringComparison.Ordinal));

    private void MarkLine()
    {
        SequencePoint point = Array.Find(_module.Symbols.Points(_method.Record.Handle), point => point.Offset == _offset);
        if (point.Line == 0 || point.Line == _line)
            return;
        _line = point.Line;
        WriteLine();
    }

    private void WriteLine()
    {
        if (_compilation.HasLines && _line != 0)
            _out.Append($"{LineMark}{_line} {CNames.Text(_module.Symbols.Points(_method.Record.Handle)[0].File)}\n");
    }

    /// <summary>Notes the line at which an exception leaves; nothing where it isn't known.</summary>
    private string At() => IsTraced && _line != 0 ? $"at = {_line}; " : "";

    /// <summary>Adds this method to the trace of an exception.</summary>
    private string RecordFrame(string exception, int? line = null)
    {
        if (!IsTraced)
            return "";
        string function = _compilation.Reach(_compilation.SupportMethod("RecordFrame"));
        return $"{function}({exception}, (char*)&{_compilation.Trace(_method)}, {(line is { } known ? known.ToString() : "at")}); ";
    }

    // All C that comes from one line of C# is one line, so that a directive for it holds for all of it.
    private string ByLine(string text)
    {
        if (!_compilation.HasLines)
            return text;
        var result = new StringBuilder();
        SequencePoint[] points = _module.Symbols.Points(_method.Record.Handle);
        result.Append(points.Length > 0 ? $"{LineMark}{points[0].Line} {CNames.Text(points[0].File)}\n" : $"{LineMark}1 \"generated\"\n");
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith(LineMark, StringComparison.Ordinal))
                result.Append('\n').Append(line).Append('\n');
            else
                result.Append(line).Append(' ');
        }

        return result.Append('\n').ToString();
    }
}
