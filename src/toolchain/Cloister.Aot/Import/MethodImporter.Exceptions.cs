using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection.Metadata;
using System.Text;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Import;

/// <summary>
/// The second pass of exceptions, which unwinds. The one that is on its way is in the variable cl_exception, which is tested after every call that
/// may throw; the test goes to the label of the innermost try region. Regions are tried in the order of the table, which has inner ones first
/// (ECMA-335, II.19). A finally handler knows by the variable c why it runs: 0 for an exception, otherwise the number of a leave. They run
/// too where nothing takes the exception, as on CoreCLR.
/// </summary>
internal sealed partial class MethodImporter
{
    private readonly SortedDictionary<int, List<string>> _leaves = [];
    private readonly HashSet<int> _handlers = [];
    private readonly StringBuilder _declarations = new();

    private bool IsInTry(int region, int offset) =>
        offset >= _regions[region].TryOffset && offset < _regions[region].TryOffset + _regions[region].TryLength;

    private bool IsInHandler(int region, int offset) =>
        offset >= _regions[region].HandlerOffset && offset < _regions[region].HandlerOffset + _regions[region].HandlerLength;

    // The innermost handler around the instruction at hand.
    private int Handler(string instruction, Func<ExceptionRegion, bool> isWanted)
    {
        int region = Enumerable.Range(0, _regions.Length).FirstOrDefault(i => IsInHandler(i, _offset) && isWanted(_regions[i]), -1);
        return region >= 0 ? region : throw Damaged($"{instruction} outside of a handler");
    }

    private void ScheduleHandler(int region)
    {
        if (!_handlers.Add(region))
            return;
        ExceptionRegion handler = _regions[region];
        StackType[] exception = [new StackType(StackKind.Object)];
        Declare($"x{region}", exception[0]);
        if (handler.Kind == ExceptionRegionKind.Filter)
            Schedule(handler.FilterOffset, exception);
        if (handler.Kind is ExceptionRegionKind.Filter or ExceptionRegionKind.Catch)
            Schedule(handler.HandlerOffset, exception);
        else
        {
            Declare($"c{region}", new StackType(StackKind.Int32));
            if (IsTraced)
                Declare($"y{region}", new StackType(StackKind.Int32));
            _declarations.Append($"  Taker w{region};\n");
            _leaves[region] = [];
            Schedule(handler.HandlerOffset, []);
        }
    }

    /// <summary>Where control goes when the instruction at hand throws.</summary>
    private string ThrowTarget()
    {
        for (int i = 0; i < _regions.Length; i++)
        {
            if (IsInFilter(i, _offset))
                return $"F{i}";
            if (IsInTry(i, _offset))
                return $"X{i}";
        }

        _unwinds = true;
        return "unwind";
    }

    private string NextTarget(int region)
    {
        for (int i = region + 1; i < _regions.Length; i++)
            if (Encloses(i, region))
                return $"X{i}";
        _unwinds = true;
        return "unwind";
    }

    private bool Encloses(int region, int inner) => region > inner && _regions[region].TryOffset <= _regions[inner].TryOffset &&
        _regions[region].TryOffset + _regions[region].TryLength >= _regions[inner].TryOffset + _regions[inner].TryLength;

    /// <summary>A test whether the call before it threw.</summary>
    private void CheckException()
    {
        if (!IsMonitor)
            _out.Append($"  if (UNLIKELY(cl_exception != 0)) {{ {At()}goto {ThrowTarget()}; }}\n");
    }

    /// <summary>Throws what a method of the support class throws, if the condition holds.</summary>
    private void ThrowIf(string condition, string thrower, string arguments = "")
    {
        if (IsMonitor)
        {
            // ThrowOverflow stands for System.OverflowException.
            _out.Append($"  if (UNLIKELY({condition})) {Fatal($"System.{thrower["Throw".Length..]}Exception")}\n");
            return;
        }

        _body.Throws = true;
        string function = _compilation.Reach(_compilation.SupportMethod(thrower));
        _out.Append($"  if (UNLIKELY({condition})) {{ {function}({arguments}); {At()}goto {ThrowTarget()}; }}\n");
    }

