using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot;

/// <summary>Assemblies of which everything is compiled, and not only what the entry point reaches.</summary>
public sealed partial class Compilation
{
    /// <summary>
    /// Makes every method of an assembly a root, and every class one of which there are objects. Generic methods and types aren't roots: only
    /// their uses say for which arguments. Returns the number of methods.
    /// </summary>
    public int ReachWhole(MetadataModule module)
    {
        int methods = 0;
        foreach (TypeRecord record in module.Reader.TypeDefinitions.Select(handle => module.TryType(FullName(module.Reader, handle))!))
        {
            if (record.GenericParameters.Count > 0 || record.IsInterface || record.FullName == "<Module>")
                continue;
            DefinedType type = Universe.Instance(record, []);
            if (type.IsDelegate)
                continue;
            foreach (MethodRecord method in record.Methods.Where(IsRoot))
            {
                Reach(Universe.Method(method, type, []));
                methods++;
            }

            if (!type.IsValueType && !record.IsAbstract)
                Construct(type);
        }

        return methods;
    }

    private static bool IsRoot(MethodRecord method) => method.Signature.GenericCount == 0 &&
        (method.Attributes & MethodAttributes.Abstract) == 0 && (method.ImplAttributes & MethodImplAttributes.Runtime) == 0;

    private static string FullName(MetadataReader reader, TypeDefinitionHandle handle)
    {
        TypeDefinition type = reader.GetTypeDefinition(handle);
        string name = reader.GetString(type.Name);
        string space = reader.GetString(type.Namespace);
        TypeDefinitionHandle outer = type.GetDeclaringType();
        return !outer.IsNil ? FullName(reader, outer) + "+" + name : space.Length > 0 ? space + "." + name : name;
    }
}
