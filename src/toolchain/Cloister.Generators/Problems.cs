using Microsoft.CodeAnalysis;

namespace Cloister.Generators;

/// <summary>The diagnostics of the system call generator.</summary>
internal static class Problems
{
    public static readonly DiagnosticDescriptor DuplicateNumber = Error(
        "CLS001", "System call declared twice", "System call {0} ({1}) is declared twice");

    public static readonly DiagnosticDescriptor UnsupportedParameter = Error(
        "CLS002",
        "Unsupported parameter type",
        "Parameter '{0}' has type '{1}'; a system call takes int, uint, long, ulong, enums and record structs around one of these, by value");

    public static readonly DiagnosticDescriptor NotStatic = Error(
        "CLS003", "System call handler is not static", "Method '{0}' with [Syscall] must be static, not generic and visible in the assembly{1}");

    public static readonly DiagnosticDescriptor NoThread = Error(
        "CLS004", "System call handler without thread", "The first parameter of '{0}' must be the calling LinuxThread{1}");

    public static readonly DiagnosticDescriptor UnsupportedResult = Error(
        "CLS005", "Unsupported return type", "Method '{0}' returns '{1}'; a system call returns SyscallResult, Errno, long or int");

    public static readonly DiagnosticDescriptor TooManyParameters = Error(
        "CLS006", "Too many parameters", "Method '{0}' has {1} arguments; a system call has at most 6");

    public static readonly DiagnosticDescriptor UnknownCall = Error(
        "CLS007", "Number of an unknown call", "There is no system call {0}, or it has two numbers");

    public static DiagnosticDescriptor Find(string id) => id switch
    {
        "CLS001" => DuplicateNumber,
        "CLS002" => UnsupportedParameter,
        "CLS003" => NotStatic,
        "CLS004" => NoThread,
        "CLS005" => UnsupportedResult,
        _ => TooManyParameters,
    };

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, "Cloister", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
