using Cloister.Runtime;

namespace System.Threading;

public delegate void ThreadStart();

public delegate void ParameterizedThreadStart(object? obj);

public static class Timeout
{
    public static readonly TimeSpan InfiniteTimeSpan = new(Infinite * TimeSpan.TicksPerMillisecond);

    /// <summary>Whole milliseconds, at most int.MaxValue; -1 for no end.</summary>
    internal static int Milliseconds(TimeSpan timeout, string name, string? message = null)
    {
        long milliseconds = (long)timeout.TotalMilliseconds;
        if (message is not null && milliseconds is < Infinite or > int.MaxValue)
            throw new ArgumentOutOfRangeException(name, timeout, message);
        ArgumentOutOfRangeException.ThrowIfLessThan(milliseconds, Infinite, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(milliseconds, int.MaxValue, name);
        return (int)milliseconds;
    }

    public const int Infinite = -1;
}

[Flags]
public enum ThreadState
{
    Running = 0, StopRequested = 1, SuspendRequested = 2, Background = 4, Unstarted = 8, Stopped = 16, WaitSleepJoin = 32,
}

public enum ThreadPriority { Lowest, BelowNormal, Normal, AboveNormal, Highest }

public class ThreadStateException(string? message) : SystemException(message);

/// <summary>A thread of the program. Its stack is an array in the heap; <see cref="Scheduler"/> runs it.</summary>
// SAFETY: only the scheduler follows Context, from Start to the end of the thread; see there.
public sealed unsafe class Thread
{
    internal ThreadContext* Context;
    internal byte[]? Stack;
    internal WaitQueue? Queue;
    internal WaitQueue? Joiners;
    internal Thread? NextInQueue;
    internal Thread? PreviousInQueue;
    internal Thread? NextSleeper;
    internal long WakeTime;
    internal bool IsSleeping;
    internal bool HasTimedOut;
    internal bool HasEnded;

    /// <summary>How often it had entered the monitor on which it waits.</summary>
    internal int SavedDepth;

    private readonly int _stackSize;
    private Delegate? _start;
    private object? _parameter;
    private bool _isStarted;
    private bool _isBackground;

    public Thread(ThreadStart start) : this(start, 0)
    {
    }

    public Thread(ParameterizedThreadStart start) : this(start, 0)
    {
    }

    /// <param name="maxStackSize">Bytes of stack; 0 is the program's default.</param>
    public Thread(ThreadStart start, int maxStackSize) : this((Delegate)start, maxStackSize)
    {
    }

    /// <param name="maxStackSize">Bytes of stack; 0 is the program's default.</param>
    public Thread(ParameterizedThreadStart start, int maxStackSize) : this((Delegate)start, maxStackSize)
    {
    }

    internal Thread(bool isFirst)
    {
        _isStarted = isFirst;
        ManagedThreadId = Scheduler.NewIdentity();
    }

    private Thread(Delegate start, int maxStackSize)
    {
        ArgumentNullException.ThrowIfNull(start, "start");
        ArgumentOutOfRangeException.ThrowIfNegative(maxStackSize);
        // The first thread has the first number.
        _ = Scheduler.Current;
        _start = start;
        _stackSize = maxStackSize;
        ManagedThreadId = Scheduler.NewIdentity();
    }

    public static Thread CurrentThread => Scheduler.Current;

    public int ManagedThreadId { get; }

    public string? Name { get; set; }

    /// <summary>Kept and not used: all threads are equal.</summary>
    public ThreadPriority Priority { get; set; } = ThreadPriority.Normal;

    public bool IsAlive => _isStarted && !HasEnded;

    public bool IsThreadPoolThread => false;

    /// <summary>Whether the program may end while the thread runs.</summary>
    public bool IsBackground
    {
        get => _isBackground;
        set
        {
            if (HasEnded)
                throw new ThreadStateException("Thread is dead; state cannot be accessed.");
            if (_isBackground != value && _isStarted)
                Scheduler.ChangeForeground(value ? -1 : 1);
            _isBackground = value;
        }
    }

    public ThreadState ThreadState => (HasEnded ? ThreadState.Stopped : !_isStarted ? ThreadState.Unstarted
        : Queue is not null && Scheduler.Current != this || IsSleeping ? ThreadState.WaitSleepJoin : ThreadState.Running)
        | (_isBackground && !HasEnded ? ThreadState.Background : 0);

    public void Start()
    {
        if (_isStarted)
            throw new ThreadStateException("Thread is running or terminated; it cannot restart.");
        Scheduler.Start(this, _stackSize);
        _isStarted = true;
    }

    public void Start(object? parameter)
    {
        if (_start is ThreadStart)
            throw new InvalidOperationException("The thread was created with a ThreadStart delegate that does not accept a parameter.");
        _parameter = parameter;
        Start();
    }

    internal void Run()
    {
        Delegate start = _start!;
        object? parameter = _parameter;
        _start = null;
        _parameter = null;
        if (start is ThreadStart simple)
            simple();
        else
            ((ParameterizedThreadStart)start)(parameter);
    }

    public void Join() => Join(Timeout.Infinite);

    public bool Join(int millisecondsTimeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(millisecondsTimeout, Timeout.Infinite);
        if (!_isStarted)
            throw new ThreadStateException("Thread has not been started.");
        if (HasEnded)
            return true;
        if (millisecondsTimeout == 0)
            return false;
        Joiners ??= new WaitQueue();
        return Scheduler.Block(Joiners, Scheduler.Deadline(millisecondsTimeout));
    }

    public bool Join(TimeSpan timeout) => Join(Timeout.Milliseconds(timeout, nameof(timeout)));

    public static void Sleep(TimeSpan timeout) => Sleep(Timeout.Milliseconds(timeout, nameof(timeout)));

    public static void Sleep(int millisecondsTimeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(millisecondsTimeout, Timeout.Infinite);
        if (millisecondsTimeout == 0)
            Scheduler.Yield();
        else
            Scheduler.Block(null, Scheduler.Deadline(millisecondsTimeout));
    }

    public static bool Yield() => Scheduler.Yield();

    /// <summary>There is one processor: whoever spins waits for another thread.</summary>
    public static void SpinWait(int iterations) => Scheduler.Yield();

    public static void MemoryBarrier() => Interlocked.MemoryBarrier();
}

/// <summary>Waits by letting the other threads run.</summary>
public struct SpinWait
{
    public int Count { get; private set; }

    public readonly bool NextSpinWillYield => true;

    public void SpinOnce()
    {
        Count++;
        Scheduler.Yield();
    }

    public void Reset() => Count = 0;
}
