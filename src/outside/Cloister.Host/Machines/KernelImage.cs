using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;

namespace Cloister.Host.Machines;

/// <summary>A part of a kernel's image.</summary>
/// <param name="Name">What it is: code, constants, data.</param>
/// <param name="Address">Where it is linked.</param>
/// <param name="FileLength">Its bytes in the file.</param>
/// <param name="Length">Its bytes in memory.</param>
public readonly record struct ImagePart(string Name, ulong Address, long FileLength, long Length);

/// <summary>A kernel's image: an ELF file of 64 bits that QEMU starts, on x86-64 by its PVH note.</summary>
public sealed class KernelImage
{
    private const int HeaderLength = 64;
    private const int ProgramHeaderLength = 56;
    private const int MostParts = 16;
    private const uint LoadedPart = 1;
    private const uint Executable = 1;
    private const uint Writable = 2;

    private KernelImage(string path, byte[] bytes, MachineArchitecture architecture)
    {
        Path = path;
        Architecture = architecture;
        Length = bytes.Length;
        Hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        Parts = ReadParts(bytes);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Its processor.</summary>
    public MachineArchitecture Architecture { get; }

    /// <summary>Its bytes.</summary>
    public long Length { get; }

    /// <summary>SHA-256 of the file, in hexadecimal digits.</summary>
    public string Hash { get; }

    /// <summary>What is loaded.</summary>
    public IReadOnlyList<ImagePart> Parts { get; }

    /// <summary>Reads an image.</summary>
    /// <exception cref="HostException">There is none, or the file is something else.</exception>
    public static KernelImage Open(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new HostException($"There is no kernel image '{path}': make one with 'cloister image build'.", problem);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"The kernel image '{path}' can't be read: {problem.Message}", problem);
        }

        bool isImage = bytes.Length >= HeaderLength && bytes.AsSpan(0, 5).SequenceEqual("\u007fELF\u0002"u8);
        ushort machine = isImage ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(18)) : (ushort)0;
        foreach (MachineArchitecture architecture in MachineArchitecture.All)
        {
            if (architecture.ElfMachine == machine)
                return new KernelImage(path, bytes, architecture);
        }

        throw new HostException($"'{path}' is no kernel image: make one with 'cloister image build'.");
    }

    private static List<ImagePart> ReadParts(ReadOnlySpan<byte> bytes)
    {
        var parts = new List<ImagePart>();
        ulong start = BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]);
        int count = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(bytes[56..]), (ushort)MostParts);
        for (int i = 0; i < count && start <= (ulong)(bytes.Length - (i + 1) * ProgramHeaderLength); i++)
        {
            ReadOnlySpan<byte> header = bytes[((int)start + i * ProgramHeaderLength)..];
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) != LoadedPart)
                continue;
            uint flags = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
            string name = (flags & Executable) != 0 ? "code" : (flags & Writable) != 0 ? "data" : "constants";
            parts.Add(new ImagePart(name, BinaryPrimitives.ReadUInt64LittleEndian(header[16..]),
                BinaryPrimitives.ReadInt64LittleEndian(header[32..]), BinaryPrimitives.ReadInt64LittleEndian(header[40..])));
        }

        return parts;
    }
}
