using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Cloister.Aot.Tests.Random;

/// <summary>
/// Writes a C# program that follows from a seed: types, methods and statements without meaning, whose results it prints. Every program ends: loops
/// and calls use up fuel. Where .NET leaves a result open (bits of NaN, hash codes) the program doesn't look.
/// </summary>
internal sealed class ProgramGenerator
{
    // Of a method. The C compiler takes the time: two small programs find more than a large one.
    private const int MostStatements = 12;

    private readonly System.Random _random;
    private readonly int _seed;
    private readonly StringBuilder _text = new();
    private readonly ExpressionGenerator _expressions;
    private readonly List<Method> _methods = [];
    private readonly Stack<int> _scopes = [];
    private List<Variable> _variables = [];
    private int _names;
    private int _indent;
    private int _statements;
    private int _handlers;

    public ProgramGenerator(int seed)
    {
        _seed = seed;
        _random = new System.Random(seed);
        _expressions = new ExpressionGenerator(_random);
    }

    /// <summary>Something that can be read and, unless it is a loop's counter, written.</summary>
    internal sealed record Variable(string Name, string Type, bool IsReadOnly = false);

    /// <summary>A static method.</summary>
    internal sealed record Method(string Name, string Return, string[] Parameters);

    public string Write()
    {
        Line($"internal static class P{_seed}");
        Block(() =>
        {
            var fields = new List<Variable>();
            foreach (string type in ExpressionGenerator.Numbers.OrderBy(_ => _random.Next()).Take(6).Append("string").Append("int[]").Append("S"))
            {
                var field = new Variable("s_" + Name(), type);
                fields.Add(field);
                Line($"private static {type} {field.Name} = {_expressions.Literal(type)};");
            }

            Types();
            int count = _random.Next(2, 5);
            for (int i = 0; i < count; i++)
                WriteMethod(fields);
            // An exception that nothing caught ends a part, and the next one goes on.
            int parts = _random.Next(2, 5);
            for (int i = 0; i < parts; i++)
            {
                Line($"private static void Part{i}()");
                Block(() =>
                {
                    _variables = [.. fields];
                    _statements = 0;
                    Statements(_random.Next(4, 9), 0);
                    foreach (Method method in _methods)
                        Line($"T.Print({method.Name}({string.Join(", ", method.Parameters.Select(type => Expression(type, 1)))}));");
                });
            }

            Line("public static void Run()");
            Block(() =>
            {
                for (int i = 0; i < parts; i++)
                    Line($"T.Part(Part{i});");
                foreach (Variable field in fields)
                    Line($"T.Print({field.Name});");
            });
        });
        return _text.ToString();
    }

    private string Name() => "v" + _names++;

    private void Line(string text) => _text.Append(' ', 4 * _indent).Append(text).Append('\n');

    private void Block(Action body)
    {
        Line("{");
        _indent++;
        _scopes.Push(_variables.Count);
        body();
        int kept = _scopes.Pop();
        if (_variables.Count > kept)
            _variables.RemoveRange(kept, _variables.Count - kept);
        _indent--;
        Line("}");
    }

    // A structure, an interface with a default method, two classes, and generic code, with expressions of their own inside.
    private void Types()
    {
        string a = _expressions.NumberType(), b = _expressions.NumberType(), c = _expressions.NumberType();
        Line($"public {(_random.Next(2) == 0 ? "record " : "")}struct S({a} a, {b} b, {c} c)");
        Block(() =>
        {
            Line($"public {a} X = a;");
            Line($"public {b} Y = b;");
            Line($"public {c} Z = c;");
            _variables = [new("X", a), new("Y", b), new("Z", c)];
            Line($"public long Mix() {{ T.Burn(); return {Expression("long", 3)}; }}");
            Line($"public void Stir() => X = {Expression(a, 2)};");
            Line($"public readonly S With({b} value) => this with {{ Y = value }};");
        });
        Line("public interface I { long Value(int n); long Twice(int n) => Value(n) * 2; }");
        foreach ((string name, string declaration, string modifier) in ((string, string, string)[])[("A", "class A : I", "virtual "),
            ("B", "class B : A", "override "), ("V", "struct V : I", "")])
        {
            string type = _expressions.NumberType();
            Line("public " + declaration);
            Block(() =>
            {
                _variables = [new("Field" + name, type), new("n", "int")];
                Line($"public {type} Field{name};");
                Line($"public {modifier}long Value(int n) {{ T.Burn(); Field{name} = {Expression(type, 2)}; return {Expression("long", 3)}; }}");
                if (name == "B")
                    Line($"public long Twice(int n) => {Expression("long", 2)};");
            });
        }

        Line("public sealed class G<T>(T item) { public T Item = item; public int Count; public T Exchange(T next) { Count++; (Item, next) = (next, Item); return next; } }");
        Line("public static T Pick<T>(bool first, T a, T b) => first ? a : b;");
        Line("public static long Through<T>(ref T target, int n) where T : I => target.Value(n);");
        _variables = [];
    }

