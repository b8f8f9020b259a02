using Cloister.Host;
using Cloister.Host.Terminal;
using Xunit;

namespace Cloister.HostPort.Tests;

/// <summary>Bytes as text, and text for terminals.</summary>
public sealed class TextTests
{
    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0x61, 0xC3, 0xA9, 0xF0, 0x9F, 0x98, 0x80 })]
    [InlineData(new byte[] { 0x80, 0x61, 0xFF, 0xC3, 0xC3, 0xA9, 0xE2, 0x82 })]
    [InlineData(new byte[] { 0xED, 0xB2, 0x80, 0xF4, 0x90, 0x80, 0x80 })]
    public void Bytes_come_back(byte[] bytes)
    {
        Assert.Equal(bytes, ByteText.Encode(ByteText.Decode(bytes)));
        Assert.Equal([.. bytes, 0], ByteText.Terminated(ByteText.Decode(bytes)));
    }

    [Fact]
    public void All_pairs_of_bytes_come_back_and_stay_different()
    {
        var seen = new System.Collections.Generic.HashSet<string>();
        for (int first = 0; first < 256; first++)
        {
            for (int second = 0; second < 256; second++)
            {
                byte[] bytes = [(byte)first, (byte)second];
                string text = ByteText.Decode(bytes);
                Assert.Equal(bytes, ByteText.Encode(text));
                Assert.True(seen.Add(text));
            }
        }
    }

    [Theory]
    [InlineData("plain caf\u00e9 \U0001F600", "plain caf\u00e9 \U0001F600")]
    [InlineData("\u001b[31mred\n", "\\x1b[31mred\\x0a")]
    [InlineData("a\u009bb\u202ec\u2028", "a\\x9bb\\u202ec\\u2028")]
    [InlineData("tag \U000E0001", "tag \\ue0001")]
    public void What_a_terminal_acts_on_is_escaped(string text, string escaped) => Assert.Equal(escaped, PlainText.Escape(text));

    [Fact]
    public void Bytes_that_are_no_text_are_escaped_and_long_texts_cut()
    {
        Assert.Equal("x\\xff", PlainText.Escape(ByteText.Decode([(byte)'x', 0xFF])));
        Assert.EndsWith("...", PlainText.Escape(new string('x', 10_000)));
        Assert.InRange(PlainText.Escape(new string('x', 10_000)).Length, 1000, 5000);
    }
}
