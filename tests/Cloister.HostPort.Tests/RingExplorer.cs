using System;
using System.Collections.Generic;
using Cloister.Hal;
using Cloister.Hal.HostProtocol;
using Cloister.Nucleus.HostCalls;

namespace Cloister.HostPort.Tests;

/// <summary>
/// A model checker for the enclave's end of the rings. The enclave begins requests, goes to sleep, takes answers and uses them, in any order;
/// the host is everything: each time the ring reads its memory the explorer tries every value that makes a difference, two reads of one
/// place included. All states of the requests that can be reached are visited, and in each all that the host can do.
/// </summary>
/// <param name="size">Entries of the ring, and requests.</param>
/// <param name="firstHead">Where the indexes begin; near the largest number they wrap around.</param>
/// <param name="plant">Makes the ring: the real one with the host's memory replaced, or one with a planted bug.</param>
internal sealed class RingExplorer(int size, uint firstHead, Func<uint, uint, HostMemory, ExploredRing> plant)
{
    private readonly HashSet<string> _seen = [];

    /// <summary>States that were visited.</summary>
    public int States => _seen.Count;

    /// <summary>Ways on that were tried from them.</summary>
    public long Steps { get; private set; }

    /// <summary>Visits all states.</summary>
    /// <returns>What was wrong first, and how to get there; null where nothing is.</returns>
    public string? Run()
    {
        var open = new Queue<Step[]>();
        _seen.Add(Start([]).Key);
        open.Enqueue([]);
        while (open.TryDequeue(out Step[]? path))
        {
            foreach (Step step in StepsFrom(path))
            {
                Steps++;
                Enclave run = Start(path);
                string? problem = run.Do(step) ?? run.CheckLiveness();
                if (problem is not null)
                    return problem + " after " + string.Join(", ", [.. path, step]);
                run = Start([.. path, step]);
                if (_seen.Add(run.Key))
                    open.Enqueue([.. path, step]);
            }
        }

        return null;
    }

    private Enclave Start(Step[] path)
    {
        var run = new Enclave(size, firstHead, plant);
        foreach (Step step in path)
            run.Do(step);
        return run;
    }

    private IEnumerable<Step> StepsFrom(Step[] path)
    {
        PendingCall[] requests = Start(path).Requests;
        for (int i = 0; i < size; i++)
        {
            switch (requests[i].State)
            {
                case PendingCall.Free:
                    yield return new Step(StepKind.Begin, i, []);
                    break;
                case PendingCall.Submitted:
                    yield return new Step(StepKind.Sleep, i, []);
                    break;
                case PendingCall.Done:
                    yield return new Step(StepKind.End, i, []);
                    break;
            }
        }

        // Depth first over what the host's memory says: each look that needs one more value than was chosen gets all of them in turn.
        var choices = new List<int>();
        while (true)
        {
            yield return new Step(StepKind.Take, 0, [.. choices]);
            Enclave run = Start(path);
            run.Do(new Step(StepKind.Take, 0, [.. choices]));
            for (int i = choices.Count; i < run.Memory.Widths.Count; i++)
                choices.Add(0);
            while (choices.Count > 0 && choices[^1] == run.Memory.Widths[choices.Count - 1] - 1)
                choices.RemoveAt(choices.Count - 1);
            if (choices.Count == 0)
                yield break;
            choices[^1]++;
        }
    }

    /// <summary>What the explorer lets the enclave do.</summary>
    internal enum StepKind
    {
        /// <summary>Begins a request.</summary>
        Begin,

        /// <summary>Goes to sleep for a request's answer.</summary>
        Sleep,

        /// <summary>Takes answers; the host's memory has the values that were chosen.</summary>
        Take,

        /// <summary>Has used an answer.</summary>
        End,
    }

    internal readonly record struct Step(StepKind Kind, int Request, int[] Choices)
    {
        public override string ToString() => Kind == StepKind.Take ? $"Take({string.Join(' ', Choices)})" : $"{Kind}({Request})";
    }

    /// <summary>One run of the real code.</summary>
    private sealed class Enclave
    {
        private readonly ExploredRing _ring;
        private readonly int _size;

        public Enclave(int size, uint firstHead, Func<uint, uint, HostMemory, ExploredRing> plant)
        {
            _size = size;
            Requests = new PendingCall[size];
            for (int i = 0; i < size; i++)
                Requests[i] = new PendingCall(i) { Parker = new ThreadCpus.Parker() };
            Memory = new HostMemory(Requests);
            _ring = plant((uint)size, firstHead, Memory);
        }

        public PendingCall[] Requests { get; }

        public HostMemory Memory { get; }

        /// <summary>What distinguishes states: older generations don't matter to what is to come.</summary>
        public string Key => string.Concat(Array.ConvertAll(Requests, request => request.State.ToString()));

        /// <summary>Does a step of the enclave; says what is wrong then.</summary>
        public string? Do(in Step step)
        {
            PendingCall request = Requests[step.Request];
            switch (step.Kind)
            {
                case StepKind.Begin:
                    return request.TryBegin() ? null : "a free request can't be begun";
                case StepKind.Sleep:
                    return request.TrySleep() ? null : "a request without an answer can't be waited for";
                case StepKind.End:
                    request.End();
                    return null;
                default:
                    return Take(step.Choices);
            }
        }

