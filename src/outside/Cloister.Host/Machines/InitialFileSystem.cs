using System;
using System.Globalization;
using System.IO;
using System.Text;

namespace Cloister.Host.Machines;

/// <summary>An archive that Linux unpacks into its first file system: cpio in the format "newc" (initramfs buffer format of the kernel's documentation).</summary>
internal sealed class InitialFileSystem
{
    private const uint Folder = 0x41ed, Program = 0x81ed, Plain = 0x81a4;

    private readonly MemoryStream _bytes = new();
    private uint _inode = 1;

    /// <summary>Adds a folder.</summary>
    public void AddFolder(string name) => Add(name, Folder, default);

    /// <summary>Adds a file.</summary>
    public void Add(string name, ReadOnlySpan<byte> content, bool isProgram = false) => Add(name, isProgram ? Program : Plain, content);

    /// <summary>The archive. Nothing is added afterwards.</summary>
    public byte[] ToArray()
    {
        Add("TRAILER!!!", 0, default);
        return _bytes.ToArray();
    }

    private void Add(string name, uint mode, ReadOnlySpan<byte> content)
    {
        // Magic, inode, mode, user, group, links, time, size, device and node (two numbers each), length of the name with its zero, sum.
        uint[] numbers = [_inode++, mode, 0, 0, 1, 0, (uint)content.Length, 0, 0, 0, 0, (uint)name.Length + 1, 0];
        var header = new StringBuilder("070701");
        foreach (uint number in numbers)
            header.Append(number.ToString("x8", CultureInfo.InvariantCulture));
        _bytes.Write(Encoding.ASCII.GetBytes(header + name + '\0'));
        Align();
        _bytes.Write(content);
        Align();
    }

    private void Align()
    {
        while (_bytes.Length % 4 != 0)
            _bytes.WriteByte(0);
    }
}
