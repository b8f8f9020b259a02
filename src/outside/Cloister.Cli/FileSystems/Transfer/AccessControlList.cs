using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;

namespace Cloister.Cli.FileSystems.Transfer;

/// <summary>
/// Access control lists as star and GNU tar write them, in text (acl(5)), made what Linux keeps in an extended attribute
/// (linux/posix_acl_xattr.h).
/// </summary>
internal static class AccessControlList
{
    private const uint Version = 2;
    private const uint NoId = uint.MaxValue;

    /// <summary>Name of the extended attribute that a pax record is about; null where it is no such list.</summary>
    public static byte[]? AttributeFor(ReadOnlySpan<byte> key) =>
        key.SequenceEqual("SCHILY.acl.access"u8) ? "system.posix_acl_access"u8.ToArray()
        : key.SequenceEqual("SCHILY.acl.default"u8) ? "system.posix_acl_default"u8.ToArray()
        : null;

    /// <summary>Reads a list.</summary>
    /// <returns>False where users or groups are named without their numbers.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out byte[] value)
    {
        var entries = new List<(ushort Tag, ushort Permissions, uint Id)>();
        foreach (string part in Encoding.UTF8.GetString(text).Split([',', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string entry = part.Split('#')[0].Trim();
            if (entry.Length == 0)
                continue;
            string[] fields = entry.Split(':');
            value = [];
            if (fields.Length < 3)
                return false;
            bool isNamed = fields[1].Length > 0;
            uint id = NoId;
            // A fourth field repeats the number of a user who is named.
            if (isNamed && !uint.TryParse(fields[^1] == fields[2] ? fields[1] : fields[^1], NumberStyles.None, CultureInfo.InvariantCulture, out id)
                && !uint.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out id))
                return false;
            ushort tag = (fields[0], isNamed) switch
            {
                ("user" or "u", false) => 0x01,
                ("user" or "u", true) => 0x02,
                ("group" or "g", false) => 0x04,
                ("group" or "g", true) => 0x08,
                ("mask" or "m", _) => 0x10,
                ("other" or "o", _) => 0x20,
                _ => throw new InvalidDataException("an access control list is malformed."),
            };
            ushort permissions = (ushort)((fields[2].Contains('r') ? 4 : 0) | (fields[2].Contains('w') ? 2 : 0) | (fields[2].Contains('x') ? 1 : 0));
            entries.Add((tag, permissions, id));
        }

        entries.Sort();
        value = new byte[4 + 8 * entries.Count];
        BinaryPrimitives.WriteUInt32LittleEndian(value, Version);
        for (int i = 0; i < entries.Count; i++)
        {
            Span<byte> into = value.AsSpan(4 + 8 * i);
            BinaryPrimitives.WriteUInt16LittleEndian(into, entries[i].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(into[2..], entries[i].Permissions);
            BinaryPrimitives.WriteUInt32LittleEndian(into[4..], entries[i].Id);
        }

        return true;
    }
}
