using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;
using Cloister.Aot.TypeSystem;
using Xunit;

namespace Cloister.Aot.Tests;

/// <summary>The inside assemblies by our compiler: every method compiles, and what CoreCLR computes with them, compiled programs compute.</summary>
public sealed class InsideTests
{
    private static readonly string[] s_assemblies = ["Abi", "Contracts", "Hal", "Crypto", "Storage", "Nucleus", "Vfs", "Linux", "Kernel"];

    public static TheoryData<string> Assemblies => [.. s_assemblies.Where(name => name is not ("Abi" or "Contracts" or "Hal"))];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void EveryMethodCompiles(string name)
    {
        var universe = new Universe(Compiled.CoreLibrary);
        MetadataModule[] modules = [.. s_assemblies.Select(assembly => universe.Load(Compiled.Assembly("Cloister." + assembly)))];
        var compilation = new Compilation(universe);
        int methods = 0;
        foreach (DefinedType type in modules.Single(module => module.Name == "Cloister." + name).Types(universe))
        {
            foreach (MethodRecord method in type.Record.Methods.Where(IsRoot))
            {
                compilation.Reach(universe.Method(method, type, []));
                methods++;
            }

            if (!type.IsValueType && !type.Record.IsAbstract)
                compilation.Construct(type);
        }

        Assert.True(methods > 20);
        compilation.Scan(compilation.SupportMethod("Finish"));
        foreach (MethodDesc method in compilation.Methods.Keys.Where(method => !method.IsInternalCall).ToArray())
            Assert.NotEmpty(compilation.Emit(method).Text);
    }

    private static bool IsRoot(MethodRecord method) => method.Signature.GenericCount == 0 && (method.Attributes & MethodAttributes.Abstract) == 0 &&
        (method.ImplAttributes & MethodImplAttributes.Runtime) == 0;

    [Theory]
    [InlineData("generic")]
    [InlineData("haswell")]
    public void EveryAlgorithmGivesItsVectors(string processor)
    {
        bool isHere = System.Runtime.Intrinsics.X86.Aes.IsSupported && System.Runtime.Intrinsics.X86.Pclmulqdq.IsSupported
            && System.Runtime.Intrinsics.X86.Avx2.IsSupported;
        Assert.SkipUnless(processor == "generic" || isHere, "This machine doesn't have the instructions.");
        string expected = Compiled.RunOnCoreClr("Cloister.Aot.Vectors");
        Assert.EndsWith("all right\nstatus 0", expected, StringComparison.Ordinal);
        Assert.Equal(expected, Compiled.Run(Processor.All.Single(candidate => candidate.Name == processor), "Cloister.Aot.Vectors",
            "Cloister.Crypto"));
    }

    [Fact]
    public void VolumeComesThroughCrashes()
    {
        string expected = Compiled.RunOnCoreClr("Cloister.Aot.Volume");
        Assert.EndsWith("all right\nstatus 0", expected, StringComparison.Ordinal);
        Assert.Equal(expected, Compiled.Run(Processor.Generic, "Cloister.Aot.Volume", "Cloister.Storage", "Cloister.Crypto", "Cloister.Contracts",
            "Cloister.Abi"));
    }
}

internal static class ModuleTypes
{
    /// <summary>The types of an assembly that are none of generics, interfaces and delegates.</summary>
    public static DefinedType[] Types(this MetadataModule module, Universe universe) => [.. module.Reader.TypeDefinitions
        .Select(handle => module.TryType(Name(module.Reader, handle))!)
        .Where(record => record.GenericParameters.Count == 0 && !record.IsInterface && record.FullName != "<Module>")
        .Select(record => universe.Instance(record, []))
        .Where(type => !type.IsDelegate)];

    private static string Name(MetadataReader reader, TypeDefinitionHandle handle)
    {
        TypeDefinition type = reader.GetTypeDefinition(handle);
        string name = reader.GetString(type.Name);
        string space = reader.GetString(type.Namespace);
        TypeDefinitionHandle outer = type.GetDeclaringType();
        return !outer.IsNil ? Name(reader, outer) + "+" + name : space.Length > 0 ? space + "." + name : name;
    }
}
