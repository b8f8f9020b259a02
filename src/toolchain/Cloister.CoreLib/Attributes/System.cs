using System;

namespace System;

// Attributes that the C# compiler or programs look up by name; nothing reads them while a program runs.

public sealed class FlagsAttribute : Attribute;
public sealed class ParamArrayAttribute : Attribute;
public sealed class ThreadStaticAttribute : Attribute;
public sealed class SerializableAttribute : Attribute;
public sealed class NonSerializedAttribute : Attribute;
public sealed class CLSCompliantAttribute(bool isCompliant) : Attribute;
public sealed class MTAThreadAttribute : Attribute;
public sealed class STAThreadAttribute : Attribute;
