using System;
using System.IO;
using System.Linq;
using System.Text;
using Cloister.Examples;
using Cloister.Generators.Edge;
using Cloister.Sdk.Edge;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Cloister.Generators.Tests;

/// <summary>Both sides of an edge interface: they understand each other, and neither believes the other.</summary>
public sealed class EdgeTests
{
    [Fact]
    public void CallsArriveAndResultsComeBack()
    {
        var target = new Host();
        IExampleHost host = new ExampleHostProxy(new ExampleHostDispatcher(target));
        Assert.Equal(-1, host.Add(long.MaxValue, long.MinValue));
        host.Print("text"u8);
        host.Print(default);
        Assert.Equal("text.", target.Printed);
        host.Store([1, 2, 3]);
        byte[] content = new byte[5];
        Assert.Equal(3, host.Load(content));
        Assert.Equal([1, 2, 3, 0, 0], content);

        ILimits limits = new LimitsProxy(new LimitsDispatcher(new Limits()));
        Assert.Equal(-7, limits.Next(-8, uint.MaxValue, ulong.MaxValue, "abc"u8));
        Assert.Equal(uint.MaxValue, limits.Count());
    }

    [Fact]
    public void AHostThatLiesIsNotBelieved()
    {
        byte[] buffer = new byte[4];
        // The size of the answer isn't that of a number; more bytes than there is room for; a refusal; a number that is no int.
        Assert.Throws<EdgeException>(() => new ExampleHostProxy(new Liar(7, 0)).Add(1, 2));
        Assert.Throws<EdgeException>(() => new ExampleHostProxy(new Liar(5, 0)).Load(buffer));
        Assert.Throws<EdgeException>(() => new ExampleHostProxy(new Liar(-1, 0)).Store(buffer));
        Assert.Throws<EdgeException>(() => new LimitsProxy(new Liar(8, 1L << 31)).Next(0, 0, 0, default));
        Assert.Throws<EdgeException>(() => new LimitsProxy(new Liar(8, -1)).Count());
    }

    [Fact]
    public void AnEnclaveThatAsksNonsenseIsRefused()
    {
        var dispatcher = new ExampleHostDispatcher(new Host());
        byte[] result = new byte[8];
        Assert.Equal(8, dispatcher.Call(6, new byte[16], result));
        Assert.Equal(-1, dispatcher.Call(6, new byte[15], result));
        Assert.Equal(-1, dispatcher.Call(6, new byte[24], result));
        Assert.Equal(-1, dispatcher.Call(6, new byte[16], result.AsSpan(0, 7)));
        Assert.Equal(-1, dispatcher.Call(2, new byte[1], result));
        Assert.Equal(-1, dispatcher.Call(63, default, result));
        byte[] argument = new byte[24];
        argument[4] = 1;
        Assert.Equal(-1, new LimitsDispatcher(new Limits()).Call(1, argument, result));
    }

    [Fact]
    public void TheHostsHeaderIsMadeFromTheInterface()
    {
        using var reader = new StreamReader(typeof(EdgeTests).Assembly.GetManifestResourceStream("example_host.h")!);
        Assert.Equal(ExampleHostHeader.Text, reader.ReadToEnd());
    }

    [Theory]
    [InlineData("[EdgeCall(1)] long Get(string name);")]
    [InlineData("[EdgeCall(0)] long Get();")]
    [InlineData("[EdgeCall(11)] long Get();")]
    [InlineData("[EdgeCall(64)] long Get();")]
    [InlineData("long Get();")]
    [InlineData("[EdgeCall(1)] void Get(); [EdgeCall(1)] void Put();")]
    [InlineData("[EdgeCall(1)] void Get(System.Span<byte> bytes);")]
    [InlineData("[EdgeCall(1)] void Put(System.ReadOnlySpan<byte> bytes, int more);")]
    [InlineData("[EdgeCall(1)] void Put(System.ReadOnlySpan<byte> bytes, System.ReadOnlySpan<byte> more);")]
    [InlineData("[EdgeCall(1)] void Put(ref int number);")]
    [InlineData("[EdgeCall(1)] string Get();")]
    public void WhatCannotBeAnEdgeCallIsAnError(string methods)
    {
        SyntaxTree tree = CSharpSyntaxTree.ParseText("using Cloister.Sdk.Edge; [EdgeInterface] public interface IBad { " + methods + " }",
            cancellationToken: TestContext.Current.CancellationToken);
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is "System.Runtime.dll" or "System.Private.CoreLib.dll")
            .Append(typeof(IEdgeTransport).Assembly.Location).Select(path => MetadataReference.CreateFromFile(path));
        var input = CSharpCompilation.Create("Bad", [tree], references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        CSharpGeneratorDriver.Create(new EdgeGenerator())
            .RunGeneratorsAndUpdateCompilation(input, out _, out var problems, TestContext.Current.CancellationToken);
        Assert.Equal("CLE001", Assert.Single(problems).Id);
    }

    private sealed class Host : IExampleHost
    {
        private byte[] _content = [];

        public string Printed { get; private set; } = "";

        public void Print(ReadOnlySpan<byte> text) => Printed += text.IsEmpty ? "." : Encoding.UTF8.GetString(text);

        public int Load(Span<byte> content)
        {
            _content.CopyTo(content);
            return _content.Length;
        }

        public void Store(ReadOnlySpan<byte> content) => _content = content.ToArray();

        public int Challenge(Span<byte> challenge) => 0;

        public void Report(ReadOnlySpan<byte> report) => _content = report.ToArray();

        public long Add(long left, long right) => unchecked(left + right);
    }

    private sealed class Limits : ILimits
    {
        public int Next(int number, uint positive, ulong large, ReadOnlySpan<byte> name) =>
            positive == uint.MaxValue && large == ulong.MaxValue && name.Length == 3 ? number + 1 : 0;

        public uint Count() => uint.MaxValue;
    }

    private sealed class Liar(int size, long value) : IEdgeTransport
    {
        public int Call(int number, ReadOnlySpan<byte> argument, Span<byte> result)
        {
            if (result.Length >= 8)
                EdgeNumbers.Write(result, 0, value);
            return size;
        }
    }
}

/// <summary>Numbers of all kinds.</summary>
[EdgeInterface]
internal interface ILimits
{
    [EdgeCall(1)]
    int Next(int number, uint positive, ulong large, ReadOnlySpan<byte> name);

    [EdgeCall(2)]
    uint Count();
}
