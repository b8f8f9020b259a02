using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Cloister.Aot.Import;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Emission;

/// <summary>Writes a scanned program as C files: program.h with all declarations, methods in parts, and data.c.</summary>
public sealed class ProgramWriter(Compilation compilation, MethodDesc entryPoint)
{
    private const int MethodsInPart = 250;

    // Characters of C from which a method is a part of its own.
    private const int LargeBody = 60_000;

    /// <summary>How names of files begin that have one large method.</summary>
    public const string LargePrefix = "large";

    /// <summary>The files' names and texts. The same program gives the same bytes.</summary>
    public List<(string Name, string Text)> Write()
    {
        Dictionary<MethodDesc, MethodBody> bodies = BodyFolder.Fold(compilation);
        var inlining = new Inlining(compilation, bodies);
        var parts = new List<StringBuilder>();
        foreach (MethodDesc[] methods in bodies.Keys.Where(method => bodies[method].Text.Length < LargeBody).Chunk(MethodsInPart))
        {
            var part = new StringBuilder("#include \"program.h\"\n\n");
            inlining.Write(part, methods);
            foreach (MethodDesc method in methods)
            {
                MethodBody body = bodies[method];
                part.Append($"// {method}\n").Append(body.Prelude).Append(inlining.Attribute(method)).Append(body.Text).Append('\n');
            }

            parts.Add(part);
        }

        string data = new DataWriter(compilation, entryPoint).Write();
        var files = new List<(string, string)> { ("program.h", Header()), ("data.c", data) };
        files.AddRange(parts.Select((part, index) => ($"part{index}.c", part.ToString())));
        // The C compiler's search for what pointers point to takes a minute for a few of these; the driver does without it.
        files.AddRange(bodies.Where(pair => pair.Value.Text.Length >= LargeBody).Select((pair, index) =>
            ($"{LargePrefix}{index}.c", $"#include \"program.h\"\n\n// {pair.Key}\n{pair.Value.Prelude}{pair.Value.Text}\n")));
        return files;
    }

    private string Header()
    {
        var text = new StringBuilder("#include \"cloister.h\"\n\n");
        var written = new HashSet<TypeDesc>();
        foreach (TypeDesc type in compilation.Structures.Keys)
            Structure(text, type, written);
        foreach (TypeFacts facts in compilation.Types.Values)
            text.Append($"extern const Type T{facts.Number}; extern const TypeObject OT{facts.Number};\n");
        foreach (string literal in compilation.Literals.Values)
            text.Append($"extern const String {literal};\n");
        Statics(text);
        foreach ((DefinedType type, _) in compilation.StaticConstructors)
            text.Append($"extern uint8_t i{compilation.Descriptor(type)}; void r{compilation.Descriptor(type)}(void);\n");
        foreach (MethodDesc method in compilation.Methods.Keys.Where(method => !method.IsInternalCall).DistinctBy(compilation.Reach))
            text.Append(MethodImporter.Prototype(compilation, method)).Append(";\n");
        foreach ((string name, _) in compilation.Traced.Values)
            text.Append($"extern const MethodSymbol {name};\n");
        foreach (MethodDesc method in compilation.Unboxing.DistinctBy(compilation.Reach))
            text.Append(Forwarder(method, "u", isStatic: false)).Append(";\n");
        foreach (MethodDesc method in compilation.StaticThunks.Keys)
            text.Append(Forwarder(method, "s", isStatic: true)).Append(";\n");
        return text.ToString();
    }

    private void Statics(StringBuilder text)
    {
        text.Append("struct ThreadStatics { ");
        foreach ((FieldDesc field, string name) in compilation.Statics.Where(pair => pair.Key.IsThreadStatic))
            text.Append($"{compilation.CName(field.Type)} {name}; ");
        text.Append("};\n");
        foreach ((FieldDesc field, string name) in compilation.Statics.Where(pair => !pair.Key.IsThreadStatic))
        {
            if (field.HasData)
                text.Append($"extern const uint8_t {name}[]; extern const FieldData {name}_data;\n");
            else
                text.Append($"extern {compilation.CName(field.Type)} {name};\n");
        }
    }

    private void Structure(StringBuilder text, TypeDesc type, HashSet<TypeDesc> written)
    {
        if (!written.Add(type))
            return;
        TypeShape shape = compilation.Shape(type);
        FieldDesc[] fields = [.. ((DefinedType)type).Fields.Where(field => !field.IsStatic)];
        foreach (FieldDesc field in fields)
            if (compilation.Structures.ContainsKey(field.Type))
                Structure(text, field.Type, written);
        string cName = compilation.CName(type);
        text.Append(cName).Append(" { ");
        // A vector of the processor: as two numbers its halves would be copied apart and read together, which stalls.
        string name = ((DefinedType)type).Record.Name;
        if (name is "Vector128`1" or "Vector256`1" && compilation.Processor.Features.Contains(name[..^2]))
        {
            text.Append($"VectorOf{shape.Size} vector; }}; _Static_assert(_Alignof({cName}) == {shape.Alignment}, \"alignment\");")
                .Append($" _Static_assert(sizeof({cName}) == {shape.Size}, \"{type}\");\n");
            return;
        }

        bool packs = !shape.IsOpaque && fields.Any(field => shape.Offset(field) % compilation.VariableShape(field.Type).Alignment != 0);
        if (shape.IsOpaque || packs || fields.Length == 0 || fields.Any(field => compilation.VariableShape(field.Type).Size == 0))
            text.Append($"_Alignas({shape.Alignment}) uint8_t bytes[{shape.Size}]; ");
        else
        {
            foreach (FieldDesc field in fields)
                text.Append($"{compilation.CName(field.Type)} f{field.Record.Index}; ");
            FieldDesc last = fields[^1];
            int end = shape.Offset(last) + compilation.VariableShape(last.Type).Size;
            if ((end + shape.Alignment - 1) / shape.Alignment * shape.Alignment < shape.Size)
                text.Append($"uint8_t rest[{shape.Size - end}]; ");
        }

        text.Append($"}}; _Static_assert(sizeof({cName}) == {shape.Size}, \"{type}\");\n");
    }

    private string Forwarder(MethodDesc method, string prefix, bool isStatic) => ForwarderOf(compilation, method, prefix, isStatic);

    internal static string ForwarderOf(Compilation compilation, MethodDesc method, string prefix, bool isStatic)
    {
        int first = isStatic ? 0 : 1;
        IEnumerable<string> own = method.Signature.Parameters.Select((type, i) => $"{compilation.CName(type)} a{first + i}");
        string parameters = string.Join(", ", own.Prepend("void* target"));
        return $"{compilation.CName(method.Signature.Return)} {prefix}{compilation.Reach(method)}({parameters})";
    }
}
