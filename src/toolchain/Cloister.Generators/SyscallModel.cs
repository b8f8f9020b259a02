using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Cloister.Generators;

/// <summary>How an argument is converted from its register and how strace prints it.</summary>
internal enum ArgumentKind
{
    /// <summary>int, uint, long, ulong: a decimal number.</summary>
    Integer,

    /// <summary>An enum: the names of its members.</summary>
    Enum,

    /// <summary>A record struct around an integer that strace prints as the integer.</summary>
    Wrapper,

    /// <summary>A file descriptor.</summary>
    Descriptor,

    /// <summary>File mode bits.</summary>
    Mode,

    /// <summary>An address.</summary>
    Address,

    /// <summary>The address of a string.</summary>
    String,

    /// <summary>A signal number.</summary>
    Signal,
}

/// <summary>One member of an enum; the value is cut to the width of the enum.</summary>
internal sealed record EnumMember(string Name, ulong Value);

/// <summary>An enum that some system call takes.</summary>
internal sealed record EnumModel(string FullName, string Name, bool IsFlags, EquatableArray<EnumMember> Members);

/// <summary>An argument of a system call.</summary>
/// <param name="Name">Name of the parameter.</param>
/// <param name="TypeText">The type as the catalogue shows it.</param>
/// <param name="FullTypeName">The type in generated code.</param>
/// <param name="Underlying">Keyword of the integer type in the register: int, uint, long, ulong and narrower ones of enums.</param>
/// <param name="Kind">Conversion and printing.</param>
/// <param name="Enum">The enum, where it is one.</param>
internal sealed record ArgumentModel(
    string Name, string TypeText, string FullTypeName, string Underlying, ArgumentKind Kind, EnumModel? Enum);

/// <summary>A method with [Syscall].</summary>
internal sealed record HandlerModel(
    int Number,
    string Name,
    int Support,
    string Note,
    string Lacks,
    string ThreadType,
    string Method,
    EquatableArray<ArgumentModel> Arguments,
    SourcePlace Place,
    EquatableArray<Problem> Problems);

/// <summary>A row of [assembly: UnimplementedSyscall].</summary>
internal sealed record UnimplementedModel(int Number, string Name, string Note, int Result, bool IsOptional, SourcePlace Place);

/// <summary>A row of [assembly: GenericSyscall]: what asm-generic calls by another number.</summary>
internal sealed record GenericModel(int Number, string Name, SourcePlace Place);

/// <summary>A mistake in a declaration: number of the diagnostic, its two arguments.</summary>
internal sealed record Problem(string Id, string First, string Second);

/// <summary>A place in the source that, other than a <see cref="Location"/>, does not keep a compilation alive.</summary>
internal sealed record SourcePlace(string Path, TextSpan Span, LinePositionSpan Lines)
{
    public static SourcePlace From(SyntaxNode? node) => node is null
        ? new SourcePlace("", default, default)
        : new SourcePlace(node.SyntaxTree.FilePath, node.Span, node.GetLocation().GetLineSpan().Span);

    public Location ToLocation() => Location.Create(Path, Span, Lines);
}