    private void CheckNull(StackEntry entry)
    {
        if (!entry.IsNotNull && entry.Kind == StackKind.Object)
            ThrowIf($"{entry.Text} == 0", "ThrowNullReference");
    }

    private void Throw()
    {
        Refuse("throws");
        StackEntry exception = Pop();
        CheckNull(exception);
        _body.Throws = true;
        // An exception object that is thrown again by name begins a new trace.
        _out.Append($"  {RecordFrame(exception.Text, line: -2)}{At()}cl_throw({exception.Text}); goto {ThrowTarget()};\n");
    }

    private void Rethrow()
    {
        Refuse("throws");
        int region = Handler("rethrow", IsClause);
        _body.Throws = true;
        _out.Append($"  {(IsTraced ? "at = -1; " : "")}cl_throw(x{region}); goto {ThrowTarget()};\n");
    }

    private void Leave(int target)
    {
        _stack.Clear();
        Schedule(target, []);
        List<int> handlers = [.. Enumerable.Range(0, _regions.Length).Where(i =>
            _regions[i].Kind == ExceptionRegionKind.Finally && IsInTry(i, _offset) && !IsInTry(i, target))];
        string next = $"{Turn(target)}goto B{target};";
        // From the outermost inwards, each finally is told where to go on afterwards.
        for (int i = handlers.Count - 1; i >= 0; i--)
        {
            List<string> cases = _leaves[handlers[i]];
            if (!cases.Contains(next))
                cases.Add(next);
            next = $"c{handlers[i]} = {cases.IndexOf(next) + 1}; goto B{_regions[handlers[i]].HandlerOffset};";
        }

        _out.Append($"  {next}\n");
    }

    private void EndFinally()
    {
        int region = Handler("endfinally", region => !IsClause(region));
        _out.Append($"  goto E{region};\n");
    }

    private void EndFilter()
    {
        StackEntry accepts = Pop();
        _out.Append($"  return {accepts.Text} != 0;\n");
    }

    private string Catches(int region, string exception)
    {
        TypeDesc type = Close(_module.ResolveType(_regions[region].CatchType));
        return type.FullName is "System.Object" or "System.Exception" ? "1"
            : $"{TypeTest(type)}({exception}, &{_compilation.CastTarget(type)}) != 0";
    }

    private void EmitExceptionDispatch()
    {
        for (int i = 0; i < _regions.Length; i++)
        {
            if (!_handlers.Contains(i))
            {
                // No instruction of the region is reachable, yet an inner region's chain may name the label.
                if (_handlers.Count > 0)
                    _tail.Append($"X{i}:; goto {NextTarget(i)};\n");
                continue;
            }

            ExceptionRegion region = _regions[i];
            string slot = Slot(0, new StackType(StackKind.Object));
            string take = $"x{i} = cl_exception; cl_exception = 0;";
            _tail.Append($"X{i}:;\n");
            switch (region.Kind)
            {
                case ExceptionRegionKind.Catch or ExceptionRegionKind.Filter when IsMonitor:
                    _tail.Append("  __builtin_unreachable();\n");
                    break;
                case ExceptionRegionKind.Catch or ExceptionRegionKind.Filter:
                    // The first pass has decided.
                    _tail.Append($"  if (cl_taker.handlers == &record.handlers && cl_taker.clause == {i + 1}) {{ ")
                        .Append($"{RecordFrame("cl_exception")}{take} {slot} = x{i}; goto B{region.HandlerOffset}; }}\n")
                        .Append($"  goto {NextTarget(i)};\n");
                    break;
                default:
                    // Exceptions that the handler itself throws and catches are decided in between.
                    _tail.Append($"  {take} w{i} = cl_taker; c{i} = 0; {(IsTraced ? $"y{i} = at; " : "")}goto B{region.HandlerOffset};\n");
                    _tail.Append($"E{i}:; switch (c{i}) {{\n");
                    for (int leave = 0; leave < _leaves[i].Count; leave++)
                        _tail.Append($"  case {leave + 1}: {_leaves[i][leave]}\n");
                    _tail.Append($"  default: {(IsTraced ? $"at = y{i}; " : "")}cl_exception = x{i}; cl_taker = w{i}; goto {NextTarget(i)}; }}\n");
                    break;
            }
        }
    }
}
