using System;
using System.Buffers.Binary;
using Cloister.Abi.Files;

namespace Cloister.Vfs.Terminals;

/// <summary>What a terminal does to bytes between a keyboard and a program (termios(3)). Its owner locks.</summary>
internal sealed class LineDiscipline
{
    private const byte NewLine = (byte)'\n';
    private const byte CarriageReturn = (byte)'\r';
    private const byte Delete = 0x7F;

    private readonly byte[] _settings = CreateSettings();
    private int _column;
    private bool _takesLiterally;

    /// <summary>Output that the other side reads.</summary>
    public ByteQueue Output { get; } = new(64 * 1024);

    public TerminalInput Input { get; } = new();

    /// <summary>Whether output is held (Ctrl-S).</summary>
    public bool IsStopped { get; set; }

    /// <summary>The struct termios2: a struct termios, and the speeds, which mean nothing here.</summary>
    public Span<byte> Settings => _settings;

    /// <summary>Whether Ctrl-S and Ctrl-Q hold output and let it go (packet mode tells of it).</summary>
    public bool HasUsualFlowControl =>
        (InputFlags & TerminalInputFlags.IXON) != 0 && Characters[ControlCharacters.VSTOP] == 0x13 && Characters[ControlCharacters.VSTART] == 0x11;

    /// <summary>Whether a byte that is typed finds a place, or is to be dropped: an unfinished line goes on until its end comes.</summary>
    public bool TakesInput => !Input.IsFull || (IsCanonical && Input.Lines == 0);

    /// <summary>c_cc.</summary>
    public ReadOnlySpan<byte> Characters => _settings.AsSpan(Termios.CharactersAt);

    public bool IsCanonical => Has(TerminalLocalFlags.ICANON);

    private TerminalInputFlags InputFlags => (TerminalInputFlags)Flags(Termios.InputFlagsAt);

    private TerminalOutputFlags OutputFlags => (TerminalOutputFlags)Flags(Termios.OutputFlagsAt);

    public bool Has(TerminalLocalFlags flag) => ((TerminalLocalFlags)Flags(Termios.LocalFlagsAt) & flag) != 0;

    /// <summary>Takes a byte that was typed.</summary>
    /// <returns>A signal for the foreground group, or 0.</returns>
    public int Type(byte value)
    {
        if ((InputFlags & TerminalInputFlags.ISTRIP) != 0)
            value &= 0x7F;
        if (_takesLiterally)
        {
            _takesLiterally = false;
            Add(value, false);
            return 0;
        }

        if (value == CarriageReturn)
        {
            if ((InputFlags & TerminalInputFlags.IGNCR) != 0)
                return 0;
            if ((InputFlags & TerminalInputFlags.ICRNL) != 0)
                value = NewLine;
        }
        else if (value == NewLine && (InputFlags & TerminalInputFlags.INLCR) != 0)
        {
            value = CarriageReturn;
        }

        if ((InputFlags & TerminalInputFlags.IXON) != 0 && IsFlowControl(value))
            return 0;
        if (Has(TerminalLocalFlags.ISIG) && SignalOf(value) is var signal and not 0)
        {
            if (!Has(TerminalLocalFlags.NOFLSH))
            {
                Input.Clear();
                Output.Clear();
            }

            EchoControl(value);
            return signal;
        }

        if (IsCanonical && Edit(value))
            return 0;
        bool endsLine = IsCanonical && (value == NewLine || Is(value, ControlCharacters.VEOL) || Is(value, ControlCharacters.VEOL2));
        Add(value, endsLine);
        return 0;
    }

