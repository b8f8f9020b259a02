using System;

namespace Cloister.Aot;

/// <summary>
/// The program can't be compiled: it needs something that isn't there. The message names the member and the reason; <see cref="Compilation"/>
/// adds the path from the entry point.
/// </summary>
public sealed class CompileException(string message) : Exception(message);
