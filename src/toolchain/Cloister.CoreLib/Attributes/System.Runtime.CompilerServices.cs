using System;

namespace System.Runtime.CompilerServices;

// Attributes that the C# compiler or programs look up by name; nothing reads them while a program runs.

public sealed class ExtensionAttribute : Attribute;
public sealed class CompilerGeneratedAttribute : Attribute;
public sealed class IsReadOnlyAttribute : Attribute;
public sealed class IsByRefLikeAttribute : Attribute;
public sealed class IsUnmanagedAttribute : Attribute;
public sealed class ScopedRefAttribute : Attribute;
public sealed class RequiredMemberAttribute : Attribute;
public sealed class RequiresLocationAttribute : Attribute;
public sealed class AsyncStateMachineAttribute(Type t) : Attribute;
public sealed class IteratorStateMachineAttribute(Type t) : Attribute;
public sealed class InterpolatedStringHandlerAttribute : Attribute;
public sealed class RefSafetyRulesAttribute(int version) : Attribute;
public sealed class CompilerFeatureRequiredAttribute(string featureName) : Attribute
{
    public const string RefStructs = nameof(RefStructs);
    public const string RequiredMembers = nameof(RequiredMembers);
    public bool IsOptional { get; set; }
}

[AttributeUsage(AttributeTargets.All)]
public sealed class SkipLocalsInitAttribute : Attribute;
public sealed class PreserveBaseOverridesAttribute : Attribute;
public sealed class CallerMemberNameAttribute : Attribute;
public sealed class CallerLineNumberAttribute : Attribute;
public sealed class CallerFilePathAttribute : Attribute;
public sealed class CallerArgumentExpressionAttribute(string parameterName) : Attribute;
public sealed class OverloadResolutionPriorityAttribute(int priority) : Attribute;
public sealed class CollectionBuilderAttribute(Type builderType, string methodName) : Attribute;
public sealed class InlineArrayAttribute(int length) : Attribute;
public sealed class InternalsVisibleToAttribute(string assemblyName) : Attribute;
public sealed class RuntimeCompatibilityAttribute : Attribute { public bool WrapNonExceptionThrows { get; set; } }
public sealed class CompilationRelaxationsAttribute(int relaxations) : Attribute;
public sealed class ModuleInitializerAttribute : Attribute;
public sealed class NullableContextAttribute(byte flag) : Attribute;
public sealed class NullablePublicOnlyAttribute(bool b) : Attribute;
public sealed class TupleElementNamesAttribute(string[] names) : Attribute;
public sealed class DecimalConstantAttribute(byte a, byte b, uint c, uint d, uint e) : Attribute;
public sealed class FixedBufferAttribute(Type t, int n) : Attribute;
public sealed class UnsafeValueTypeAttribute : Attribute;
public sealed class ParamCollectionAttribute : Attribute;
public sealed class ExtensionMarkerAttribute(string name) : Attribute;
public sealed class InterpolatedStringHandlerArgumentAttribute(params string[] arguments) : Attribute;
public sealed class SpecialNameAttribute : Attribute;
public sealed class DynamicAttribute : Attribute;
public sealed class ReferenceAssemblyAttribute : Attribute;
public sealed class NativeIntegerAttribute : Attribute;
public sealed class IndexerNameAttribute(string indexerName) : Attribute;
