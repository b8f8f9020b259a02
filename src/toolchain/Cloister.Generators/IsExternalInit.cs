using System.ComponentModel;

namespace System.Runtime.CompilerServices;

/// <summary>The compiler wants this type for records; netstandard2.0 lacks it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
internal static class IsExternalInit;
