namespace Cloister.Contracts.Files;

/// <summary>The controlling terminal, as far as job control needs it (credentials(7), tty_ioctl(4)).</summary>
public interface ITerminal
{
    /// <summary>Foreground process group; 0 where there is none.</summary>
    int ForegroundGroup { get; set; }

    /// <summary>Session whose controlling terminal this is; 0 where there is none.</summary>
    int Session { get; set; }

    /// <summary>Its device number.</summary>
    ulong Device { get; }
}

/// <summary>The master side of a pseudoterminal (pty(7)).</summary>
public interface ITerminalMaster
{
    /// <summary>Opens the other side (TIOCGPTPEER).</summary>
    Cloister.Abi.Errno OpenPeer(ICaller caller, Cloister.Abi.Files.OpenFlags flags, out IOpenFile? peer);
}
