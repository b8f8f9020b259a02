using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Cloister.Aot.Evaluation;
using Cloister.Aot.Import;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Emission;

/// <summary>
/// Writes data.c: type descriptors, literals, static fields with what evaluated static constructors left in them, the functions by which delegates,
/// dispatch tables and C call methods, and the start of the program.
/// </summary>
internal sealed class DataWriter(Compilation compilation, MethodDesc entryPoint)
{
    private readonly StringBuilder _text = new("#include \"program.h\"\n\n");

    public string Write()
    {
        var descriptors = new DescriptorWriter(compilation, _text);
        foreach ((TypeDesc type, TypeFacts facts) in compilation.Types)
            descriptors.Write(type, facts);
        Literals();
        Evaluated();
        foreach ((FieldDesc field, string name) in compilation.Statics.Where(pair => !pair.Key.IsThreadStatic))
            Static(field, name);
        _text.Append("static struct ThreadStatics statics;\nchar* cl_thread_statics = (char*)&statics;\n")
            .Append("const int32_t cl_thread_statics_size = sizeof statics;\n");
        var start = new StartWriter(compilation, _text);
        start.Options(compilation.Options);
        foreach (MethodDesc method in compilation.Unboxing.DistinctBy(compilation.Reach))
            Forwarder(method, "u", isStatic: false);
        foreach (MethodDesc method in compilation.StaticThunks.Keys)
            Forwarder(method, "s", isStatic: true);
        foreach ((DefinedType type, MethodDesc constructor) in compilation.StaticConstructors)
            start.Initializer(type, constructor);
        foreach ((string name, MethodDesc method) in compilation.Traced.Values)
            Symbol(name, method);
        foreach ((string name, MethodDesc method) in compilation.Exports)
            Export(name, method);
        start.Roots();
        start.Start(entryPoint);
        return _text.ToString();
    }

    private void Literals()
    {
        TypeDesc type = compilation.Universe.CoreType("System.String");
        foreach ((string literal, string name) in compilation.Literals)
            _text.Append($"const String {name} = {{ &{compilation.Descriptor(type)}, {literal.Length}, {{ ")
                .AppendJoin(",", literal.Append('\0').Select(c => (int)c)).Append(" } };\n");
    }

    // What evaluated static constructors made. Arrays are declared first, because they and static fields refer to each other.
    private void Evaluated()
    {
        HashSet<EvaluatedArray> constants = compilation.FindConstants();
        foreach ((EvaluatedArray array, string name) in compilation.Arrays)
            _text.Append($"struct S{name} {{ const Type* type; uint64_t length; {ItemType(array.Element)} items[{array.Length}]; }}; ")
                .Append($"extern {(constants.Contains(array) ? "const " : "")}struct S{name} {name};\n");
        foreach ((EvaluatedObject made, string name) in compilation.Objects)
            _text.Append($"static const TypeObject {name} = {{ &{compilation.Descriptor(made.Type)}, 0 }};\n");
        foreach ((EvaluatedArray array, string name) in compilation.Arrays)
            Array(array, name, constants.Contains(array));
    }

    // A method's line in stack traces.
    private void Symbol(string name, MethodDesc method)
    {
        string? file = method.Record.Module.Symbols.FileOf(method.Record.Handle);
        string display = CNames.Text(MethodSymbols.Display(method));
        _text.Append($"const MethodSymbol {name} = {{ {display}, {(file is null ? "0" : CNames.Text(file))} }};\n");
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
        _text.Append(ProgramWriter.ForwarderOf(compilation, method, prefix, isStatic))
            .Append($" {{ {result}{compilation.Reach(method)}({string.Join(", ", arguments)}); }}\n");
    }

    private void Export(string name, MethodDesc method)
    {
        string[] types = [.. method.Signature.Parameters.Select(compilation.CName)];
        string parameters = types.Length == 0 ? "void" : string.Join(", ", types.Select((type, i) => $"{type} a{i}"));
        string result = method.Signature.Return.Primitive == Primitive.Void ? "" : "return ";
        _text.Append($"{compilation.CName(method.Signature.Return)} {name}({parameters}) {{ {result}{compilation.Reach(method)}(")
            .AppendJoin(", ", types.Select((_, i) => "a" + i)).Append("); }\n");
    }
}