    private string Expression(string type, int depth) => _expressions.Write(type, depth, _variables, _methods);

    private void WriteMethod(List<Variable> fields)
    {
        string[] parameters = [.. Enumerable.Range(0, _random.Next(0, 4)).Select(_ => _expressions.ValueType())];
        var method = new Method("M" + _methods.Count, _expressions.ValueType(), parameters);
        string[] names = [.. parameters.Select(_ => Name())];
        Line($"private static {method.Return} {method.Name}({string.Join(", ", parameters.Zip(names, (type, name) => type + " " + name))})");
        Block(() =>
        {
            Line("T.Burn();");
            _statements = 0;
            _variables = [.. fields, .. parameters.Zip(names, (type, name) => new Variable(name, type))];
            Statements(_random.Next(2, 7), 0);
            Line($"return {Expression(method.Return, 3)};");
        });
        _variables = [];
        // Later methods call earlier ones, and now and then one calls itself as long as there is fuel.
        _methods.Add(method);
    }

    private void Statements(int count, int depth)
    {
        for (int i = 0; i < count && _statements < MostStatements; i++, _statements++)
            Statement(depth);
    }

    private void Body(int depth) => Block(() => Statements(_random.Next(1, 4), depth + 1));

    private Variable? Target(Func<Variable, bool>? wanted = null)
    {
        Variable[] found = [.. _variables.Where(variable => !variable.IsReadOnly && (wanted is null || wanted(variable)))];
        return found.Length == 0 ? null : found[_random.Next(found.Length)];
    }

    private void Statement(int depth)
    {
        switch (_random.Next(depth > 3 ? 9 : 24))
        {
            case 0 or 1 or 2: Declare(); break;
            case 3 or 4 or 5: Assign(); break;
            case 6: Compound(); break;
            case 7: Line($"T.Print({Expression(_expressions.ValueType(), 3)});"); break;
            case 8: Element(); break;
            case 9 or 10:
                Line($"if ({Expression("bool", 3)})");
                Body(depth);
                if (_random.Next(2) == 0)
                {
                    Line("else");
                    Body(depth);
                }

                break;
            case 11 or 12: Loop(depth); break;
            case 13 or 14: Switch(depth); break;
            case 15 or 16 or 17: Try(depth); break;
            case 18: Closure(); break;
            case 19: Objects(); break;
            case 20: Spans(); break;
            case 21:
                Line(_random.Next(2) == 0 ? "checked" : "unchecked");
                Body(depth);
                break;
            case 22: Generics(); break;
            default: References(); break;
        }
    }

    private void Declare()
    {
        string type = _expressions.ValueType();
        string value = Expression(type, 3);
        var variable = new Variable(Name(), type);
        Line($"{type} {variable.Name} = {value};");
        _variables.Add(variable);
    }

    private void Assign()
    {
        if (Target() is { } target)
            Line($"{target.Name} = {Expression(target.Type, 4)};");
    }

