using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Reflection.Metadata;
using System.Text;
using Cloister.Aot.Emission;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Import;

/// <summary>
/// Translates a method from IL to C: an abstract interpreter of the evaluation stack, in which every push becomes a C variable of its own, so that
/// the order of evaluation is exactly that of the IL. The C compiler removes the copies. This part walks the basic blocks.
/// </summary>
internal sealed partial class MethodImporter
{
    private readonly Compilation _compilation;
    private readonly MethodDesc _method;
    private readonly MethodBody _body = new();
    private readonly MetadataModule _module;
    private readonly byte[] _il;
    private readonly ImmutableArray<ExceptionRegion> _regions;
    private readonly TypeDesc[] _locals;
    private readonly TypeDesc[] _parameters;
    private readonly bool _initLocals;

    private readonly SortedDictionary<int, StackType[]> _entryStates = [];
    private readonly SortedSet<int> _pendingBlocks = [];
    private readonly SortedDictionary<int, string> _blocks = [];
    private readonly SortedSet<int> _leaders = [0];
    private readonly SortedDictionary<string, List<string>> _variables = new(StringComparer.Ordinal);
    private readonly HashSet<string> _slots = [];
    private readonly StringBuilder _tail = new();
    private readonly List<StackEntry> _stack = [];
    private StringBuilder _out = new();
    private int _temporaries;
    private int _offset;
    private int _position;
    private bool _unwinds;
    private bool _countsRounds;
    private bool _thisIsStored;

    // Prefixes of the next instruction.
    private TypeDesc? _constraint;
    private bool _isVolatile;
    private bool _isUnaligned;
    private bool _isReadonly;

    public MethodImporter(Compilation compilation, MethodDesc method)
    {
        _compilation = compilation;
        _method = method;
        _module = method.Record.Module;
        _parameters = method.IsStatic ? method.Signature.Parameters : [This(method), .. method.Signature.Parameters];
        int address = _module.Reader.GetMethodDefinition(method.Record.Handle).RelativeVirtualAddress;
        if (address == 0 || (method.Record.Attributes & System.Reflection.MethodAttributes.PinvokeImpl) != 0)
            throw new CompileException($"{method} has no body: native code can't be called.");
        if (method.Owner.Record.FullName == "Cloister.Runtime.Collector")
            Refuse("allocates");
        MethodBodyBlock body = _module.Image.GetMethodBody(address);
        _il = body.GetILBytes()!;
        _regions = body.ExceptionRegions;
        _initLocals = body.LocalVariablesInitialized;
        _locals = body.LocalSignature.IsNil ? [] : [.. _module.Reader.GetStandaloneSignature(body.LocalSignature)
            .DecodeLocalSignature(_module.Signatures, null).Select(Close)];
    }

    private Universe Universe => _compilation.Universe;

    internal static TypeDesc This(MethodDesc method) =>
        method.Owner.IsValueType ? method.Owner.Universe.Pointer(method.Owner, isByRef: true) : method.Owner;

    public MethodBody Import()
    {
        FindLeaders();
        Schedule(0, []);
        while (_pendingBlocks.Count > 0)
        {
            int start = _pendingBlocks.Min;
            _pendingBlocks.Remove(start);
            ImportBlock(start);
        }

        EmitExceptionDispatch();
        _body.Text = Assemble();
        return _body;
    }

    private string Assemble()
    {
        var text = new StringBuilder();
        text.Append(Prototype(_compilation, _method)).Append("\n{\n");
        if (HasHandlers)
        {
            _body.Prelude = SharedStructure();
            EnterHandlers(text);
        }

        for (int i = 0; i < _locals.Length; i++)
        {
            if (_sharedLocals.Contains(i))
                continue;
            string type = _compilation.CName(_locals[i]);
            bool isZeroed = _initLocals || Holds(_locals[i]) || HasShadowFrame;
            text.Append($"  {type} l{i}{(!isZeroed ? "" : type.StartsWith("struct", StringComparison.Ordinal) ? " = {0}" : " = 0")};\n");
        }

        text.Append(_declarations);
        if (IsTraced)
            text.Append("  int32_t at = 0;\n");
        DeclareVariables(text, isFilter: false);
        if (_compilation.IsRecursive(_method))
            text.Append("  if (UNLIKELY(cl_stack_pointer() < cl_stack_limit)) cl_stack_overflow();\n");
        foreach ((int offset, string block) in _blocks)
            if (!HasHandlers || !Enumerable.Range(0, _regions.Length).Any(region => IsInFilter(region, offset)))
                text.Append(block);
        text.Append(_tail);
        if (_unwinds)
        {
            TypeDesc result = _method.Signature.Return;
            text.Append($"unwind: {RecordFrame("cl_exception")}return{(result.Primitive == Primitive.Void ? "" : " " + Zero(result))};\n");
        }

        text.Append("}\n");
        if (HasHandlers)
            WriteSearch(text);
        return ByLine(text.ToString());
    }

