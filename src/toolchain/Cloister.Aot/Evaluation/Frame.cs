using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using Cloister.Aot.Import;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Evaluation;

/// <summary>A method that the evaluator runs.</summary>
internal sealed class Frame(MethodDesc method, BlobReader il, Value[] arguments, TypeDesc[] locals)
{
    /// <summary>The code, at the next instruction.</summary>
    public BlobReader IL = il;

    public MethodDesc Method { get; } = method;

    public MetadataModule Module => Method.Record.Module;

    public Value[] Arguments { get; } = arguments;

    public Value[] Locals { get; } = [.. locals.Select(Value.Zero)];

    public Stack<Value> Stack { get; } = new();

    public void Push(Value value) => Stack.Push(value);

    public Value Pop() => Stack.TryPop(out Value value) ? value : throw new NotEvaluableException();

    public EvaluatedArray PopArray() => Pop().Object as EvaluatedArray ?? throw new NotEvaluableException();

    public void Store(int index, Func<Value, TypeDesc, Value> convert) => Locals[index] = convert(Pop(), locals[index]);

    public TypeDesc ReadType() => Module.ResolveType(ReadToken()).Substitute(Method.Owner.Arguments, Method.Arguments);

    public object ReadMember() => ReadToken() is { Kind: HandleKind.TypeDefinition or HandleKind.TypeReference or HandleKind.TypeSpecification }
        ? throw new NotEvaluableException() : Member(IL.Offset - 4);

    private EntityHandle ReadToken() => Module.Entity(IL.ReadInt32());

    private object Member(int offset)
    {
        BlobReader token = IL;
        token.Offset = offset;
        return Module.ResolveMember(Module.Entity(token.ReadInt32())) switch
        {
            MethodDesc called => called.Substitute(Method.Owner.Arguments, Method.Arguments),
            FieldDesc field => ((DefinedType)field.Owner.Substitute(Method.Owner.Arguments, Method.Arguments)).Fields[field.Record.Index],
            _ => throw new NotEvaluableException(),
        };
    }

    /// <summary>Goes to another instruction; the distance counts from behind the operand, which has been read.</summary>
    public void Jump(int distance) => IL.Offset += distance;
}