    private void Compound()
    {
        if (Target(variable => ExpressionGenerator.IsNumber(variable.Type)) is not { } target)
            return;
        if (_random.Next(4) == 0)
        {
            Line(_random.Next(2) == 0 ? $"{target.Name}++;" : $"--{target.Name};");
            return;
        }

        string[] operators = ExpressionGenerator.IsFloat(target.Type) ? ["+=", "-=", "*=", "/="] : ["+=", "-=", "*=", "&=", "|=", "^=", "%=", "/="];
        Line($"{target.Name} {operators[_random.Next(operators.Length)]} {Expression(target.Type, 2)};");
    }

    private void Element()
    {
        if (Target(variable => variable.Type == "int[]") is { } array)
            Line($"{array.Name}[{Index(array.Name)}] {(_random.Next(2) == 0 ? "=" : "+=")} {Expression("int", 3)};");
    }

    // Mostly inside of the array, at times not.
    private string Index(string array) => _random.Next(8) == 0 ? Expression("int", 1) : $"T.In({Expression("int", 2)}, {array}.Length)";

    private void Loop(int depth)
    {
        var counter = new Variable(Name(), "int", IsReadOnly: true);
        switch (_random.Next(3))
        {
            case 0: Line($"for (int {counter.Name} = {_random.Next(-3, 3)}; {counter.Name} < {_random.Next(1, 6)}; {counter.Name}++)"); break;
            case 1 when Target(variable => variable.Type == "int[]") is { } array: Line($"foreach (int {counter.Name} in {array.Name})"); break;
            default: Line($"for (int {counter.Name} = {_random.Next(2, 8)}; {counter.Name} > 0; {counter.Name} -= {_random.Next(1, 3)})"); break;
        }

        Block(() =>
        {
            _variables.Add(counter);
            Line("T.Burn();");
            Statements(_random.Next(1, 4), depth + 1);
            if (_random.Next(3) == 0)
                Line($"if ({Expression("bool", 2)}) {(_random.Next(2) == 0 ? "break" : "continue")};");
        });
    }

    private void Switch(int depth)
    {
        bool isString = _random.Next(4) == 0;
        Line(isString ? $"switch ({Expression("string", 2)})" : $"switch (({Expression("int", 3)}) & 7)");
        Line("{");
        _indent++;
        string[] labels = isString ? ["\"\"", "\"a\"", "\"bc\"", "null"] : ["0", "1 or 2", "3", "> 4 and < 7"];
        foreach (string label in labels.Take(_random.Next(1, 5)))
        {
            Line($"case {label}{(_random.Next(4) == 0 ? $" when {Expression("bool", 1)}" : "")}:");
            Body(depth);
            Line("break;");
        }

        Line("default:");
        Body(depth);
        Line("break;");
        _indent--;
        Line("}");
    }

    private void Try(int depth)
    {
        Line("try");
        Block(() =>
        {
            Statements(_random.Next(1, 4), depth + 1);
            if (_random.Next(3) == 0)
                Line($"if ({Expression("bool", 2)}) throw new {ExpressionGenerator.Exceptions[_random.Next(ExpressionGenerator.Exceptions.Length)]}(\"e{_random.Next(10)}\");");
        });
        int kind = _random.Next(4);
        if (kind != 0)
        {
            // Filters run before inner finally blocks and may have effects.
            string e = Name();
            bool isGeneral = _random.Next(2) == 0;
            string type = isGeneral ? "Exception" : ExpressionGenerator.Exceptions[_random.Next(ExpressionGenerator.Exceptions.Length)];
            string[] conditions = [.. Conditions(e, isGeneral)];
            string filter = conditions.Length > 0 ? $" when ({string.Join(" && ", conditions)})" : "";
            Line($"catch ({type} {e}){filter}");
            _handlers++;
            Block(() =>
            {
                Line($"T.Print({e}.GetType().Name);");
                Statements(_random.Next(0, 3), depth + 1);
                if (_random.Next(5) == 0)
                    Line("throw;");
            });
            _handlers--;
        }

        if (kind is 0 or 1)
        {
            Line("finally");
            _handlers++;
            Body(depth);
            _handlers--;
        }
    }

