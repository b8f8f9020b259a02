using System.IO;
using System.Linq;
using Xunit;

namespace Cloister.Generators.Tests;

/// <summary>Families of types from templates.</summary>
public sealed class TemplateTests
{
    [Fact]
    public void EachInstanceHasItsOwnWordsAndSymbols()
    {
        (string Name, string Source)[] made = [.. Template.Expand(
            "//@ Small: NAME=Pair, COUNT=2\n//@ Large: NAME=Trio, COUNT=3, LARGE\nstruct NAME { } // NAMES stay\nCOUNT")];
        Assert.Equal(["Small", "Large"], made.Select(one => one.Name));
        Assert.Contains("struct Pair { } // NAMES stay\n2", made[0].Source);
        Assert.DoesNotContain("#define", made[0].Source);
        Assert.Contains("#define LARGE\n", made[1].Source);
        Assert.Contains("struct Trio { }", made[1].Source);
    }

    [Fact]
    public void BlocksAreRepeatedForEachPair()
    {
        string source = Assert.Single(Template.Expand("//@ One: N=4\n#each TYPE SIZE in byte N, int 1\n    TYPE SIZE;\n#endeach\nend")).Source;
        Assert.Contains("    byte 4;\n    int 1;\nend", source);
    }

    [Fact]
    public void WordsAreJoined()
    {
        string source = Assert.Single(Template.Expand("//@ One: NAME=Int16\n#each END in Big\nRead##NAME##END##Endian\n#endeach")).Source;
        Assert.Contains("ReadInt16BigEndian", source);
    }

    [Fact]
    public void ListsAreNumbered()
    {
        string source = Assert.Single(Template.Expand("//@ One: N=3\nf(LIST(N, int e#))\n    LINES(N, a[#] = e#;)\nend")).Source;
        Assert.Contains("f(int e0, int e1, int e2)\n    a[0] = e0;\n    a[1] = e1;\n    a[2] = e2;\nend", source);
    }

    [Fact]
    public void ListsAreNumberedFromOne()
    {
        string source = Assert.Single(Template.Expand("//@ One: N=2\nf(LIST(N, # => Item#+1))\nLINES(N, T#+1 t#;)\nend")).Source;
        Assert.Contains("f(0 => Item1, 1 => Item2)\nT1 t0;\nT2 t1;\nend", source);
    }

    [Theory]
    [InlineData("//@ One\nx", "no colon")]
    [InlineData("//@ One: N=1\n#each T in a\nx", "no #endeach")]
    [InlineData("//@ One: N=1\n#endeach", "without an #each")]
    [InlineData("//@ One: N=1\n#each T\n#endeach", "no ' in '")]
    [InlineData("//@ One: N=1\n#each T S in a\n#endeach", "1 texts for 2 words")]
    [InlineData("//@ One: N=1\n#each T in a\n#each S in b\n#endeach", "lies in another")]
    [InlineData("//@ One: N=1\nLIST(M, x)", "'M' is not a number")]
    public void WhatIsMalformedIsNamed(string text, string problem)
    {
        InvalidDataException exception = Assert.Throws<InvalidDataException>(() => Template.Expand(text).ToArray());
        Assert.Contains(problem, exception.Message);
    }
}
