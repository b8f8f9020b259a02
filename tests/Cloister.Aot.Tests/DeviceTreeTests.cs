using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using Cloister.Runtime.Boards;
using Xunit;

namespace Cloister.Aot.Tests;

/// <summary>The boards' reader of device trees, on CoreCLR. The tree lies before a page that can't be read.</summary>
public sealed unsafe partial class DeviceTreeTests : IDisposable
{
    private const int PageSize = 4096, Room = 16 * PageSize;

    private readonly byte* _room;

    // SAFETY: 17 pages of its own, of which the last is taken away; freed by Dispose. Read writes at most the first 16.
    public DeviceTreeTests()
    {
        _room = Map(null, Room + PageSize, 3, 0x22, -1, 0);
        Assert.Equal(0, Protect(_room + Room, PageSize, 0));
    }

    public void Dispose() => Unmap(_room, Room + PageSize);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial byte* Map(void* address, nint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(void* address, nint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* address, nint length);

    private sealed class TreeWriter
    {
        private readonly List<byte> _structure = [];
        private readonly List<byte> _names = [];

        private static void Word(List<byte> bytes, uint value)
        {
            Span<byte> word = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(word, value);
            bytes.AddRange(word);
        }

        private static void Pad(List<byte> bytes)
        {
            while (bytes.Count % 4 != 0)
                bytes.Add(0);
        }

        public void Begin(string name)
        {
            Word(_structure, 1);
            _structure.AddRange(Encoding.ASCII.GetBytes(name + "\0"));
            Pad(_structure);
        }

        public void End() => Word(_structure, 2);

        public void Property(string name, params uint[] values)
        {
            Word(_structure, 3);
            Word(_structure, (uint)values.Length * 4);
            Word(_structure, (uint)_names.Count);
            _names.AddRange(Encoding.ASCII.GetBytes(name + "\0"));
            foreach (uint value in values)
                Word(_structure, value);
        }

        public byte[] Write()
        {
            Word(_structure, 9);
            Pad(_names);
            var tree = new List<byte>();
            uint[] header = [0xd00dfeed, (uint)(40 + _structure.Count + _names.Count), 40, (uint)(40 + _structure.Count), 40, 17, 16, 0,
                (uint)_names.Count, (uint)_structure.Count];
            foreach (uint word in header)
                Word(tree, word);
            tree.AddRange(_structure);
            tree.AddRange(_names);
            return [.. tree];
        }
    }

    // Like QEMU's for riscv64 virt.
    private static byte[] Virt(uint addressCells = 2, uint sizeCells = 2)
    {
        var tree = new TreeWriter();
        tree.Begin("");
        tree.Property("#size-cells", sizeCells);
        tree.Property("#address-cells", addressCells);
        tree.Begin("pmu");
        tree.Property("reg", 1, 2, 3, 4);
        tree.End();
        tree.Begin("memory@80000000");
        tree.Property("device_type", 0x6d656d6f);
        tree.Property("reg", 0, 0x1000, 0, 0x2000, 0, 0x8000_0000, 1, 0x2000_0000);
        tree.End();
        // Properties come before nodes (5.4.2 of the specification).
        tree.Begin("cpus");
        tree.Property("timebase-frequency", 10_000_000);
        tree.Begin("cpu@0");
        tree.Property("timebase-frequency", 5);
        tree.End();
        tree.End();
        tree.End();
        return tree.Write();
    }

    // SAFETY: the bytes fit the room; the reader sees them right before the page that can't be read.
    private DeviceTree Read(ReadOnlySpan<byte> bytes)
    {
        byte* place = _room + Room - bytes.Length;
        bytes.CopyTo(new Span<byte>(place, bytes.Length));
        return new DeviceTree(place);
    }

    [Fact]
    public void TheLargestMemoryAndTheFrequencyAreFound()
    {
        DeviceTree tree = Read(Virt());
        Assert.True(tree.IsValid);
        Assert.True(tree.FindMemory(out ulong address, out ulong size));
        Assert.Equal((0x8000_0000ul, 0x1_2000_0000ul), (address, size));
        Assert.Equal(10_000_000u, tree.TimebaseFrequency());
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(3, 1)]
    [InlineData(2, 0xffff_ffff)]
    [InlineData(0x8000_0000, 0x8000_0000)]
    public void StrangeCellsGiveNoMemory(uint addressCells, uint sizeCells) =>
        Assert.False(Read(Virt(addressCells, sizeCells)).FindMemory(out _, out _));

    [Fact]
    public void WithoutTheMagicNumberThereIsNoTree()
    {
        byte[] bytes = Virt();
        bytes[3]++;
        DeviceTree tree = Read(bytes);
        Assert.False(tree.IsValid);
        Assert.False(tree.FindMemory(out _, out _));
        Assert.Equal(0u, tree.TimebaseFrequency());
        Assert.False(new DeviceTree(null).IsValid);
    }

    // A read behind the end would end the process.
    [Fact]
    public void DamagedTreesAreReadWithinTheirBounds()
    {
        byte[] whole = Virt();
        var random = new System.Random(3);
        int found = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = [.. whole];
            for (int i = random.Next(1, 6); i > 0; i--)
            {
                int place = random.Next(8, bytes.Length);
                bytes[place] = random.Next(3) switch { 0 => 0, 1 => 0xff, _ => (byte)random.Next(256) };
            }

            // The size that the header tells is the true one, cut off at times; the rest may be anything.
            if (round % 4 == 0)
                bytes = bytes[..random.Next(40, bytes.Length)];
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), bytes.Length);
            DeviceTree tree = Read(bytes);
            if (tree.FindMemory(out _, out _) && tree.TimebaseFrequency() > 0)
                found++;
        }

        Assert.InRange(found, 100, 19_900);
    }
}