    /// <summary>Writes a byte of a program.</summary>
    /// <returns>False where there is no room.</returns>
    public bool Write(byte value)
    {
        // The longest that one byte becomes is a tab of eight blanks.
        if (Output.Room < 8)
            return false;
        TerminalOutputFlags flags = OutputFlags;
        if ((flags & TerminalOutputFlags.OPOST) == 0)
            return Output.TryAdd(value);
        switch (value)
        {
            case NewLine:
                if ((flags & TerminalOutputFlags.ONLCR) != 0)
                {
                    Output.TryAdd(CarriageReturn);
                    _column = 0;
                }
                else if ((flags & TerminalOutputFlags.ONLRET) != 0)
                {
                    _column = 0;
                }

                break;
            case CarriageReturn:
                if ((flags & TerminalOutputFlags.ONOCR) != 0 && _column == 0)
                    return true;
                if ((flags & TerminalOutputFlags.OCRNL) != 0)
                {
                    value = NewLine;
                    if ((flags & TerminalOutputFlags.ONLRET) != 0)
                        _column = 0;
                    break;
                }

                _column = 0;
                break;
            case (byte)'\t':
                int spaces = 8 - (_column & 7);
                _column += spaces;
                if ((flags & TerminalOutputFlags.XTABS) != TerminalOutputFlags.XTABS)
                    break;
                for (int i = 0; i < spaces; i++)
                    Output.TryAdd((byte)' ');
                return true;
            case (byte)'\b':
                if (_column > 0)
                    _column--;
                break;
            default:
                if ((flags & TerminalOutputFlags.OLCUC) != 0 && value is >= (byte)'a' and <= (byte)'z')
                    value -= 32;

                // Continuation bytes of UTF-8 take no column.
                if (value >= 0x20 && value != Delete && !((InputFlags & TerminalInputFlags.IUTF8) != 0 && (value & 0xC0) == 0x80))
                    _column++;
                break;
        }

        return Output.TryAdd(value);
    }

    private bool IsFlowControl(byte value)
    {
        if (Is(value, ControlCharacters.VSTOP))
        {
            IsStopped = true;
            return true;
        }

        if (Is(value, ControlCharacters.VSTART))
        {
            IsStopped = false;
            return true;
        }

        if ((InputFlags & TerminalInputFlags.IXANY) != 0)
            IsStopped = false;
        return false;
    }

    private int SignalOf(byte value)
    {
        if (Is(value, ControlCharacters.VINTR))
            return FileSignals.SIGINT;
        if (Is(value, ControlCharacters.VQUIT))
            return FileSignals.SIGQUIT;
        return Is(value, ControlCharacters.VSUSP) ? FileSignals.SIGTSTP : 0;
    }

    /// <summary>Whether the byte was an editing character.</summary>
    private bool Edit(byte value)
    {
        if (Is(value, ControlCharacters.VEOF))
        {
            Input.AddEndOfFile();
            return true;
        }

        if (Is(value, ControlCharacters.VERASE))
        {
            EraseCharacter();
            return true;
        }

        if (Is(value, ControlCharacters.VKILL))
        {
            while (Input.Unfinished > 0 && EraseCharacter())
            {
            }

            if (Has(TerminalLocalFlags.ECHOK) && !Has(TerminalLocalFlags.ECHOKE))
                EchoByte(NewLine);
            return true;
        }

        if (!Has(TerminalLocalFlags.IEXTEN))
            return false;
        if (Is(value, ControlCharacters.VWERASE))
        {
            while ((Input.Last == ' ' || Input.Last == '\t') && EraseCharacter())
            {
            }

            while (Input.Last >= 0 && Input.Last != ' ' && Input.Last != '\t' && EraseCharacter())
            {
            }

            return true;
        }

        if (Is(value, ControlCharacters.VLNEXT))
        {
            _takesLiterally = true;
            if (Has(TerminalLocalFlags.ECHO) && Has(TerminalLocalFlags.ECHOCTL))
            {
                Write((byte)'^');
                Write((byte)'\b');
            }

            return true;
        }

        if (!Is(value, ControlCharacters.VREPRINT))
            return false;
        EchoControl(value);
        EchoByte(NewLine);
        for (int i = 0; i < Input.Unfinished; i++)
            EchoByte(Input.UnfinishedAt(i));
        return true;
    }

