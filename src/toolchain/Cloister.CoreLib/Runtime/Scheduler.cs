using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace Cloister.Runtime;

/// <summary>
/// Which thread runs, on one processor. Threads switch where they wait and, in loops of the program, after <see cref="Turns"/> rounds; never inside
/// the core library, whose methods need no locks among themselves.
/// </summary>
// SAFETY: a thread's stack is an array of at least SmallestStack bytes, which doesn't move; the context and the statics are placed at its end,
// the mark at its start, within its bounds and aligned. Thread.Stack keeps the array, and the collector keeps the Thread by the context while
// that is in the ring. End takes it out, and allocates nothing until another stack is in use, so that no collection can reuse the stack under it.
// There is one processor, no interrupt switches, and turns come only in loops of the program, so that methods here aren't divided.
internal static unsafe class Scheduler
{
    /// <summary>Rounds of loops after which a thread makes place for others.</summary>
    private const int Turns = 20_000;

    /// <summary>What methods that never call themselves may use below the limit.</summary>
    private const int StackReserve = 64 << 10;

    private const int SmallestStack = 128 << 10;

    private static Thread? s_current;
    private static WaitQueue s_ready = null!;
    private static Thread? s_firstSleeper;
    private static WaitQueue s_initializing = null!;
    private static WaitQueue s_ending = null!;
    private static int s_identities;
    private static int s_foreground;

    // Of the first thread.
    private static ThreadContext s_first;

    public static Thread Current => s_current ?? Attach();

    public static int CurrentIdentity => s_current?.ManagedThreadId ?? 1;

    public static int NewIdentity() => ++s_identities;

    // The thread that runs the program's Main, when someone first asks.
    private static Thread Attach()
    {
        s_ready = new WaitQueue();
        s_initializing = new WaitQueue();
        s_ending = new WaitQueue();
        Thread thread = new(isFirst: true);
        fixed (ThreadContext* context = &s_first)
        {
            context->StackBase = StackBase;
            context->StackLimit = StackLimit;
            context->Statics = Statics;
            context->Next = context;
            context->Thread = Support.AddressOf(thread);
            thread.Context = context;
            Collector.Contexts = context;
        }

        s_foreground = 1;
        return s_current = thread;
    }

    /// <summary>Gives a thread its stack and lets it run when its turn comes.</summary>
    public static void Start(Thread thread, int stackSize)
    {
        Thread current = Current;
        if (stackSize == 0)
            stackSize = DefaultStack;
        byte[] stack = new byte[Math.Max(stackSize, SmallestStack)];
        byte* bottom = (byte*)(((ulong)Support.Elements(stack) + 15) & ~15ul);
        byte* end = (byte*)((ulong)(Support.Elements(stack) + stack.Length) & ~15ul);
        byte* statics = end - ((StaticsSize + 15) & ~15);
        var context = (ThreadContext*)(statics - (sizeof(ThreadContext) + 15 & ~15));
        context->StackBase = end;
        context->StackLimit = bottom + StackReserve;
        context->Statics = statics;
        context->Bottom = (ulong*)bottom;
        *context->Bottom = ThreadContext.Mark;
        context->Thread = Support.AddressOf(thread);
        context->StackPointer = Prepare((byte*)context, &Run);
        context->Next = current.Context->Next;
        current.Context->Next = context;
        thread.Context = context;
        thread.Stack = stack;
        if (!thread.IsBackground)
            s_foreground++;
        s_ready.Add(thread);
    }

    // The first method on a new stack.
    private static void Run()
    {
        Thread thread = s_current!;
        try
        {
            thread.Run();
        }
        catch (Exception exception)
        {
            int status = Support.Unhandled(exception);
            Support.Finish();
            Platform.Exit(status);
        }

        End(thread);
    }

    private static void End(Thread thread)
    {
        ThreadContext* previous = thread.Context;
        while (previous->Next != thread.Context)
            previous = previous->Next;
        previous->Next = thread.Context->Next;
        thread.HasEnded = true;
        while (thread.Joiners?.First is { } joiner)
            Wake(joiner);
        if (!thread.IsBackground)
            s_foreground--;
        if (s_foreground == 1 && s_ending.First is { } first)
            Wake(first);
        // Nothing is allocated from here to the switch, so that the stack stays.
        thread.Stack = null;
        SwitchToNext();
    }

    /// <summary>Main has ended: waits for the other foreground threads.</summary>
    public static void Finish()
    {
        if (s_current is null)
            return;
        while (s_foreground > 1)
            Block(s_ending, Forever);
    }

    public const long Forever = long.MaxValue;

    /// <summary>What a kernel does while no thread can run; it may wake some. Null for programs without interrupts.</summary>
    public static Action? Idle { get; set; }

    /// <summary>Whether another thread could run.</summary>
    public static bool HasReady
    {
        get
        {
            WakeSleepers();
            return s_ready?.First is not null;
        }
    }

    /// <summary>When the first sleeper wants to be woken.</summary>
    public static long NextDeadline => s_firstSleeper is { } sleeper ? sleeper.WakeTime : Forever;

    /// <summary>The moment that many milliseconds from now; -1 is never.</summary>
    public static long Deadline(int milliseconds) => milliseconds == -1 ? Forever : Platform.Time + milliseconds * 1_000_000L;

