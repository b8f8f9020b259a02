using System;

namespace System.Runtime.InteropServices;

// Attributes that the C# compiler or programs look up by name; nothing reads them while a program runs.

public sealed class InAttribute : Attribute;
public sealed class OutAttribute : Attribute;
public sealed class FieldOffsetAttribute(int offset) : Attribute;
public sealed class ComVisibleAttribute(bool b) : Attribute;