    /// <summary>Takes the last character back, on the screen too; false where there is none.</summary>
    private bool EraseCharacter()
    {
        // A character of several bytes goes as a whole.
        // One without its first byte stays (n_tty's eraser of Linux).
        int length = 1;
        bool isUtf8 = (InputFlags & TerminalInputFlags.IUTF8) != 0;
        while (isUtf8 && length < Input.Unfinished && IsContinuation(Input.UnfinishedAt(Input.Unfinished - length)))
            length++;
        if (isUtf8 && Input.Unfinished > 0 && IsContinuation(Input.UnfinishedAt(Input.Unfinished - length)))
            return false;
        int erased = -1;
        for (int i = 0; i < length; i++)
            erased = Input.Erase();
        if (erased < 0 || !Has(TerminalLocalFlags.ECHO))
            return erased >= 0;
        if (!Has(TerminalLocalFlags.ECHOE))
        {
            EchoByte(Characters[ControlCharacters.VERASE]);
            return true;
        }

        int columns = erased is < 0x20 or Delete && Has(TerminalLocalFlags.ECHOCTL) && erased != '\t' ? 2 : 1;
        for (int i = 0; i < columns; i++)
        {
            Write((byte)'\b');
            Write((byte)' ');
            Write((byte)'\b');
        }

        return true;
    }

    private static bool IsContinuation(byte value) => (value & 0xC0) == 0x80;

    private void Add(byte value, bool endsLine)
    {
        if (!Input.TryAdd(value, endsLine))
        {
            if ((InputFlags & TerminalInputFlags.IMAXBEL) != 0)
                Output.TryAdd(7);
            return;
        }

        if (value == NewLine)
        {
            if (Has(TerminalLocalFlags.ECHO) || (Has(TerminalLocalFlags.ECHONL) && IsCanonical))
                Write(NewLine);
            return;
        }

        if (Has(TerminalLocalFlags.ECHO))
            EchoByte(value);
    }

    private void EchoByte(byte value)
    {
        if (!Has(TerminalLocalFlags.ECHO))
            return;
        if (Has(TerminalLocalFlags.ECHOCTL) && (value < 0x20 || value == Delete) && value is not ((byte)'\t' or NewLine))
            EchoControl(value);
        else
            Write(value);
    }

    private void EchoControl(byte value)
    {
        if (!Has(TerminalLocalFlags.ECHO) || !Has(TerminalLocalFlags.ECHOCTL))
            return;
        Write((byte)'^');
        Write((byte)(value ^ 0x40));
    }

    private bool Is(byte value, int place) => value != 0 && Characters[place] == value;

    private uint Flags(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_settings.AsSpan(offset));

    private static byte[] CreateSettings()
    {
        // What a terminal has when it is opened first (INIT_C_CC and tty_std_termios of Linux).
        byte[] settings = new byte[Termios.LongSize];
        const uint local = (uint)(TerminalLocalFlags.ISIG | TerminalLocalFlags.ICANON | TerminalLocalFlags.ECHO | TerminalLocalFlags.ECHOE
            | TerminalLocalFlags.ECHOK | TerminalLocalFlags.ECHOCTL | TerminalLocalFlags.ECHOKE | TerminalLocalFlags.IEXTEN);
        const uint control = 0xBF; // 38400 baud, 8 bits, CREAD
        BinaryPrimitives.WriteUInt32LittleEndian(settings.AsSpan(Termios.InputFlagsAt), (uint)(TerminalInputFlags.ICRNL | TerminalInputFlags.IXON));
        BinaryPrimitives.WriteUInt32LittleEndian(settings.AsSpan(Termios.OutputFlagsAt), (uint)(TerminalOutputFlags.OPOST | TerminalOutputFlags.ONLCR));
        BinaryPrimitives.WriteUInt32LittleEndian(settings.AsSpan(Termios.ControlFlagsAt), control);
        BinaryPrimitives.WriteUInt32LittleEndian(settings.AsSpan(Termios.LocalFlagsAt), local);
        ReadOnlySpan<byte> characters = [3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0];
        characters.CopyTo(settings.AsSpan(Termios.CharactersAt));
        BinaryPrimitives.WriteUInt32LittleEndian(settings.AsSpan(Termios.Size), 38400);
        BinaryPrimitives.WriteUInt32LittleEndian(settings.AsSpan(Termios.Size + sizeof(uint)), 38400);
        return settings;
    }
}
