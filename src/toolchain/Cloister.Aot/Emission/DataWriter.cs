using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Cloister.Aot.Evaluation;
using Cloister.Aot.Import;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Emission;

/// <summary>Writes data.c: type descriptors, literals, static fields, forwarders, runners of static constructors and the start of the program.</summary>
internal sealed class DataWriter(Compilation compilation, MethodDesc entryPoint)
{
    // Flags of TypeDescriptor in the core library.
    private const int IsArray = 1, IsValueType = 2, IsInterface = 4, IsEnum = 8, HasFlags = 16, IsUnsigned = 32, IsPrimitive = 64, IsNullable = 128;

    private readonly StringBuilder _text = new("#include \"program.h\"\n\n");

    public string Write()
    {
        foreach ((TypeDesc type, TypeFacts facts) in compilation.Types)
            Descriptor(type, facts);
        foreach ((string literal, string name) in compilation.Literals)
            _text.Append($"const String {name} = {{ &{compilation.Descriptor(compilation.Universe.CoreType("System.String"))}, {literal.Length}, {{ ")
                .AppendJoin(",", literal.Append('\0').Select(c => (int)c)).Append(" } };\n");
        HashSet<EvaluatedArray> constants = compilation.FindConstants();
        foreach ((EvaluatedArray array, string name) in compilation.Arrays)
            _text.Append($"struct S{name} {{ const Type* type; uint64_t length; {ItemType(array.Element)} items[{array.Length}]; }}; ")
                .Append($"extern {(constants.Contains(array) ? "const " : "")}struct S{name} {name};\n");
        foreach ((EvaluatedObject made, string name) in compilation.Objects)
            _text.Append($"static const TypeObject {name} = {{ &{compilation.Descriptor(made.Type)}, 0 }};\n");
        foreach ((EvaluatedArray array, string name) in compilation.Arrays)
            Array(array, name, constants.Contains(array));
        foreach ((FieldDesc field, string name) in compilation.Statics.Where(pair => !pair.Key.IsThreadStatic))
            Static(field, name);
        _text.Append("static struct ThreadStatics statics;\nchar* cl_thread_statics = (char*)&statics;\n")
            .Append("const int32_t cl_thread_statics_size = sizeof statics;\n");
        Options(compilation.Options);
        foreach (MethodDesc method in compilation.Unboxing.DistinctBy(compilation.Reach))
            Forwarder(method, "u", isStatic: false);
        foreach (MethodDesc method in compilation.StaticThunks.Keys)
            Forwarder(method, "s", isStatic: true);
        foreach ((DefinedType type, MethodDesc constructor) in compilation.StaticConstructors)
            Initializer(type, constructor);
        foreach ((string name, MethodDesc method) in compilation.Traced.Values)
        {
            string? file = method.Record.Module.Symbols.FileOf(method.Record.Handle);
            string display = CNames.Text(MethodSymbols.Display(method));
            _text.Append($"const MethodSymbol {name} = {{ {display}, {(file is null ? "0" : CNames.Text(file))} }};\n");
        }

        foreach ((string name, MethodDesc method) in compilation.Exports)
            Export(name, method);
        Roots();
        Start();
        return _text.ToString();
    }