    private void DeclareVariables(StringBuilder text, bool isFilter)
    {
        if (HasShadowFrame)
        {
            ShadowFrame(text, isFilter);
            return;
        }

        foreach ((string type, List<string> names) in _variables)
            foreach (string[] chunk in names.Chunk(16))
                text.Append($"  {type} {string.Join(type.EndsWith('*') ? ", *" : ", ", chunk)};\n");
    }

    // Frames that hold references start out clean, so that the collector's scan of the stack finds no ghosts.
    private bool Holds(TypeDesc type) => _compilation.VariableShape(type).References.Count > 0;

    internal static string Prototype(Compilation compilation, MethodDesc method)
    {
        TypeDesc[] parameters = method.IsStatic ? method.Signature.Parameters : [This(method), .. method.Signature.Parameters];
        string list = parameters.Length == 0 ? "void" : string.Join(", ", parameters.Select((type, i) => $"{compilation.CName(type)} a{i}"));
        return $"{compilation.CName(method.Signature.Return)} {compilation.Reach(method)}({list})";
    }

    private string Zero(TypeDesc type)
    {
        string name = _compilation.CName(type);
        return name.StartsWith("struct", StringComparison.Ordinal) ? $"({name}){{0}}" : "0";
    }

    private TypeDesc Close(TypeDesc type) => type.IsOpen ? type.Substitute(_method.Owner.Arguments, _method.Arguments) : type;

    private void Schedule(int offset, StackType[] state)
    {
        if (_entryStates.TryAdd(offset, state))
            _pendingBlocks.Add(offset);
    }

    private void ImportBlock(int start)
    {
        _out = new StringBuilder();
        _stack.Clear();
        _out.Append($"B{start}:;\n").Append(MarkClause(start));
        _line = _module.Symbols.LineAt(_method.Record.Handle, start);
        WriteLine();
        StackType[] state = _entryStates[start];
        for (int i = 0; i < state.Length; i++)
        {
            Push(Slot(i, state[i]), state[i]);
            if (state[i].Kind == StackKind.Object)
                _stack[^1] = _stack[^1] with { Origin = SlotPlace(start, i) };
        }

        for (int i = 0; i < _regions.Length; i++)
            if (IsInTry(i, start))
                ScheduleHandler(i);

        _position = start;
        bool falls = true;
        bool isCold = false;
        while (falls)
        {
            _offset = _position;
            MarkLine();
            ILOpCode code = ReadCode();
            isCold = code == ILOpCode.Throw;
            falls = ImportInstruction(code);
            if (falls && _leaders.Contains(_position))
            {
                if (_position >= _il.Length)
                    throw Damaged("control reaches the end");
                Jump(_position);
                falls = false;
            }
        }

        // The C compiler puts a block that throws out of the way of the others.
        if (isCold)
            _out.Insert($"B{start}:".Length, " __attribute__((cold))");
        _blocks[start] = _out.ToString();
    }

    // Values that stay on the stack between blocks travel in variables that belong to the place on the stack.
    private void Jump(int target) => _out.Append(JumpText(target));

    private string JumpText(int target)
    {
        if (!_entryStates.TryGetValue(target, out StackType[]? state))
            Schedule(target, state = [.. _stack.Select(entry => entry.Type)]);
        if (state.Length != _stack.Count)
            throw new CompileException($"{_method}: the evaluation stack differs at IL offset {target:x}.");
        var text = new StringBuilder();
        for (int i = 0; i < state.Length; i++)
        {
            if (_stack[i].Field is { } field)
                _compilation.Escape(field);
            _compilation.Delegates.Add(_stack[i].Origin, SlotPlace(target, i));
            text.Append($"  {Slot(i, state[i])} = {As(_stack[i], state[i])};\n");
        }

        return text.Append($"  {Turn(target)}goto B{target};\n").ToString();
    }

