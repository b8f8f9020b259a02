using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Text;

namespace Cloister.Aot.TypeSystem;

/// <summary>A line of a source file where the IL from an offset on comes from.</summary>
public readonly record struct SequencePoint(int Offset, int Line, string File);

/// <summary>Portable symbols of an assembly, embedded or in a file beside it, and how methods are called in stack traces.</summary>
public sealed class MethodSymbols
{
    private readonly MetadataReader? _reader;
    private readonly Dictionary<MethodDefinitionHandle, SequencePoint[]> _points = [];

    internal MethodSymbols(MetadataModule module)
    {
        // The core library counts as the framework, of which .NET shows no lines either.
        if (module.IsCore)
            return;
        try
        {
            // Read as a whole, so that the file doesn't stay open.
            Stream? Open(string path) => File.Exists(path) ? new MemoryStream(File.ReadAllBytes(path)) : null;
            if (module.Image.TryOpenAssociatedPortablePdb(module.Path, Open, out MetadataReaderProvider? provider, out _))
                _reader = provider!.GetMetadataReader();
        }
        catch (BadImageFormatException exception)
        {
            throw new CompileException(
                $"The symbols of {module.Path} can't be read: {exception.Message} Delete the .pdb file, or build the assembly again.");
        }
    }

    /// <summary>The lines of a method, by offset; none where they aren't known.</summary>
    public SequencePoint[] Points(MethodDefinitionHandle method)
    {
        if (_reader is null)
            return [];
        if (!_points.TryGetValue(method, out SequencePoint[]? points))
            _points[method] = points = [.. _reader.GetMethodDebugInformation(method.ToDebugInformationHandle()).GetSequencePoints()
                .Where(point => !point.IsHidden)
                .Select(point => new SequencePoint(point.Offset, point.StartLine, _reader.GetString(_reader.GetDocument(point.Document).Name)))];
        return points;
    }

    /// <summary>The line at an offset; 0 where it isn't known.</summary>
    public int LineAt(MethodDefinitionHandle method, int offset) => Array.FindLast(Points(method), point => point.Offset <= offset).Line;

    /// <summary>The name of a method's source file without its folder, so that an image doesn't depend on where it was built.</summary>
    public string? FileOf(MethodDefinitionHandle method) =>
        Points(method) is [{ File: var path }, ..] ? path[(path.LastIndexOfAny(['/', '\\']) + 1)..] : null;

    /// <summary>A method as .NET writes it in stack traces: types without namespaces, parameters by name.</summary>
    public static string Display(MethodDesc method)
    {
        MetadataReader reader = method.Record.Module.Reader;
        MethodDefinition definition = reader.GetMethodDefinition(method.Record.Handle);
        string[] own = [.. definition.GetGenericParameters().Select(handle => reader.GetString(reader.GetGenericParameter(handle).Name))];
        string[] outer = [.. method.Owner.Record.Parameters.Select(parameter => reader.GetString(parameter.Name))];
        var names = new Dictionary<int, string>();
        foreach (ParameterHandle handle in definition.GetParameters())
            names[reader.GetParameter(handle).SequenceNumber] = reader.GetString(reader.GetParameter(handle).Name);
        var text = new StringBuilder(method.Owner.Record.FullName.Replace('+', '.')).Append('.').Append(method.Name);
        if (own.Length > 0)
            text.Append('[').AppendJoin(',', own).Append(']');
        IEnumerable<string> parameters = method.Record.Signature.Parameters
            .Select((type, i) => $"{Short(type)} {names.GetValueOrDefault(i + 1)}".TrimEnd());
        return text.Append('(').AppendJoin(", ", parameters).Append(')').ToString();

        string Short(TypeDesc type) => type switch
        {
            DefinedType defined => defined.Record.Name,
            ArrayType array => Short(array.Element) + array.FullName[array.Element.FullName.Length..],
            PointerType pointer => Short(pointer.Target) + (pointer.IsByRef ? "&" : "*"),
            TypeParameter parameter => (parameter.OfMethod ? own : outer) is { } list && parameter.Index < list.Length ? list[parameter.Index] : "?",
            _ => type.FullName,
        };
    }
}
