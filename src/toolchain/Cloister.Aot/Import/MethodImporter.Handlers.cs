using System.Collections.Generic;
using System.Linq;
using System.Reflection.Metadata;
using System.Text;

namespace Cloister.Aot.Import;

/// <summary>
/// The first pass of exceptions (ECMA-335, I.12.4.2.5): before anything is unwound, a throw asks the methods on the stack, innermost first, which
/// of them takes the exception. Each method with catch clauses or filters has a record in a chain for that (Handlers of cloister.h), a search
/// function that goes through its clauses, and in the record the innermost clause around the place where it is. A filter runs in this pass, when its
/// method isn't at the top of the stack: it is a function of its own, and the variables that it uses lie in a structure beside the record.
/// </summary>
internal sealed partial class MethodImporter
{
    private readonly HashSet<int> _sharedLocals = [];
    private readonly HashSet<int> _sharedArguments = [];

    // Where control enters or leaves try blocks.
    private readonly HashSet<int> _borders = [];
    private bool _hasClauses;

    private bool HasHandlers => _hasClauses && !IsMonitor;

    private string OwnName(string part) => $"{_compilation.Reach(_method)}__{part}";

    private static bool IsClause(ExceptionRegion region) => region.Kind is ExceptionRegionKind.Catch or ExceptionRegionKind.Filter;

    private bool IsInFilter(int region, int offset) => _regions[region].Kind == ExceptionRegionKind.Filter &&
        offset >= _regions[region].FilterOffset && offset < _regions[region].HandlerOffset;

    private string Local(int index) => (_sharedLocals.Contains(index) ? "shared->l" : "l") + index;

    private string Argument(int index) => (_sharedArguments.Contains(index) ? "shared->a" : "a") + index;

    /// <summary>Notes in the record which clauses are around the block that begins here.</summary>
    private string MarkClause(int offset)
    {
        if (!HasHandlers || !_borders.Contains(offset) || Enumerable.Range(0, _regions.Length).Any(region => IsInFilter(region, offset)))
            return "";
        int clause = 0;
        while (clause < _regions.Length && !(IsClause(_regions[clause]) && IsInTry(clause, offset)))
            clause++;
        return $"  record.handlers.clause = {(clause < _regions.Length ? clause + 1 : 0)};\n";
    }

    // What stands before the method: the structure, and the search function's declaration.
    private string SharedStructure()
    {
        string name = OwnName("record");
        var text = new StringBuilder($"struct {name} {{ Handlers handlers;");
        foreach (int index in _sharedLocals.Order())
            text.Append($" {_compilation.CName(_locals[index])} l{index};");
        foreach (int index in _sharedArguments.Order())
            text.Append($" {_compilation.CName(_parameters[index])} a{index};");
        return text.Append($" }};\nstatic int32_t {OwnName("search")}(Handlers *handlers, void *exception);\n").ToString();
    }

    private void EnterHandlers(StringBuilder text)
    {
        string name = OwnName("record");
        text.Append($"  __attribute__((cleanup(cl_leave_handlers))) struct {name} record = ")
            .Append($"{{ .handlers = {{ cl_handlers, {OwnName("search")}, 0 }} }};\n")
            .Append($"  struct {name} *const shared = &record;\n");
        foreach (int index in _sharedArguments.Order())
            text.Append($"  shared->a{index} = a{index};\n");
        text.Append("  cl_handlers = &record.handlers;\n");
    }

    private void WriteSearch(StringBuilder text)
    {
        int[] clauses = [.. Enumerable.Range(0, _regions.Length).Where(region => _handlers.Contains(region) && IsClause(_regions[region]))];
        foreach (int clause in clauses.Where(clause => _regions[clause].Kind == ExceptionRegionKind.Filter))
            WriteFilter(text, clause);
        text.Append($"static int32_t {OwnName("search")}(Handlers *handlers, void *exception)\n{{\n  switch (handlers->clause) {{\n");
        foreach (int clause in clauses)
        {
            string condition = _regions[clause].Kind == ExceptionRegionKind.Catch ? Catches(clause, "exception")
                : $"cl_accepts({OwnName($"filter{clause}")}, handlers, exception)";
            string[] next = [.. clauses.Where(other => Encloses(other, clause)).Select(other => $"goto R{other};").DefaultIfEmpty("return 0;")];
            text.Append($"  case {clause + 1}: R{clause}: if ({condition}) return {clause + 1}; {next[0]}\n");
        }

        text.Append("  }\n  return 0;\n}\n");
    }

    private void WriteFilter(StringBuilder text, int clause)
    {
        text.Append($"static int32_t {OwnName($"filter{clause}")}(Handlers *handlers, void *exception)\n{{\n")
            .Append($"  struct {OwnName("record")} *const shared = (void *)handlers;\n");
        if (IsTraced)
            text.Append("  int32_t at = 0;\n");
        DeclareVariables(text, isFilter: true);
        text.Append($"  {Slot(0, new StackType(StackKind.Object))} = exception;\n");
        foreach ((int offset, string block) in _blocks)
            if (IsInFilter(clause, offset))
                text.Append(block);
        // An exception that a filter throws counts as its refusal (ECMA-335, I.12.4.2.6).
        text.Append($"F{clause}: cl_exception = 0; return 0;\n}}\n");
    }
}