    private void Descriptor(TypeDesc type, TypeFacts facts)
    {
        string name = "T" + facts.Number;
        bool isObject = facts.IsConstructed;
        TypeDesc[] casts = !isObject ? [] : [.. compilation.Types.Where(pair => pair.Value.IsCastTarget && pair.Key != type &&
            (pair.Key.IsInterface || pair.Key is ArrayType || pair.Key is DefinedType { IsDelegate: true }) && Assignability.IsInstance(type, pair.Key)).Select(pair => pair.Key)];
        if (casts.Length > 0)
            _text.Append($"static const Type* const {name}_casts[] = {{ ").AppendJoin(", ", casts.Select(cast => "&" + compilation.Descriptor(cast))).Append(" };\n");
        TypeDesc? element = type is ArrayType array ? array.Element : type.IsEnum ? type.Underlying
            : type is DefinedType { IsNullable: true } nullable ? nullable.Arguments[0] : null;
        TypeShape variable = compilation.VariableShape(element is not null && type is ArrayType ? element : type.IsValueType ? type : compilation.Universe.CoreType("System.Object"));
        bool isClass = type is DefinedType { IsValueType: false, IsInterface: false };
        int size = isClass || type.IsValueType ? compilation.ObjectSize(type) : variable.Size;
        if (type is DefinedType { Record.FullName: "System.String" })
            size = 16;
        // Offsets of references: in an object from its start, in an array in each element.
        IEnumerable<int> references = isClass ? compilation.Shape(type).References : type is ArrayType ? variable.References : type.IsValueType ? variable.References.Select(offset => offset + 8) : [];
        int[] offsets = [.. references];
        if (offsets.Length > 0)
            _text.Append($"static const uint32_t {name}_references[] = {{ ").AppendJoin(", ", offsets).Append(" };\n");
        string enumeration = Enumeration(type, name);
        string fields = Fields(type, facts, name);
        int flags = (type is ArrayType ? IsArray : 0) | (type.IsValueType ? IsValueType : 0) | (type.IsInterface ? IsInterface : 0) | (type.IsEnum ? IsEnum : 0) |
            (type is DefinedType { IsEnum: true } flagged && flagged.Record.Attribute("System.FlagsAttribute") is not null ? HasFlags : 0) |
            (type.Underlying.Primitive is Primitive.Boolean or Primitive.Byte or Primitive.Char or Primitive.UInt16 or Primitive.UInt32 or Primitive.UInt64 or Primitive.UIntPtr ? IsUnsigned : 0) |
            (type.Primitive != Primitive.None ? IsPrimitive : 0) | (type is DefinedType { IsNullable: true } ? IsNullable : 0);
        string multicast = isObject && type is DefinedType { IsDelegate: true } made ? Multicast(made, name) : "0";
        _text.Append($"// {type}\nconst Type {name} = {{ {(type.BaseType is { } parent ? "&" + compilation.Descriptor(parent) : "0")}, ")
            .Append(element is null ? "0" : "&" + compilation.Descriptor(element)).Append(", ")
            .Append(casts.Length == 0 ? "0" : name + "_casts").Append($", {casts.Length}, {size}, {flags}, {(type is ArrayType shaped ? shaped.Rank : variable.Size)}, ")
            .Append(offsets.Length == 0 ? "0" : name + "_references").Append($", {offsets.Length}, {(int)type.Underlying.Primitive}, ")
            .Append($"&{compilation.Literal((type as DefinedType)?.Record.Name ?? type.FullName)}, &{compilation.Literal(type.FullName)}, {enumeration}, {fields}, (void*){multicast}, &OT{facts.Number}, {{ ");
        if (isObject)
        {
            Selector[] rows = [.. compilation.Selectors.Values.Where(selector => selector.Implementations.ContainsKey(type))];
            foreach (Selector selector in rows)
                _text.Append($"[{selector.Row}] = {compilation.BoxedEntry(selector.Implementations[type])}, ");
        }

        _text.Append($"}} }};\nconst TypeObject OT{facts.Number} = {{ &{compilation.Descriptor(compilation.Universe.CoreType("System.RuntimeType"))}, &{name} }};\n");
    }

    private string Enumeration(TypeDesc type, string name)
    {
        if (!type.IsEnum)
            return "0";
        FieldDesc[] constants = [.. ((DefinedType)type).Fields.Where(field => field.IsLiteral)];
        if (constants.Length == 0)
            return "0";
        _text.Append($"static const EnumConstant {name}_constants[] = {{ ");
        foreach (FieldDesc constant in constants)
            _text.Append($"{{ {CNames.Integer(Constant(constant))}, &{compilation.Literal(constant.Name)} }}, ");
        _text.Append($"}};\nstatic const EnumConstants {name}_enum = {{ {constants.Length}, {name}_constants }};\n");
        return $"&{name}_enum";
    }

