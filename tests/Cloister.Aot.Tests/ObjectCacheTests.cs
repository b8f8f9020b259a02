using System.IO;
using Xunit;

namespace Cloister.Aot.Tests;

/// <summary>Which objects of an earlier build may be used again.</summary>
public sealed class ObjectCacheTests
{
    private const string Declarations = "typedef int used;\ntypedef int other;\n";

    [Fact]
    public void WhatASourceIncludesCounts()
    {
        using var toolbox = new Toolbox();
        string board = Directory.CreateDirectory(Path.Combine(toolbox.Folder, "cpu", "board")).FullName;
        string source = Write(Path.Combine(board, "start.c"), "#include \"../start.c\"\n");
        string shared = Write(Path.Combine(toolbox.Folder, "cpu", "start.c"), "#include \"deep.h\"\nused one;\n");
        string deep = Write(Path.Combine(toolbox.Folder, "cpu", "deep.h"), "#define DEEP 1\n");
        string first = Find(toolbox, source);
        Assert.Equal(first, Find(toolbox, source));

        File.AppendAllText(shared, "used two;\n");
        string second = Find(toolbox, source);
        Assert.NotEqual(first, second);

        File.WriteAllText(deep, "#define DEEP 2\n");
        Assert.NotEqual(second, Find(toolbox, source));
    }

    [Fact]
    public void WhatAHeaderIncludesCounts()
    {
        using var toolbox = new Toolbox();
        string source = Write(Path.Combine(toolbox.Folder, "a.c"), "used one;\n");
        string header = Write(Path.Combine(toolbox.Folder, "board.h"), "#include \"kernel.h\"\n");
        string shared = Write(Path.Combine(toolbox.Folder, "kernel.h"), "#define WORD 1\n");
        string first = Find(toolbox, source, header);
        File.WriteAllText(shared, "#define WORD 2\n");
        Assert.NotEqual(first, Find(toolbox, source, header));
    }

    [Fact]
    public void DeclarationsThatASourceDoesNotUseDoNotCount()
    {
        using var toolbox = new Toolbox();
        Write(Path.Combine(toolbox.Folder, "program.h"), Declarations);
        string source = Write(Path.Combine(toolbox.Folder, "a.c"), "#include \"program.h\"\nused one;\n");
        string first = Find(toolbox, source);
        string changed = Declarations.Replace("int other", "long other");
        Write(Path.Combine(toolbox.Folder, "program.h"), changed);
        Assert.Equal(first, Find(toolbox, source, program: changed));
        Assert.NotEqual(first, Find(toolbox, source, program: Declarations.Replace("int used", "long used")));
    }

    private static string Write(string path, string text)
    {
        File.WriteAllText(path, text);
        return path;
    }

    private static string Find(Toolbox toolbox, string source, string? header = null, string program = Declarations) =>
        new ObjectCache(Path.Combine(toolbox.Folder, "objects"), program, header is null ? [] : [header], ["gcc"]).Find(source, []);
}