        /// <summary>Whatever the host has done, an honest answer to a request is taken.</summary>
        public string? CheckLiveness()
        {
            for (int i = 0; i < _size; i++)
            {
                if (Requests[i].State is not (PendingCall.Submitted or PendingCall.Sleeping))
                    continue;
                Memory.BeHonest(_ring.Head, Requests[i].Id);
                _ring.Take(Requests, _size);
                return Requests[i].State == PendingCall.Done ? null : $"request {i} can't be answered any more";
            }

            return null;
        }

        private string? Take(int[] choices)
        {
            int[] before = Array.ConvertAll(Requests, request => request.State);
            for (int i = 0; i < _size; i++)
                Requests[i].Answer.Value = -1;
            uint head = _ring.Head;
            long dropped = _ring.Dropped;
            Memory.Begin(head, choices);
            try
            {
                _ring.Take(Requests, _size);
            }
            catch (Exception e) when (e is IndexOutOfRangeException or InvalidOperationException or NullReferenceException)
            {
                return "an exception: " + e.GetType().Name;
            }

            uint advanced = unchecked(_ring.Head - head);
            int delivered = 0;
            for (int i = 0; i < _size; i++)
            {
                bool wasInFlight = before[i] is PendingCall.Submitted or PendingCall.Sleeping;
                bool isDone = Requests[i].State == PendingCall.Done && before[i] != PendingCall.Done;
                if (isDone && !wasInFlight)
                    return $"request {i} was answered without being in flight";
                if (before[i] == PendingCall.Done && !Requests[i].Answer.Value.Is(-1))
                    return $"request {i} was answered twice";
                if (isDone && Memory.IdOf(Requests[i].Answer) != Requests[i].Id)
                    return $"request {i} has the answer of another one";
                if (!isDone && Requests[i].State != before[i])
                    return $"request {i} went from {before[i]} to {Requests[i].State}";
                delivered += isDone ? 1 : 0;
            }

            if (advanced > _size || Memory.EntriesRead > _size)
                return $"{Math.Max(advanced, Memory.EntriesRead)} entries were taken from a ring of {_size}";
            if (Memory.EntriesRead != advanced)
                return $"{Memory.EntriesRead} entries were read and {advanced} taken";
            bool isJump = Memory.Offered > _size;
            if (advanced != (isJump ? 0 : Memory.Offered))
                return $"{Memory.Offered} answers were offered and {advanced} taken";
            long lost = _ring.Dropped - dropped;
            return lost == (isJump ? 1 : advanced - delivered) ? null : $"{lost} answers were counted as dropped";
        }
    }
}

/// <summary>The host's memory as the explorer makes it up: what isn't chosen yet has the first of the possible values.</summary>
internal sealed class HostMemory(PendingCall[] requests)
{
    private const ulong Generation = PendingCall.IndexMask + 1;

    private readonly List<ulong> _ids = [];
    private int[] _choices = [];
    private uint _head;
    private ulong? _honest;

    /// <summary>How many values there were for each read so far.</summary>
    public List<int> Widths { get; } = [];

    /// <summary>Entries that were read.</summary>
    public int EntriesRead => _ids.Count;

    /// <summary>Answers that the host's index promised.</summary>
    public uint Offered { get; private set; }

    public void Begin(uint head, int[] choices)
    {
        _head = head;
        _choices = choices;
        _honest = null;
        Widths.Clear();
        _ids.Clear();
        Offered = 0;
    }

    public void BeHonest(uint head, ulong id)
    {
        _head = head;
        _honest = id;
    }

    public uint ReadTail()
    {
        if (_honest is not null)
            return unchecked(_head + 1);

        // Nothing; each possible number; one too many; back; and far off.
        uint[] offsets = new uint[requests.Length + 4];
        for (uint i = 0; i <= requests.Length + 1; i++)
            offsets[i] = i;
        offsets[^2] = uint.MaxValue;
        offsets[^1] = 1u << 31;
        Offered = offsets[Choose(offsets.Length)];
        return unchecked(_head + Offered);
    }

    public CompletionEntry ReadEntry()
    {
        if (_honest is { } id)
            return new CompletionEntry { Id = id };

        if (_ids.Count > 2 * requests.Length)
            throw new InvalidOperationException("The ring is read round and round.");

        // The present, the next and the last generation of each request, and requests that don't exist.
        int choice = Choose((3 * requests.Length) + 2);
        ulong read = choice == 3 * requests.Length ? (ulong)requests.Length : ulong.MaxValue;
        if (choice < 3 * requests.Length)
        {
            ulong present = requests[choice / 3].Id;
            read = unchecked((choice % 3) switch
            {
                0 => present,
                1 => present + Generation,
                _ => present - Generation,
            });
        }

        _ids.Add(read);
        return new CompletionEntry { Id = read, Value = _ids.Count - 1 };
    }

    /// <summary>What the entry said from which an answer comes.</summary>
    public ulong IdOf(in CompletionEntry answer) => answer.Value.TryGet(0, _ids.Count - 1, out long at) ? _ids[(int)at] : ulong.MaxValue;

    private int Choose(int width)
    {
        int number = Widths.Count;
        Widths.Add(width);
        return number < _choices.Length ? _choices[number] : 0;
    }
}

/// <summary>The real ring, whose memory the explorer makes up.</summary>
internal class ExploredRing(uint size, uint head, HostMemory memory) : CompletionRing(size, head)
{
    protected HostMemory Memory => memory;

    protected override uint ReadTail() => memory.ReadTail();

    protected override CompletionEntry ReadEntry(uint index) => memory.ReadEntry();

    protected override void WriteHead(uint head)
    {
    }
}