    private static long Constant(FieldDesc field)
    {
        System.Reflection.Metadata.MetadataReader reader = field.Record.Module.Reader;
        System.Reflection.Metadata.Constant constant = reader.GetConstant(reader.GetFieldDefinition(field.Record.Handle).GetDefaultValue());
        object value = reader.GetBlobReader(constant.Value).ReadConstant(constant.TypeCode)!;
        return value is ulong large ? unchecked((long)large) : Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture);
    }

    // What ValueType.Equals and GetHashCode compare.
    private string Fields(TypeDesc type, TypeFacts facts, string name)
    {
        if (!facts.IsConstructed || type is not DefinedType { IsValueType: true, IsEnum: false, Primitive: Primitive.None } value || !compilation.ComparesFields(value))
            return "0";
        FieldDesc[] fields = [.. value.Fields.Where(field => !field.IsStatic && field.Type is not PointerType)];
        if (fields.Length == 0)
            return "0";
        TypeDesc common = compilation.Universe.CoreType("System.Object");
        _text.Append($"static const FieldEntry {name}_entries[] = {{ ");
        foreach (FieldDesc field in fields)
            _text.Append($"{{ {compilation.Shape(type).Offset(field)}, &{compilation.Descriptor(field.Type.IsReference ? common : field.Type)} }}, ");
        _text.Append($"}};\nstatic const FieldEntries {name}_fields = {{ {fields.Length}, {name}_entries }};\n");
        return $"&{name}_fields";
    }

    // A combined delegate is its own target, and its function calls the parts in order; the last result counts.
    private string Multicast(DefinedType type, string name)
    {
        MethodDesc invoke = type.Method("Invoke");
        string result = compilation.CName(invoke.Signature.Return);
        bool isVoid = result == "void";
        string[] types = [.. invoke.Signature.Parameters.Select(compilation.CName)];
        string parameters = string.Join("", types.Select((parameter, i) => $", {parameter} a{i}"));
        string arguments = string.Join("", types.Select((_, i) => $", a{i}"));
        string function = $"(({result}(*)({string.Join(", ", types.Prepend("void*"))}))DELEGATE_FUNCTION(part))(DELEGATE_TARGET(part){arguments})";
        _text.Append($"static {result} {name}_multicast(void* self{parameters})\n{{\n  void* list = DELEGATE_LIST(self);\n");
        if (!isVoid)
            _text.Append($"  {result} result;\n");
        _text.Append("  for (uint32_t i = 0; i < ARRAY_LENGTH(list); i++) {\n    void* part = ((void**)((char*)list + 16))[i];\n")
            .Append($"    {(isVoid ? "" : "result = ")}{function};\n    if (cl_exception) {(isVoid ? "return" : "return result")};\n  }}\n{(isVoid ? "" : "  return result;\n")}}}\n");
        return name + "_multicast";
    }

    private void Static(FieldDesc field, string name)
    {
        if (!field.HasData)
        {
            string value = compilation.Initial(field) is { } initial ? " = " + Spell(initial, field.Type) : "";
            _text.Append($"{compilation.CName(field.Type)} {name}{value};\n");
            return;
        }

        int size = compilation.VariableShape(field.Type).Size;
        _text.Append($"_Alignas(16) const uint8_t {name}[] = {{ ").AppendJoin(",", field.Record.Module.FieldData(field.Record, size))
            .Append($" }};\nconst FieldData {name}_data = {{ {size}, {name} }};\n");
    }

    // What evaluated static constructors left.
    private string Spell(Value value, TypeDesc type) => value.Kind switch
    {
        StackKind.Single => BitConverter.Int32BitsToSingle((int)value.Bits).ToString("E9", CultureInfo.InvariantCulture) + "f",
        StackKind.Double => BitConverter.Int64BitsToDouble(value.Bits).ToString("E17", CultureInfo.InvariantCulture),
        StackKind.Object => Spell(value.Object),
        _ => $"({compilation.CName(type)}){CNames.Integer(value.Bits)}",
    };

    private string Spell(object? item) => item switch
    {
        null => "0",
        string text => $"(void*)&{compilation.Literal(text)}",
        EvaluatedObject made => $"(void*)&{compilation.Objects[made]}",
        _ => $"(void*)&{compilation.Arrays[(EvaluatedArray)item]}",
    };

    // Floats by their bits, because C has no constants for some of them.
    private string ItemType(TypeDesc element) => StackType.Of(element).Kind switch
    {
        StackKind.Single => "uint32_t",
        StackKind.Double => "uint64_t",
        _ => compilation.CName(element),
    };

    // Laid out as an object; the collector ignores what isn't in its heap.
    private void Array(EvaluatedArray array, string name, bool isConstant)
    {
        string type = ItemType(array.Element);
        IEnumerable<string> items = array.Element.IsReference ? array.Objects.Select(Spell)
            : array.Bits.Select(bits => $"({type}){CNames.Integer(bits)}");
        _text.Append($"{(isConstant ? "const " : "")}struct S{name} {name} = ")
            .Append($"{{ &{compilation.Descriptor(compilation.Universe.Array(array.Element, 0))}, {array.Length}, {{ ")
            .AppendJoin(", ", items).Append(" } };\n");
    }

    private void Forwarder(MethodDesc method, string prefix, bool isStatic)
    {
        int count = method.Signature.Parameters.Length;
        string[] arguments = [.. Enumerable.Range(isStatic ? 0 : 1, count).Select(i => "a" + i)];
        if (!isStatic)
            arguments = ["(char*)target + 8", .. arguments];
        string result = method.Signature.Return.Primitive == Primitive.Void ? "" : "return ";
        _text.Append(ProgramWriter.ForwarderOf(compilation, method, prefix, isStatic)).Append($" {{ {result}{compilation.Reach(method)}({string.Join(", ", arguments)}); }}\n");
    }

    private void Export(string name, MethodDesc method)
    {
        string[] types = [.. method.Signature.Parameters.Select(compilation.CName)];
        string parameters = types.Length == 0 ? "void" : string.Join(", ", types.Select((type, i) => $"{type} a{i}"));
        string result = method.Signature.Return.Primitive == Primitive.Void ? "" : "return ";
        _text.Append($"{compilation.CName(method.Signature.Return)} {name}({parameters}) {{ {result}{compilation.Reach(method)}(")
            .AppendJoin(", ", types.Select((_, i) => "a" + i)).Append("); }\n");
    }

    // States: 0 not run, 1 running, 2 done, 3 failed. Whoever comes back while it runs goes on (ECMA-335, II.10.5.3.3).
    private void Initializer(DefinedType type, MethodDesc constructor)
    {
        string name = compilation.Descriptor(type);
        string failed = compilation.Reach(compilation.SupportMethod("InitializerFailed"));
        if (compilation.HasThreads)
        {
            SharedInitializer(name, compilation.Reach(constructor), failed);
            return;
        }

        _text.Append($"uint8_t i{name}; static void* x{name};\nvoid r{name}(void)\n{{\n  if (i{name} == 1) return;\n  if (i{name} == 3) {{ cl_throw(x{name}); return; }}\n")
            .Append($"  i{name} = 1;\n{Guarded(compilation.Reach(constructor))}  if (!cl_exception) {{ i{name} = 2; return; }}\n")
            .Append($"  void* cause = cl_exception; cl_exception = 0;\n  x{name} = {failed}((char*)&{name}, cause);\n")
            .Append($"  if (cl_exception) x{name} = cl_exception;\n  cl_exception = 0;\n  i{name} = 3;\n  cl_throw(x{name});\n}}\n");
    }

    // Whatever leaves a static constructor is caught; in the first pass of exceptions too.
    private static string Guarded(string constructor) => "  Handlers handlers = { cl_handlers, cl_catches_all, 1 };\n" +
        $"  cl_handlers = &handlers;\n  {constructor}();\n  cl_handlers = handlers.outer;\n";

    // Other threads wait until the constructor has ended, except for one on which its thread waits in turn.
    private void SharedInitializer(string name, string constructor, string failed)
    {
        string Call(string method) => compilation.Reach(compilation.SupportMethod(method));
        _text.Append($"uint8_t i{name}; static void* x{name}; static char* o{name};\nvoid r{name}(void)\n{{\n")
            .Append($"  while (i{name} == 1) if (!{Call("AwaitInitializer")}((char*)&i{name}, o{name})) return;\n")
            .Append($"  if (i{name} == 2) return;\n  if (i{name} == 3) {{ cl_throw(x{name}); return; }}\n")
            .Append($"  i{name} = 1;\n  o{name} = {Call("CurrentContext")}();\n{Guarded(constructor)}")
            .Append($"  if (!cl_exception) {{ i{name} = 2; {Call("InitializerEnded")}(); return; }}\n")
            .Append($"  void* cause = cl_exception; cl_exception = 0;\n  x{name} = {failed}((char*)&{name}, cause);\n")
            .Append($"  if (cl_exception) x{name} = cl_exception;\n  cl_exception = 0;\n  i{name} = 3;\n  {Call("InitializerEnded")}();\n")
            .Append($"  cl_throw(x{name});\n}}\n");
    }

    private void Options(RuntimeOptions options) => _text.Append(CultureInfo.InvariantCulture,
        $"const int32_t cl_default_stack = {options.ThreadStack}, cl_precise_roots = {(options.PreciseRoots ? 1 : 0)}, ")
        .Append(CultureInfo.InvariantCulture, $"cl_collect_every = {options.CollectEvery};\nconst int64_t cl_heap_limit = {options.HeapLimit};\n");

    private void Roots()
    {
        _text.Append("const Root cl_roots[] = { { &cl_exception, 8 }, { &statics, sizeof statics }");
        foreach ((FieldDesc field, string name) in compilation.Statics.Where(pair => !pair.Key.HasData && !pair.Key.IsThreadStatic &&
            compilation.VariableShape(pair.Key.Type).References.Count > 0))
            _text.Append($", {{ &{name}, sizeof {name} }}");
        // An array of references in the program's data may come to refer to objects of the heap.
        foreach ((EvaluatedArray array, string name) in compilation.Arrays.Where(pair => pair.Key.Objects.Length > 0))
            _text.Append($", {{ {name}.items, sizeof {name}.items }}");
        foreach ((DefinedType type, _) in compilation.StaticConstructors)
            _text.Append($", {{ &x{compilation.Descriptor(type)}, 8 }}");
        _text.Append(" };\nconst uint32_t cl_root_count = sizeof cl_roots / sizeof *cl_roots;\n");
    }

    private void Start()
    {
        string run = compilation.Reach(entryPoint);
        if (compilation.Profile == Profile.Monitor)
        {
            string status = entryPoint.Signature.Return.Primitive == Primitive.Void ? "0" : "status";
            _text.Append($"int32_t cl_main(void)\n{{\n  {(status == "0" ? "" : "int32_t status = ")}{run}();\n")
                .Append($"  {compilation.Reach(compilation.SupportMethod("Finish"))}();\n  return {status};\n}}\n");
            return;
        }

        string Call(string name) => compilation.Reach(compilation.SupportMethod(name));
        _text.Append($"void cl_throw(void *exception)\n{{\n  {Call("Search")}(exception);\n  cl_exception = exception;\n}}\n");
        string main = compilation.Reach(entryPoint);
        bool isVoid = entryPoint.Signature.Return.Primitive == Primitive.Void;
        string argument = entryPoint.Signature.Parameters.Length == 0 ? "" : $"{Call("Arguments")}()";
        string statistics = compilation.Options.Statistics ? $"  {Call("PrintStatistics")}();\n" : "";
        string threads = compilation.HasThreads ? $"{Call("FinishThreads")}(); " : "";
        _text.Append($"int32_t cl_main(void)\n{{\n  int32_t status = 0;\n  {(isVoid ? "" : "status = ")}{main}({argument});\n")
            .Append($"  if (cl_exception) {{ void* unhandled = cl_exception; cl_exception = 0; status = {Call("Unhandled")}(unhandled); }}\n  {(threads.Length > 0 ? "else " + threads : "")}{statistics}{Call("Finish")}();\n  return status;\n}}\n");
    }
}
