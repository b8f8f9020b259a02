using System.Collections.Generic;
using System.Linq;
using Cloister.Aot.Emission;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Import;

/// <summary>Delegates: making them, following them, and calling them.</summary>
internal sealed partial class MethodImporter
{
    // Every delegate calls its function with a target, which is nothing for static methods; these get a function that drops it.
    private void NewDelegate(DefinedType type)
    {
        Refuse($"makes a delegate, {type},");
        StackEntry function = Pop();
        StackEntry target = Pop();
        string text;
        if (function.Function is { } method)
        {
            if (IsClosed(type.Method("Invoke"), method) && method.IsStatic && !method.Signature.Parameters[0].IsReference)
                throw new CompileException($"{_method}: a delegate over the first argument of {method}, which is a value.");
            text = DelegateEntry(type.Method("Invoke"), method);
            if (!method.IsStatic)
                CheckNull(target);
            _body.DelegateTargets.Add((type.Record, method, null));
        }
        else if (function.Token is MethodDesc declaration)
        {
            text = function.Text;
            _body.DelegateTargets.Add((type.Record, null, _compilation.Select(declaration)));
        }
        else
            throw new CompileException($"{_method}: a delegate of an unknown function at IL offset {_offset:x}.");
        string name = AllocateObject(type);
        _out.Append($"  DELEGATE_TARGET({name}) = {target.Text}; DELEGATE_FUNCTION({name}) = (intptr_t){text};\n");
        _stack.Add(new StackEntry(name, new StackType(StackKind.Object)) { IsNotNull = true, Origin = function.Function });
    }

    // A static method may have the delegate's target as its first argument, as extension methods do.
    private static bool IsClosed(MethodDesc invoke, MethodDesc method) =>
        !method.IsStatic || method.Signature.Parameters.Length == invoke.Signature.Parameters.Length + 1;

    private string DelegateEntry(MethodDesc invoke, MethodDesc method) => !method.IsStatic ? _compilation.BoxedEntry(method)
        : IsClosed(invoke, method) ? _compilation.Reach(method) : _compilation.StaticThunk(method);

    /// <summary>A value goes to a place that may hold delegates.</summary>
    private void Follow(StackEntry value, TypeDesc type, DelegatePlace place)
    {
        if (value.Origin is not null && type is DefinedType { IsDelegate: true })
            _compilation.Delegates.Add(value.Origin, place);
    }

    /// <summary>The value pushed last comes from a place that may hold delegates.</summary>
    private void ComesFrom(TypeDesc type, DelegatePlace place)
    {
        if (type is DefinedType { IsDelegate: true })
            _stack[^1] = _stack[^1] with { Origin = place };
    }

    private void FollowArguments(MethodDesc method, StackEntry[] arguments)
    {
        int first = method.IsStatic ? 0 : 1;
        for (int i = first; i < arguments.Length; i++)
            Follow(arguments[i], method.Signature.Parameters[i - first], new DelegatePlace(method, DelegatePlaceKind.Parameter, i));
    }

    private void CallDelegate(MethodDesc invoke, StackEntry[] arguments)
    {
        string target = arguments[0].Text;
        string[] passed = [.. Passed(invoke, arguments).Skip(1)];
        MethodDesc[] likely = [.. _compilation.Delegates.Methods(arguments[0].Origin).Where(method => IsTiny(method) && Fits(invoke, method))];
        _body.DelegateCalls.Add(invoke.Owner.Record);
        _body.Throws = true;
        CallLikely(likely.Select(method => ($"DELEGATE_FUNCTION({target}) != (intptr_t){DelegateEntry(invoke, method)}", method,
                IsClosed(invoke, method) ? passed.Prepend(Receiver(method, $"DELEGATE_TARGET({target})")) : passed)),
            isOtherRare: likely.Length == 1, invoke.Signature.Return,
            $"(({FunctionType(invoke.Signature.Return, invoke.Signature.Parameters)})DELEGATE_FUNCTION({target}))" +
            $"({string.Join(", ", passed.Prepend($"DELEGATE_TARGET({target})"))})", mayThrow: true);
    }

    // A delegate of another type may be where only a failing cast leads from.
    private bool Fits(MethodDesc invoke, MethodDesc method)
    {
        TypeDesc[] parameters = method.Signature.Parameters;
        if (method.IsStatic && IsClosed(invoke, method))
        {
            if (!parameters[0].IsReference)
                return false;
            parameters = parameters[1..];
        }

        return parameters.Select(_compilation.CName).SequenceEqual(invoke.Signature.Parameters.Select(_compilation.CName)) &&
            _compilation.CName(method.Signature.Return) == _compilation.CName(invoke.Signature.Return);
    }

    // Methods of structures take the address of the value in the box.
    private static string Receiver(MethodDesc method, string target) =>
        method.Owner.IsValueType && !method.IsStatic ? $"(char*){target} + 8" : target;

    private bool IsTiny(MethodDesc method) => _compilation.Methods[method].Body is { } body && Inlining.IsTiny(method, body);

    /// <summary>Tests for the methods that a call probably reaches, and calls these directly.</summary>
    /// <param name="likely">Conditions that say that it is another method, with the methods and their arguments.</param>
    /// <param name="isOtherRare">Whether the only method is expected.</param>
    /// <param name="other">The call where it is none of them.</param>
    private void CallLikely(IEnumerable<(string IsOther, MethodDesc Method, IEnumerable<string> Arguments)> likely, bool isOtherRare, TypeDesc type,
        string other, bool mayThrow)
    {
        string? result = type.Primitive == Primitive.Void ? null : Temporary(StackType.Of(type));
        string assigned = result is null ? "" : $"{result} = ";
        int tests = 0;
        foreach ((string isOther, MethodDesc method, IEnumerable<string> arguments) in likely)
        {
            _out.Append($"  if (!{(isOtherRare ? "UNLIKELY" : "")}({isOther})) {{\n")
                .Append($"  {assigned}{_compilation.Reach(method)}({string.Join(", ", arguments)});\n");
            _body.Calls.Add(method);
            if (_compilation.MayThrow(method))
                CheckException();
            _out.Append("  } else {\n");
            tests++;
        }

        _out.Append($"  {assigned}{other};\n");
        if (mayThrow)
            CheckException();
        if (tests > 0)
            _out.Append("  ").Append('}', tests).Append('\n');
        if (result is not null)
            _stack.Add(new StackEntry(result, StackType.Of(type)));
    }
}
