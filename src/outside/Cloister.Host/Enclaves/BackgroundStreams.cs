using System;
using System.Threading;
using Cloister.Host.Native;

namespace Cloister.Host.Enclaves;

/// <summary>
/// The standard streams of the first program of an enclave in the background: pipes or a pseudoterminal, whose other ends this process
/// has. What the program writes goes to the log; what it reads comes from whoever attaches.
/// </summary>
internal sealed unsafe class BackgroundStreams : IDisposable
{
    private const int BufferSize = 64 << 10;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly FileDescriptor[] _given;
    private readonly FileDescriptor? _input;
    private readonly Thread[] _readers;

    private BackgroundStreams(FileDescriptor[] given, FileDescriptor? input, params ReadOnlySpan<(FileDescriptor From, string Name)> outputs)
    {
        _given = given;
        _input = input;
        _readers = new Thread[outputs.Length];
        for (int i = 0; i < outputs.Length; i++)
        {
            (FileDescriptor from, string name) = outputs[i];
            _readers[i] = new Thread(() => Read(from, name), 256 << 10) { IsBackground = true, Name = "cloister: log" };
        }
    }

    /// <summary>Called with what the program writes: the stream's name, and the bytes.</summary>
    public Action<string, ReadOnlyMemory<byte>>? Written { get; set; }

    /// <summary>Makes pipes.</summary>
    /// <param name="hasInput">Whether standard input is one too, instead of the end of a file.</param>
    public static BackgroundStreams OfPipes(bool hasInput)
    {
        (FileDescriptor output, FileDescriptor toOutput) = CreatePipe();
        (FileDescriptor error, FileDescriptor toError) = CreatePipe();
        (FileDescriptor input, FileDescriptor? toInput) = hasInput ? CreatePipe() : (Open("/dev/null"), null!);
        return new BackgroundStreams([input, toOutput, toError], toInput, (output, "stdout"), (error, "stderr"));
    }

    /// <summary>Makes a pseudoterminal, which becomes this process's own: its keys for signals reach this process, which passes them on.</summary>
    public static BackgroundStreams OfTerminal()
    {
        FileDescriptor master = Open("/dev/ptmx");
        int unlocked = 0;
        int slave = -1;
        if (Libc.IoCtl(master, Constants.TIOCSPTLCK, &unlocked) == 0)
            slave = Libc.IoCtl(master, Constants.TIOCGPTPEER, (void*)(Constants.O_RDWR | Constants.O_NOCTTY | Constants.O_CLOEXEC));
        if (slave < 0)
            throw new HostException($"This machine has no pseudoterminal for the program ({Failure.Last}).");
        var terminal = new FileDescriptor(slave);
        Libc.IoCtl(terminal, Constants.TIOCSCTTY, null);
        return new BackgroundStreams([terminal, terminal, terminal], master, (master, "stdout"));
    }

    /// <summary>Input, output and error for the program.</summary>
    public FileDescriptor[] Given => _given;

    /// <summary>Where the program's input comes from; null where it has none.</summary>
    public FileDescriptor? Input => _input;

    /// <summary>Begins to read what the program writes.</summary>
    public void Begin()
    {
        foreach (Thread reader in _readers)
            reader.Start();
    }

    /// <summary>Nobody writes any more: waits until all that was written has been read.</summary>
    public void Dispose()
    {
        foreach (FileDescriptor descriptor in _given)
            descriptor.Dispose();
        foreach (Thread reader in _readers)
            reader.Join(s_patience);
    }

    private void Read(FileDescriptor from, string name)
    {
        byte[] buffer = new byte[BufferSize];
        while (true)
        {
            nint count;
            fixed (byte* into = buffer)
                count = Libc.Read(from, into, buffer.Length);
            if (count < 0 && Failure.WasInterrupted)
                continue;
            // A pseudoterminal without users answers EIO.
            if (count <= 0)
                return;
            Written?.Invoke(name, buffer.AsMemory(0, (int)count));
        }
    }

    /// <summary>A pipe.</summary>
    public static (FileDescriptor Read, FileDescriptor Write) CreatePipe()
    {
        int* ends = stackalloc int[2];
        return Libc.Pipe2(ends, Constants.O_CLOEXEC) == 0
            ? (new FileDescriptor(ends[0]), new FileDescriptor(ends[1]))
            : throw new HostException($"No pipe can be made for the program ({Failure.Last}).");
    }

    /// <summary>/dev/null.</summary>
    public static FileDescriptor OpenNull() => Open("/dev/null");

    private static FileDescriptor Open(string path)
    {
        int opened;
        fixed (byte* text = ByteText.Terminated(path))
            opened = Libc.Open(text, Constants.O_RDWR | Constants.O_NOCTTY | Constants.O_CLOEXEC, 0);
        return opened >= 0 ? new FileDescriptor(opened) : throw new HostException($"'{path}' can't be opened ({Failure.Last}).");
    }
}
