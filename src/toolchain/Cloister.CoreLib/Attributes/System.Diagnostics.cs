using System;

namespace System.Diagnostics;

// Attributes that the C# compiler or programs look up by name; nothing reads them while a program runs.

public sealed class StackTraceHiddenAttribute : Attribute;
public sealed class DebuggerStepThroughAttribute : Attribute;
public sealed class DebuggerHiddenAttribute : Attribute;
public sealed class DebuggerNonUserCodeAttribute : Attribute;
public sealed class DebuggerDisplayAttribute(string value) : Attribute { public string? Name { get; set; } }
public sealed class DebuggerTypeProxyAttribute(Type type) : Attribute;
public sealed class ConditionalAttribute(string conditionString) : Attribute;

public sealed class DebuggableAttribute(DebuggableAttribute.DebuggingModes modes) : Attribute
{
    [Flags]
    public enum DebuggingModes { None = 0, Default = 1, IgnoreSymbolStoreSequencePoints = 2, EnableEditAndContinue = 4, DisableOptimizations = 256 }

    public DebuggingModes DebuggingFlags { get; } = modes;
}
