using Cloister.Aot.Import;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot;

/// <summary>What is known of a method that is part of the program.</summary>
public sealed class MethodFacts(string cName, MethodDesc? from)
{
    /// <summary>The C name; of a method whose body equals another's, that one's name.</summary>
    public string CName { get; set; } = cName;

    /// <summary>The method through which it was reached first.</summary>
    public MethodDesc? From { get; } = from;

    public bool Throws { get; set; }

    public MethodBody? Body { get; set; }
}

/// <summary>What is known of a type with a descriptor.</summary>
public sealed class TypeFacts(int number)
{
    public int Number { get; } = number;

    public bool IsConstructed { get; set; }

    public bool IsCastTarget { get; set; }
}
