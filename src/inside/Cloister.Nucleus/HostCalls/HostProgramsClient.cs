using System;
using System.Text;
using Cloister.Abi;
using Cloister.Contracts;
using Cloister.Hal.HostProtocol;

namespace Cloister.Nucleus.HostCalls;

/// <summary>Programs that join, over the rings.</summary>
internal sealed class HostProgramsClient : IHostPrograms, IHostAnswerSink
{
    /// <summary>Requests whose answers come here: one for the end of each program.</summary>
    public const int SunkCount = HostStreams.Programs;

    private readonly int _firstRequest;
    private HostChannel? _channel;

    /// <summary>Creates it; the channel is made after its sinks.</summary>
    /// <param name="firstRequest">Its first request.</param>
    public HostProgramsClient(int firstRequest) => _firstRequest = firstRequest;

    private HostChannel Channel => _channel!;

    /// <summary>Sets the channel.</summary>
    public void Connect(HostChannel channel) => _channel = channel;

    /// <inheritdoc/>
    public Errno Wait(out HostProgram? program)
    {
        var request = new SubmissionEntry { Operation = HostOperation.WaitForProgram };
        int index = Channel.Acquire(large: true);
        Channel.Call(index, ref request, out CompletionEntry answer);
        Errno error = HostAnswers.CheckProgram(answer, Channel.GetData(index), out program);
        Channel.Release(index);
        return error;
    }

    /// <inheritdoc/>
    public void Report(int program, HostProgramState state, int code, string sentence)
    {
        ReadOnlySpan<byte> text = Encoding.UTF8.GetBytes(sentence);
        text = text[..Math.Min(text.Length, HostRegionLayout.SmallSlotLength)];
        var request = new SubmissionEntry
        {
            Operation = HostOperation.ReportProgram,
            Handle = (uint)program,
            Flags = (uint)state,
            Count = code,
            FirstLength = (uint)text.Length,
        };
        int index = Channel.Acquire(large: false);
        Channel.GetData(index).CopyFrom(text);
        // What the host makes of it changes nothing inside.
        Channel.Call(index, ref request, out _);
        Channel.Release(index);
    }

    /// <inheritdoc/>
    public void Release(int program)
    {
        var request = new SubmissionEntry { Operation = HostOperation.ReleaseProgram, Handle = (uint)program };
        Channel.Post(_firstRequest + program - 1, ref request);
    }

    /// <inheritdoc/>
    public void OnAnswer(int index, in CompletionEntry answer)
    {
        // The host has noted it, or has not: it is the one that keeps the numbers.
    }
}
