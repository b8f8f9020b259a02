using System;
using System.Collections.Generic;
using System.Text;
using Cloister.Host.Enclaves;
using Cloister.Host.Native;

namespace Cloister.Host.Programs;

/// <summary>
/// A process of this machine, started with arguments and environment byte for byte as they are given - .NET's own class has strings,
/// in which all that isn't UTF-8 is lost.
/// </summary>
public sealed unsafe class ChildProcess : IDisposable
{
    private readonly int _process;
    private readonly FileDescriptor _output;

    private ChildProcess(int process, FileDescriptor output)
    {
        _process = process;
        _output = output;
    }

    /// <summary>Starts a program whose input is empty, whose output comes here, and which has this process's standard error.</summary>
    public static ChildProcess Start(string path, IReadOnlyList<byte[]> arguments, IReadOnlyList<byte[]> environment)
    {
        using FileDescriptor nothing = BackgroundStreams.OpenNull();
        (FileDescriptor output, FileDescriptor toOutput) = BackgroundStreams.CreatePipe();
        using (toOutput)
        {
            SpawnActions actions;
            Libc.SpawnActionsInit(&actions);
            Libc.SpawnActionsDup2(&actions, (int)nothing.DangerousGetHandle(), 0);
            Libc.SpawnActionsDup2(&actions, (int)toOutput.DangerousGetHandle(), 1);
            int process;
            int error;
            fixed (byte* name = ByteText.Terminated(path))
            fixed (byte* texts = Join(arguments, environment))
            {
                // Both end with a null, which their last elements are.
                fixed (byte** argv = new byte*[arguments.Count + 1])
                fixed (byte** envp = new byte*[environment.Count + 1])
                {
                    byte* variables = Point(texts, arguments, new Span<nint>(argv, arguments.Count));
                    Point(variables, environment, new Span<nint>(envp, environment.Count));
                    error = Libc.PosixSpawn(&process, name, &actions, null, argv, envp);
                }
            }

            Libc.SpawnActionsDestroy(&actions);
            if (error == 0)
                return new ChildProcess(process, output);
            output.Dispose();
            throw new HostException($"'{path}' can't be started ({(Abi.Errno)error}).");
        }
    }

    /// <summary>The first line that it writes, with its end; less where it closes its output before.</summary>
    public string ReadLine()
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[256];
        while (true)
        {
            nint count;
            fixed (byte* into = buffer)
                count = Libc.Read(_output, into, buffer.Length);
            if (count < 0 && Failure.WasInterrupted)
                continue;
            if (count <= 0)
                return text.ToString();
            text.Append(Encoding.UTF8.GetString(buffer, 0, (int)count));
            if (buffer[count - 1] == (byte)'\n')
                return text.ToString();
        }
    }

    /// <summary>Waits for its end; gives its exit status as a shell has it.</summary>
    public int Wait()
    {
        const int signalBase = 128;
        int status;
        int result;
        do
            result = Libc.WaitPid(_process, &status, 0);
        while (result < 0 && Failure.WasInterrupted);
        int signal = status & 0x7F;
        return signal != 0 ? signalBase + signal : status >> 8 & 0xFF;
    }

    /// <inheritdoc/>
    public void Dispose() => _output.Dispose();

    private static byte[] Join(params ReadOnlySpan<IReadOnlyList<byte[]>> lists)
    {
        var all = new List<byte>();
        foreach (IReadOnlyList<byte[]> list in lists)
        {
            foreach (byte[] text in list)
            {
                all.AddRange(text);
                all.Add(0);
            }
        }

        return [.. all, 0];
    }

    private static byte* Point(byte* texts, IReadOnlyList<byte[]> list, Span<nint> pointers)
    {
        for (int i = 0; i < list.Count; i++)
        {
            pointers[i] = (nint)texts;
            texts += list[i].Length + 1;
        }

        return texts;
    }
}
