using System;

namespace System.Reflection;

// Attributes that the C# compiler or programs look up by name; nothing reads them while a program runs.

public sealed class DefaultMemberAttribute(string memberName) : Attribute;
public sealed class AssemblyCompanyAttribute(string s) : Attribute;
public sealed class AssemblyProductAttribute(string s) : Attribute;
public sealed class AssemblyTitleAttribute(string s) : Attribute;
public sealed class AssemblyConfigurationAttribute(string s) : Attribute;
public sealed class AssemblyFileVersionAttribute(string s) : Attribute;
public sealed class AssemblyInformationalVersionAttribute(string s) : Attribute;
public sealed class AssemblyVersionAttribute(string s) : Attribute;
