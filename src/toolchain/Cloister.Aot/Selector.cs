using System.Collections.Generic;
using System.Linq;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot;

/// <summary>
/// A virtual or interface method that is called, with the method that each type runs for it. All selectors share one kind of table in the type
/// descriptors: two may have the same row where no type has both (row displacement by colouring; Dixon et al., OOPSLA 1989).
/// </summary>
public sealed class Selector(MethodDesc declaration)
{
    // With more, tests before a call cost more than they bring.
    private const int FewImplementations = 3;

    public MethodDesc Declaration { get; } = declaration;

    public Dictionary<TypeDesc, MethodDesc> Implementations { get; } = [];

    /// <summary>The row, after <see cref="Colour"/>.</summary>
    public int Row { get; private set; }

    /// <summary>The implementation where there is only one, so that a call needs no table.</summary>
    public MethodDesc? Only { get; private set; }

    /// <summary>All implementations where there are few, but not one, that of most types first; after <see cref="Colour"/>.</summary>
    public MethodDesc[] Few { get; private set; } = [];

    public static void Colour(IEnumerable<Selector> selectors, IReadOnlyList<TypeDesc> types)
    {
        Dictionary<TypeDesc, HashSet<int>> taken = types.ToDictionary(type => type, _ => new HashSet<int>());
        // Those that most types have come first, so that they lie close together.
        foreach (Selector selector in selectors.OrderByDescending(selector => selector.Implementations.Count))
        {
            MethodDesc[] distinct = [.. selector.Implementations.Values.GroupBy(method => method).OrderByDescending(group => group.Count())
                .Select(group => group.Key)];
            if (distinct.Length == 1)
                selector.Only = distinct[0];
            else if (distinct.Length <= FewImplementations)
                selector.Few = distinct;
            int row = 0;
            while (selector.Implementations.Keys.Any(type => taken[type].Contains(row)))
                row++;
            selector.Row = row;
            foreach (TypeDesc type in selector.Implementations.Keys)
                taken[type].Add(row);
        }
    }
}
