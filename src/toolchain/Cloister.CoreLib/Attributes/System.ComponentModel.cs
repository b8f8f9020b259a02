using System;

namespace System.ComponentModel;

// Attributes that the C# compiler or programs look up by name; nothing reads them while a program runs.

public enum EditorBrowsableState { Always, Never, Advanced }

public sealed class EditorBrowsableAttribute(EditorBrowsableState state) : Attribute;