    // What a filter asks, apart from the exception that ends a part.
    private IEnumerable<string> Conditions(string exception, bool isGeneral)
    {
        if (isGeneral)
            yield return $"{exception} is not Exhausted";
        if (_random.Next(3) == 0)
            yield return $"T.Odd({exception}) == {(_random.Next(2) == 0 ? "true" : "false")}";
        if (_random.Next(3) == 0)
            yield return $"T.Say({_random.Next(100)})";
        if (_random.Next(3) == 0)
            yield return Expression("bool", 2);
        if (_random.Next(4) == 0 && Target(variable => variable.Type == "int") is { } counter)
            yield return $"{counter.Name}++ % 2 == 0";
    }

    private void Closure()
    {
        string type = _expressions.NumberType();
        string name = Name(), parameter = Name();
        string captured = Target(variable => ExpressionGenerator.IsNumber(variable.Type)) is { } target
            ? $"{target.Name} = {Expression(target.Type, 2)}; " : "";
        _variables.Add(new Variable(parameter, "int", IsReadOnly: true));
        string body = Expression(type, 3);
        _variables.RemoveAt(_variables.Count - 1);
        Line($"Func<int, {type}> {name} = {parameter} => {{ T.Burn(); {captured}return {body}; }};");
        Line($"T.Print({name}({Expression("int", 1)}));");
        Line($"T.Print({name}({Expression("int", 1)}));");
    }

    private void Objects()
    {
        string name = Name();
        Line($"I {name} = {Expression("bool", 2)} ? new A() : {Expression("bool", 1)} ? new B() : new V();");
        Line($"T.Print({name}.Value({Expression("int", 2)}) ^ {name}.Twice({Expression("int", 1)}));");
        Line($"T.Print({name} is B {name}b ? {name}b.Value(3) : {name} is V ? 1L : ((A){name}).Value(2));");
        string structure = Name();
        Line($"V {structure} = default;");
        Line($"T.Print(Through(ref {structure}, {Expression("int", 1)}) + {structure}.FieldV.ToString());");
        if (_random.Next(3) == 0)
            Line($"T.Print(((B)({name} as A)!).Value(1));");
    }

    private void Spans()
    {
        string name = Name(), i = Name();
        // C# allows stackalloc in no handler.
        Line($"Span<int> {name} = {(_handlers == 0 ? "stackalloc" : "new")} int[{_random.Next(1, 9)}];");
        Line($"for (int {i} = 0; {i} < {name}.Length; {i}++) {name}[{i}] = {Expression("int", 2)} + {i};");
        Line($"T.Print({name}[{Index(name)}]);");
        Line($"{name}.Slice({Index(name)}).Reverse();");
        Line($"T.Print({name}[..({_random.Next(3)} % {name}.Length)].Length + {name}[^1] * 31 + {name}.IndexOf({Expression("int", 1)}));");
    }

    private void Generics()
    {
        string type = _expressions.ValueType(), name = Name();
        Line($"var {name} = new G<{type}>({Expression(type, 2)});");
        Line($"T.Print({name}.Exchange({Expression(type, 2)}));");
        Line($"T.Print(Pick({Expression("bool", 2)}, {name}.Item, {Expression(type, 2)}));");
        Line($"T.Print((object){name}.Item is {_expressions.NumberType()} ? 1 : {name}.Count);");
    }

    private void References()
    {
        if (Target(variable => variable.Type == "S") is { } structure)
        {
            Line($"{structure.Name}.Stir();");
            string copy = Name();
            Line($"S {copy} = {structure.Name}.With({structure.Name}.Y);");
            Line($"{copy}.X = {structure.Name}.X;");
            Line($"T.Print({copy}.Mix() + {(_random.Next(2) == 0 ? copy : structure.Name)}.Mix());");
        }

        if (Target(variable => variable.Type == "int") is { } one && Target(variable => variable.Type == "int") is { } other)
        {
            string reference = Name();
            Line($"ref int {reference} = ref ({Expression("bool", 1)} ? ref {one.Name} : ref {other.Name});");
            Line($"{reference} = {Expression("int", 2)};");
            Line($"({one.Name}, {other.Name}) = ({other.Name}, {reference});");
        }
    }
}
