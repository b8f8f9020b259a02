using System;

namespace System.Diagnostics.CodeAnalysis;

// Attributes that the C# compiler or programs look up by name; nothing reads them while a program runs.

public sealed class NotNullAttribute : Attribute;
public sealed class MaybeNullAttribute : Attribute;
public sealed class AllowNullAttribute : Attribute;
public sealed class DisallowNullAttribute : Attribute;
public sealed class DoesNotReturnAttribute : Attribute;
public sealed class NotNullWhenAttribute(bool returnValue) : Attribute;
public sealed class MaybeNullWhenAttribute(bool returnValue) : Attribute;
public sealed class NotNullIfNotNullAttribute(string parameterName) : Attribute;
public sealed class DoesNotReturnIfAttribute(bool parameterValue) : Attribute;
public sealed class MemberNotNullAttribute(params string[] members) : Attribute;
public sealed class MemberNotNullWhenAttribute(bool returnValue, params string[] members) : Attribute;
public sealed class SetsRequiredMembersAttribute : Attribute;
public sealed class UnscopedRefAttribute : Attribute;
public sealed class SuppressMessageAttribute(string category, string checkId) : Attribute
{
    public string? Justification { get; set; }
    public string? Scope { get; set; }
    public string? Target { get; set; }
    public string? MessageId { get; set; }
}

public sealed class ExcludeFromCodeCoverageAttribute : Attribute;
public sealed class StringSyntaxAttribute(string syntax) : Attribute;
public sealed class ExperimentalAttribute(string id) : Attribute;