    private DelegatePlace SlotPlace(int block, int depth) => new(_method, DelegatePlaceKind.Slot, block << 8 | depth);

    // Loops of the program let other threads run; methods of the core library are never divided. Rounds are counted in a register and added to
    // those of the thread 64 at a time: a counter in memory, read and written each round, would take longer than a short loop's body.
    private string Turn(int target)
    {
        if (target > _offset || !_compilation.HasThreads || !_compilation.Options.Turns || _module.IsCore)
            return "";
        if (!_countsRounds)
            _declarations.Append("  uint32_t rounds = 0;\n");
        _countsRounds = true;
        string turn = _compilation.Reach(_compilation.SupportMethod("Turn"));
        return $"if (UNLIKELY((++rounds & 63) == 0) && UNLIKELY((cl_rounds -= 64) < 0)) {turn}(); ";
    }

    private string Slot(int depth, StackType type)
    {
        string name = type.Kind == StackKind.Structure ? $"e{depth}_{CName(type)["struct ".Length..]}" : $"e{depth}_{type.Kind}";
        if (_slots.Add(name))
            Declare(name, type);
        return name;
    }

    private void Declare(string name, StackType type)
    {
        string cType = CName(type);
        if (!_variables.TryGetValue(cType, out List<string>? names))
            _variables[cType] = names = [];
        names.Add(name);
    }

    private string CName(StackType type) => type.Kind switch
    {
        StackKind.Int32 => "int32_t",
        StackKind.Int64 => "int64_t",
        StackKind.NativeInt => "intptr_t",
        StackKind.Single => "float",
        StackKind.Double => "double",
        StackKind.Object => "void*",
        StackKind.Pointer => "char*",
        _ => _compilation.CName(type.Structure!),
    };

    private string Temporary(StackType type)
    {
        string name = "t" + _temporaries++;
        Declare(name, type);
        return name;
    }

    /// <summary>Pushes the value of an expression, which is evaluated now.</summary>
    private void Push(string expression, StackType type, bool isNotNull = false)
    {
        string name = Temporary(type);
        _out.Append($"  {name} = {expression};\n");
        _stack.Add(new StackEntry(name, type) { IsNotNull = isNotNull });
    }

    private void Push(string expression, TypeDesc type) => Push(expression, StackType.Of(type));

    private void PushConstant(long value, StackKind kind)
    {
        string text = kind == StackKind.Int32 ? CNames.Integer(value) : $"((int64_t){CNames.Integer(value)})";
        _stack.Add(new StackEntry(text, new StackType(kind)) { Constant = value });
    }

    private StackEntry Top(int depth = 0) => depth < _stack.Count ? _stack[^(depth + 1)] : throw Damaged("the evaluation stack is empty");

    private StackEntry Pop()
    {
        StackEntry entry = PopToRead();
        if (entry.Field is { } field)
            _compilation.Escape(field);
        return entry;
    }

    /// <summary>Pops a value that is used for nothing but to read what is in it.</summary>
    private StackEntry PopToRead()
    {
        StackEntry entry = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return entry;
    }

    /// <summary>An entry as a C expression of another type, where the CLI converts without an instruction.</summary>
    private string As(StackEntry entry, StackType type)
    {
        if (entry.Type == type)
            return entry.Text;
        if (type.Kind == StackKind.Structure || entry.Kind == StackKind.Structure)
            throw new CompileException($"{_method}: a structure of another type at IL offset {_offset:x}.");
        bool fromAddress = entry.Kind is StackKind.Object or StackKind.Pointer;
        bool toAddress = type.Kind is StackKind.Object or StackKind.Pointer;
        return fromAddress == toAddress ? $"({CName(type)})({entry.Text})" : $"({CName(type)})(intptr_t)({entry.Text})";
    }

    /// <summary>An entry as the value of a variable of the given type.</summary>
    private string As(StackEntry entry, TypeDesc type)
    {
        StackType wanted = StackType.Of(type);
        string text = As(entry, wanted);
        return wanted.Kind is StackKind.Int32 or StackKind.Int64 or StackKind.NativeInt ? $"({_compilation.CName(type)})({text})" : text;
    }
}
