using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;

namespace Cloister.Cli.FileSystems.Transfer;

/// <summary>Records of a pax header: "length key=value\n", where the value is bytes of any kind (pax(1), tar(5)).</summary>
internal sealed class PaxRecords
{
    /// <summary>What the names of extended attributes begin with, by convention of star, GNU and BSD tar.</summary>
    public const string AttributePrefix = "SCHILY.xattr.";

    private readonly List<(byte[] Key, byte[] Value)> _records = [];

    public IReadOnlyList<(byte[] Key, byte[] Value)> All => _records;

    /// <summary>Reads records.</summary>
    /// <exception cref="InvalidDataException">They are malformed.</exception>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && bytes[0] != 0)
        {
            int space = bytes.IndexOf((byte)' ');
            if (space < 1 || !int.TryParse(Encoding.ASCII.GetString(bytes[..space]), NumberStyles.None, CultureInfo.InvariantCulture, out int length)
                || length <= space + 1 || length > bytes.Length || bytes[length - 1] != '\n')
                throw new InvalidDataException("an extended header is malformed.");
            ReadOnlySpan<byte> record = bytes[(space + 1)..(length - 1)];
            int equals = record.IndexOf((byte)'=');
            if (equals < 1)
                throw new InvalidDataException("an extended header is malformed.");
            _records.Add((record[..equals].ToArray(), record[(equals + 1)..].ToArray()));
            bytes = bytes[length..];
        }
    }

    /// <summary>The last value of a key; null where there is none.</summary>
    public byte[]? Find(string key)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(key);
        return _records.FindLast(record => record.Key.AsSpan().SequenceEqual(wanted)).Value;
    }

    public void Add(string key, ReadOnlySpan<byte> value) => _records.Add((Encoding.UTF8.GetBytes(key), value.ToArray()));

    public void Add(string key, string value) => Add(key, Encoding.ASCII.GetBytes(value));

    /// <summary>Adds an extended attribute. Its name must not have the character that ends keys: GNU tar has a way to write it.</summary>
    public void AddAttribute(byte[] name, byte[] value)
    {
        var key = new List<byte>(Encoding.ASCII.GetBytes(AttributePrefix));
        foreach (byte character in name)
            key.AddRange(character switch { (byte)'%' => "%25"u8, (byte)'=' => "%3D"u8, _ => [character] });
        _records.Add(([.. key], value));
    }

    /// <summary>The name of the extended attribute that a key stands for; null where it is none.</summary>
    public static byte[]? AttributeName(ReadOnlySpan<byte> key)
    {
        if (!key.StartsWith("SCHILY.xattr."u8))
            return null;
        var name = new List<byte>();
        for (int i = AttributePrefix.Length; i < key.Length; i++)
        {
            ReadOnlySpan<byte> rest = key[i..];
            bool isEscaped = rest.StartsWith("%25"u8) || rest.StartsWith("%3D"u8);
            name.Add(!isEscaped ? rest[0] : rest[1] == '2' ? (byte)'%' : (byte)'=');
            i += isEscaped ? 2 : 0;
        }

        return [.. name];
    }

    public byte[] ToBytes()
    {
        var bytes = new MemoryStream();
        foreach ((byte[] key, byte[] value) in _records)
        {
            // The length counts its own digits.
            int rest = key.Length + value.Length + 3;
            int length = rest + 1;
            while (length != rest + length.ToString(CultureInfo.InvariantCulture).Length)
                length++;
            bytes.Write(Encoding.ASCII.GetBytes(length.ToString(CultureInfo.InvariantCulture) + " "));
            bytes.Write(key);
            bytes.WriteByte((byte)'=');
            bytes.Write(value);
            bytes.WriteByte((byte)'\n');
        }

        return bytes.ToArray();
    }
}
