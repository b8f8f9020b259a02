using System.Collections.Generic;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot.Import;

/// <summary>A method in C, and what was found while it was written.</summary>
public sealed class MethodBody
{
    public string Text { get; set; } = "";

    /// <summary>Declarations before it; a method that has some isn't inlined.</summary>
    public string Prelude { get; set; } = "";

    /// <summary>Whether it throws by itself, whatever the methods do that it calls.</summary>
    public bool Throws { get; set; }

    public List<MethodDesc> Calls { get; } = [];

    public List<Selector> Selects { get; } = [];

    /// <summary>Delegate types that it calls; a constructed generic type counts as its definition, because delegates convert by variance.</summary>
    public List<TypeRecord> DelegateCalls { get; } = [];

    /// <summary>Delegates that it makes: their types and what they may call.</summary>
    public List<(TypeRecord Type, MethodDesc? Method, Selector? Selector)> DelegateTargets { get; } = [];

    /// <summary>Whether it calls by a function pointer.</summary>
    public bool CallsPointers { get; set; }

    /// <summary>Methods whose address it takes.</summary>
    public List<MethodDesc> Pointers { get; } = [];
}
