using System.Collections.Generic;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Import;

/// <summary>A method in C, and what was found while it was written.</summary>
public sealed class MethodBody
{
    public string Text { get; set; } = "";

    /// <summary>Whether it throws by itself, whatever the methods do that it calls.</summary>
    public bool Throws { get; set; }

    public List<MethodDesc> Calls { get; } = [];

    public List<Selector> Selects { get; } = [];
}
