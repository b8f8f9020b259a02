using System;
using System.Runtime.CompilerServices;
using System.Text;

namespace Cloister.Runtime;

/// <summary>What generated code calls by name.</summary>
// SAFETY: a reference is the address of an object, and the first word of an object is its type descriptor, which the compiler laid out. Objects
// don't move, so addresses stay valid as long as a variable of this thread, or an object, refers to the object. Memory that Allocate gives has
// room for the size asked for and is zero; it becomes an object when the descriptor is stored, before anything else can run. Generated code
// passes the descriptors of what it allocates. Arguments of TypeOf, AddressOf, Elements and Clone aren't null: their callers have tested it.
internal static unsafe class Support
{
    // Made when the heap is empty: where it is full, there is no memory for an exception.
    private static OutOfMemoryException? s_outOfMemory;

    public static void ReserveException() => s_outOfMemory = new OutOfMemoryException();

    private static void ThrowOutOfMemory()
    {
        s_outOfMemory!.Trace = default;
        throw s_outOfMemory;
    }

    // Not inlined: programs have many allocations, and what is inlined is cl_new.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static object NewObject(TypeDescriptor* type)
    {
        byte* memory = Collector.Allocate(type->Size);
        if (memory == null)
            ThrowOutOfMemory();
        *(TypeDescriptor**)memory = type;
        return *(object*)&memory;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static object NewArray(TypeDescriptor* type, nint length)
    {
        if (length < 0)
            throw new OverflowException();
        if (length > 0x7fffffc7)
            throw new OutOfMemoryException("Array dimensions exceeded supported range.");
        byte* memory = Collector.Allocate(16 + (ulong)length * type->Size);
        if (memory == null)
            ThrowOutOfMemory();
        *(TypeDescriptor**)memory = type;
        *(int*)(memory + 8) = (int)length;
        return *(object*)&memory;
    }

    public static object NewArrayWithDimensions(TypeDescriptor* type, int* sizes, int rank)
    {
        long count = 1;
        for (int i = 0; i < rank; i++)
        {
            if (sizes[i] < 0)
                throw new OverflowException();
            count *= sizes[i];
            if (count > 0x7fffffc7)
                throw new OutOfMemoryException("Array dimensions exceeded supported range.");
        }

        byte* memory = Collector.Allocate((ulong)(16 + (rank + 1) / 2 * 8) + (ulong)count * type->Size);
        if (memory == null)
            ThrowOutOfMemory();
        *(TypeDescriptor**)memory = type;
        *(int*)(memory + 8) = (int)count;
        for (int i = 0; i < rank; i++)
            ((int*)(memory + 16))[i] = sizes[i];
        return *(object*)&memory;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static string NewString(int length)
    {
        byte* memory = length < 0 ? null : Collector.Allocate(16 + (ulong)length * 2);
        if (memory == null)
            ThrowOutOfMemory();
        *(TypeDescriptor**)memory = TypeOf("");
        *(int*)(memory + 8) = length;
        return *(string*)&memory;
    }

    public static TypeDescriptor* TypeOf(object value) => *(TypeDescriptor**)*(byte**)&value;

    public static byte* AddressOf(object value) => *(byte**)&value;

    public static Type TypeObject(TypeDescriptor* type) => type->Object;

    /// <summary>Where an array's elements begin.</summary>
    public static byte* Elements(Array array) => AddressOf(array) + 16 + (TypeOf(array)->ValueSize + 1) / 2 * 8;

    /// <summary>A variable's value as an object.</summary>
    public static object? Load(TypeDescriptor* type, byte* place)
    {
        if ((type->Flags & TypeFlags.ValueType) == 0)
            return *(object*)place;
        if ((type->Flags & TypeFlags.Nullable) != 0)
        {
            // hasValue comes first, and the value at the next place that suits it, which is where the difference of the sizes ends.
            if (*place == 0)
                return null;
            place += type->ValueSize - type->Element->ValueSize;
            type = type->Element;
        }

        object box = NewObject(type);
        Memory.Move(AddressOf(box) + 8, place, type->ValueSize);
        return box;
    }

    public static object Clone(object value)
    {
        TypeDescriptor* type = TypeOf(value);
        object copy = NewObject(type);
        Memory.Move(AddressOf(copy) + 8, AddressOf(value) + 8, type->Size - 8);
        return copy;
    }

    public static void ThrowNullReference() => throw new NullReferenceException();

    public static void ThrowIndexOutOfRange() => throw new IndexOutOfRangeException();

    public static void ThrowOverflow() => throw new OverflowException();

    public static void ThrowDivideByZero() => throw new DivideByZeroException();

    public static void ThrowArrayTypeMismatch() => throw new ArrayTypeMismatchException();

    public static void ThrowInvalidCast(object value, TypeDescriptor* target) => throw new InvalidCastException(
        "Unable to cast object of type '" + TypeOf(value)->FullName + "' to type '" + target->FullName + "'.");

    public static Exception InitializerFailed(TypeDescriptor* type, Exception cause) =>
        new TypeInitializationException(type->FullName.Substring(type->FullName.LastIndexOf('+') + 1), cause);

    /// <summary>The arguments of Main.</summary>
    public static string[] Arguments()
    {
        if (Platform.ArgumentCount == 0)
            return [];
        string[] arguments = new string[Platform.ArgumentCount];
        for (int i = 0; i < arguments.Length; i++)
        {
            var text = new StringBuilder();
            // SAFETY: the platform's arguments end with a zero byte and stay where they are.
            Utf8Text.Append(text, Platform.GetArgument(i));
            arguments[i] = text.ToString();
        }

        return arguments;
    }

    /// <summary>
    /// An exception leaves a method, or is caught in it: another line of its stack trace. Line -1 was recorded before; -2 begins anew.
    /// </summary>
    public static void RecordFrame(Exception exception, MethodSymbol* method, int line)
    {
        if (line != -1 && exception is not null)
            exception.Trace.Record(method, line);
    }

    /// <summary>An exception is thrown: decides who takes it.</summary>
    public static void Search(Exception exception) => Unwinding.Search(exception);

    /// <summary>Reports an exception that nothing caught; gives the exit status that .NET gives on Linux.</summary>
    public static int Unhandled(Exception exception)
    {
        Console.UseErrors();
        Console.Write("Unhandled exception. ");
        try
        {
            Console.WriteLine(exception.ToString());
        }
        catch (OutOfMemoryException)
        {
            Console.WriteLine("System.OutOfMemoryException, and there is no memory to say more.");
        }

        return 134;
    }

    /// <summary>The stack is used up. As in .NET there is no exception; the program ends.</summary>
    public static void StackOverflow()
    {
        Console.Flush();
        Boards.Report.Write("Stack overflow.\n");
        Platform.Exit(134);
    }

    /// <summary>A check failed in a program of the profile monitor, which has no exceptions.</summary>
    public static void Fatal(string exception, string method)
    {
        Console.Flush();
        Boards.Report.Write("Fatal: ");
        Boards.Report.Write(exception);
        Boards.Report.Write(" in ");
        Boards.Report.Write(method);
        Boards.Report.Write(".\n");
        Platform.Exit(134);
    }

    public static void Finish() => Console.Flush();

    public static void PrintStatistics() => CollectorStatistics.Print();

    /// <summary>A program that starts threads ends with the last of them that isn't a background thread.</summary>
    public static void FinishThreads() => Scheduler.Finish();

    /// <summary>Loops of a program that starts threads let others run.</summary>
    public static void Turn() => Scheduler.Turn();

    public static ThreadContext* CurrentContext() => Scheduler.CurrentContext;

    public static bool AwaitInitializer(byte* state, ThreadContext* owner) => Scheduler.AwaitInitializer(state, owner);

    public static void InitializerEnded() => Scheduler.InitializerEnded();
}

/// <summary>The machine below: platform.h of the runtime.</summary>
// SAFETY: each function is C of the runtime or a method of the board's class with the same signature (platform.h). Callers pass a pointer to as
// many bytes as they say.
internal static unsafe class Platform
{
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Write(byte* bytes, int count);

    /// <summary>Writes to standard error; on boards to the console.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void WriteError(byte* bytes, int count);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Exit(int status);

    /// <summary>Waits, at most that many nanoseconds; it may return at once.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Pause(long nanoseconds);

    /// <summary>Nanoseconds since some moment; never goes backwards.</summary>
    public static extern long Time
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        get;
    }

    public static extern int ArgumentCount
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        get;
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern byte* GetArgument(int index);

    public static extern byte* HeapStart
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        get;
    }

    public static extern nint HeapSize
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        get;
    }
}

/// <summary>Blocks of bytes.</summary>
// SAFETY: memory.c implements these. Callers pass ranges within one object or one block of memory; Move allows that they overlap.
internal static unsafe class Memory
{
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Move(byte* to, byte* from, ulong count);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Fill(byte* to, byte value, ulong count);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern int Compare(byte* a, byte* b, ulong count);

    /// <summary>Where a value of 8, 16 or 32 bits is first found; -1 where it isn't.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern long IndexOf8(byte* place, byte value, long count);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern long IndexOf16(byte* place, ushort value, long count);

    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern long IndexOf32(byte* place, uint value, long count);
}