    /// <summary>A foreground thread becomes a background thread, or the other way round.</summary>
    public static void ChangeForeground(int by)
    {
        s_foreground += by;
        if (s_foreground == 1 && s_ending.First is { } first)
            Wake(first);
    }

    /// <summary>The current thread waits in a queue until it is woken, or until a moment, in nanoseconds of the platform's clock.</summary>
    /// <returns>Whether it was woken.</returns>
    public static bool Block(WaitQueue? queue, long deadline)
    {
        Thread current = Current;
        queue?.Add(current);
        current.HasTimedOut = false;
        if (deadline != Forever)
            AddSleeper(current, deadline);
        SwitchToNext();
        return !current.HasTimedOut;
    }

    /// <summary>Takes a thread out of its queue and lets it run when its turn comes.</summary>
    public static void Wake(Thread thread)
    {
        CancelDeadline(thread);
        thread.Queue?.Remove(thread);
        s_ready.Add(thread);
    }

    /// <summary>The thread waits in another queue from now on, without a deadline.</summary>
    public static void Move(Thread thread, WaitQueue queue)
    {
        CancelDeadline(thread);
        thread.Queue?.Remove(thread);
        queue.Add(thread);
    }

    /// <summary>Lets the other threads that are ready run first.</summary>
    /// <returns>Whether there is one.</returns>
    public static bool Yield()
    {
        Thread current = Current;
        WakeSleepers();
        if (s_ready.First is null)
            return false;
        s_ready.Add(current);
        SwitchToNext();
        return true;
    }

    /// <summary>Generated code calls it in loops when <see cref="Turns"/> rounds are over.</summary>
    public static void Turn()
    {
        RoundsLeft = Turns;
        if (s_current is not null)
            Yield();
    }

    /// <summary>A static constructor is running. Waits for its end, unless its thread waits for this one (ECMA-335, II.10.5.3.3).</summary>
    /// <returns>Whether it waited; otherwise the type is used as it is.</returns>
    public static bool AwaitInitializer(byte* state, ThreadContext* owner)
    {
        Thread current = Current;
        for (ThreadContext* step = owner; step != null; step = step->WaitsFor)
            if (step == current.Context)
                return false;
        current.Context->WaitsFor = owner;
        while (*state == 1)
            Block(s_initializing, Forever);
        current.Context->WaitsFor = null;
        return true;
    }

    /// <summary>A static constructor has ended.</summary>
    public static void InitializerEnded()
    {
        while (s_initializing.First is { } waiting)
            Wake(waiting);
    }

    /// <summary>The current thread, as static constructors know it.</summary>
    public static ThreadContext* CurrentContext => Current.Context;

    // Earliest first.
    private static void AddSleeper(Thread thread, long deadline)
    {
        thread.WakeTime = deadline;
        thread.IsSleeping = true;
        Thread? before = null;
        Thread? after = s_firstSleeper;
        while (after is not null && after.WakeTime <= deadline)
        {
            before = after;
            after = after.NextSleeper;
        }

        thread.NextSleeper = after;
        if (before is null)
            s_firstSleeper = thread;
        else
            before.NextSleeper = thread;
    }

    private static void CancelDeadline(Thread thread)
    {
        if (!thread.IsSleeping)
            return;
        thread.IsSleeping = false;
        if (s_firstSleeper == thread)
            s_firstSleeper = thread.NextSleeper;
        else
        {
            Thread before = s_firstSleeper!;
            while (before.NextSleeper != thread)
                before = before.NextSleeper!;
            before.NextSleeper = thread.NextSleeper;
        }

        thread.NextSleeper = null;
    }

    private static void WakeSleepers()
    {
        if (s_firstSleeper is null)
            return;
        long now = Platform.Time;
        while (s_firstSleeper is { } sleeper && sleeper.WakeTime <= now)
        {
            sleeper.HasTimedOut = true;
            Wake(sleeper);
        }
    }

    private static void SwitchToNext()
    {
        Thread current = s_current!;
        if (current.Context->Bottom != null && *current.Context->Bottom != ThreadContext.Mark)
            Support.StackOverflow();
        WakeSleepers();
        while (s_ready.First is null)
        {
            if (Idle is { } idle)
            {
                idle();
            }
            else if (s_firstSleeper is { } sleeper)
            {
                Platform.Pause(Math.Max(sleeper.WakeTime - Platform.Time, 0));
            }
            else
            {
                Deadlock();
                return;
            }

            WakeSleepers();
        }

        Thread next = s_ready.First;
        s_ready.Remove(next);
        if (next == current)
            return;
        s_current = next;
        Collector.Contexts = next.Context;
        RoundsLeft = Turns;
        Switch(current.Context, next.Context);
    }

    private static void Deadlock()
    {
        Console.Flush();
        Boards.Report.Write("Deadlock: every thread waits for another.\n");
        Platform.Exit(134);
    }

    /// <summary>Bytes of stack of a thread that names no size; an option of the compiler.</summary>
    private static extern int DefaultStack
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        get;
    }

    private static extern int RoundsLeft
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        set;
    }

    private static extern byte* StackBase
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        get;
    }

    private static extern byte* StackLimit
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        get;
    }

    private static extern byte* Statics
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        get;
    }

    private static extern int StaticsSize
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        get;
    }

    /// <summary>A stack on which a switch calls a function, which must not return; gives the stack pointer.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern byte* Prepare(byte* top, delegate*<void> function);

    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void Switch(ThreadContext* from, ThreadContext* to);
}
