using System;

namespace System.Runtime.Versioning;

// Attributes that the C# compiler or programs look up by name; nothing reads them while a program runs.

public sealed class TargetFrameworkAttribute(string frameworkName) : Attribute { public string? FrameworkDisplayName { get; set; } }
public sealed class SupportedOSPlatformAttribute(string p) : Attribute;
public sealed class UnsupportedOSPlatformAttribute(string p) : Attribute;
