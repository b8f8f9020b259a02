using System;

namespace Cloister.Keystone.Launcher;

/// <summary>Texts as Linux takes them.</summary>
internal static class Text
{
    /// <summary>The bytes of a text of Latin letters.</summary>
    public static byte[] Bytes(string text)
    {
        byte[] bytes = new byte[text.Length];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)text[i];
        return bytes;
    }

    /// <summary>A name, with the zero that ends it.</summary>
    public static byte[] Name(string name) => Bytes(name + '\0');
}
