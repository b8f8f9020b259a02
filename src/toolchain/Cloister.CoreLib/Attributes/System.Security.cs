using System;

namespace System.Security;

// Attributes that the C# compiler or programs look up by name; nothing reads them while a program runs.

public sealed class UnverifiableCodeAttribute : Attribute;
