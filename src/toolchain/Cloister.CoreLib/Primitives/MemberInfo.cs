namespace System.Reflection;

/// <summary>Where .NET declares the name of a type.</summary>
public abstract class MemberInfo
{
    public abstract string Name { get; }
}
