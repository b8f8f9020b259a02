using System.Globalization;
using System.Linq;
using System.Text;
using Cloister.Aot.Evaluation;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Emission;

/// <summary>Writes the start of the program, runners of static constructors, and what the runtime is told: its options and the roots.</summary>
internal sealed class StartWriter(Compilation compilation, StringBuilder text)
{
    public void Options(RuntimeOptions options) => text.Append(CultureInfo.InvariantCulture,
        $"const int32_t cl_default_stack = {options.ThreadStack}, cl_precise_roots = {(options.PreciseRoots ? 1 : 0)}, ")
        .Append(CultureInfo.InvariantCulture, $"cl_collect_every = {options.CollectEvery};\nconst int64_t cl_heap_limit = {options.HeapLimit};\n");

    // States: 0 not run, 1 running, 2 done, 3 failed. Whoever comes back while it runs goes on (ECMA-335, II.10.5.3.3).
    public void Initializer(DefinedType type, MethodDesc constructor)
    {
        string name = compilation.Descriptor(type);
        string failed = Call("InitializerFailed");
        if (compilation.HasThreads)
        {
            SharedInitializer(name, compilation.Reach(constructor), failed);
            return;
        }

        text.Append($"uint8_t i{name}; static void* x{name};\nvoid r{name}(void)\n{{\n  if (i{name} == 1) return;\n")
            .Append($"  if (i{name} == 3) {{ cl_throw(x{name}); return; }}\n")
            .Append($"  i{name} = 1;\n{Guarded(compilation.Reach(constructor))}  if (!cl_exception) {{ i{name} = 2; return; }}\n")
            .Append($"  void* cause = cl_exception; cl_exception = 0;\n  x{name} = {failed}((char*)&{name}, cause);\n")
            .Append($"  if (cl_exception) x{name} = cl_exception;\n  cl_exception = 0;\n  i{name} = 3;\n  cl_throw(x{name});\n}}\n");
    }

    // Whatever leaves a static constructor is caught; in the first pass of exceptions too.
    private static string Guarded(string constructor) => "  Handlers handlers = { cl_handlers, cl_catches_all, 1 };\n" +
        $"  cl_handlers = &handlers;\n  {constructor}();\n  cl_handlers = handlers.outer;\n";

    // Other threads wait until the constructor has ended, except for one on which its thread waits in turn.
    private void SharedInitializer(string name, string constructor, string failed) => text
        .Append($"uint8_t i{name}; static void* x{name}; static char* o{name};\nvoid r{name}(void)\n{{\n")
        .Append($"  while (i{name} == 1) if (!{Call("AwaitInitializer")}((char*)&i{name}, o{name})) return;\n")
        .Append($"  if (i{name} == 2) return;\n  if (i{name} == 3) {{ cl_throw(x{name}); return; }}\n")
        .Append($"  i{name} = 1;\n  o{name} = {Call("CurrentContext")}();\n{Guarded(constructor)}")
        .Append($"  if (!cl_exception) {{ i{name} = 2; {Call("InitializerEnded")}(); return; }}\n")
        .Append($"  void* cause = cl_exception; cl_exception = 0;\n  x{name} = {failed}((char*)&{name}, cause);\n")
        .Append($"  if (cl_exception) x{name} = cl_exception;\n  cl_exception = 0;\n  i{name} = 3;\n  {Call("InitializerEnded")}();\n")
        .Append($"  cl_throw(x{name});\n}}\n");

    public void Roots()
    {
        text.Append("const Root cl_roots[] = { { &cl_exception, 8 }, { &statics, sizeof statics }");
        foreach ((FieldDesc field, string name) in compilation.Statics)
            if (!field.HasData && !field.IsThreadStatic && compilation.VariableShape(field.Type).References.Count > 0)
                text.Append($", {{ &{name}, sizeof {name} }}");
        // An array of references in the program's data may come to refer to objects of the heap.
        foreach ((EvaluatedArray array, string name) in compilation.Arrays)
            if (array.Objects.Length > 0)
                text.Append($", {{ {name}.items, sizeof {name}.items }}");
        foreach ((DefinedType type, _) in compilation.StaticConstructors)
            text.Append($", {{ &x{compilation.Descriptor(type)}, 8 }}");
        text.Append(" };\nconst uint32_t cl_root_count = sizeof cl_roots / sizeof *cl_roots;\n");
    }

    public void Start(MethodDesc entryPoint)
    {
        string main = compilation.Reach(entryPoint);
        bool isVoid = entryPoint.Signature.Return.Primitive == Primitive.Void;
        if (compilation.Profile == Profile.Monitor)
        {
            text.Append($"int32_t cl_main(void)\n{{\n  {(isVoid ? "" : "int32_t status = ")}{main}();\n")
                .Append($"  {Call("Finish")}();\n  return {(isVoid ? "0" : "status")};\n}}\n");
            return;
        }

        text.Append($"void cl_throw(void *exception)\n{{\n  {Call("Search")}(exception);\n  cl_exception = exception;\n}}\n");
        string argument = entryPoint.Signature.Parameters.Length == 0 ? "" : $"{Call("Arguments")}()";
        string threads = compilation.HasThreads ? $"else {Call("FinishThreads")}(); " : "";
        string statistics = compilation.Options.Statistics ? $"  {Call("PrintStatistics")}();\n" : "";
        text.Append($"int32_t cl_main(void)\n{{\n  int32_t status = 0;\n  {(isVoid ? "" : "status = ")}{main}({argument});\n")
            .Append("  if (cl_exception) { void* unhandled = cl_exception; cl_exception = 0; ")
            .Append($"status = {Call("Unhandled")}(unhandled); }}\n")
            .Append($"  {threads}{statistics}{Call("Finish")}();\n  return status;\n}}\n");
    }

    private string Call(string name) => compilation.Reach(compilation.SupportMethod(name));
}
