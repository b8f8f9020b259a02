using System;
using System.Collections.Generic;
using System.Threading;
using static System.Console;

namespace Cloister.Aot.Programs;

/// <summary>Filters run before anything is unwound (ECMA-335, I.12.4.2.5).</summary>
internal static class Filters
{
    public static void All()
    {
        Program.Run("filters/before inner finally", BeforeInnerFinally);
        Program.Run("filters/variables of the method", Variables);
        Program.Run("filters/parameters", () => Parameters(3, "three", [1, 2]));
        Program.Run("filters/inner catch first", InnerCatchFirst);
        Program.Run("filters/refused on all levels", RefusedOnAllLevels);
        Program.Run("filters/throws with finally", ThrowsWithFinally);
        Program.Run("filters/exception inside of a finally", InsideOfFinally);
        Program.Run("filters/replaced by a finally", ReplacedByFinally);
        Program.Run("filters/rethrow", Rethrow);
        Program.Run("filters/nested searches", NestedSearches);
        Program.Run("filters/static constructor", StaticConstructor);
        Program.Run("filters/iterator", Iterator);
        Program.Run("filters/recursive", () => WriteLine(Recursive(6)));
        Program.Run("filters/generic", Generic);
        Program.Run("filters/loop", Loop);
        Program.Run("filters/in a handler", InHandler);
        Program.Run("filters/closure", Closure);
        Program.Run("filters/runtime exceptions", RuntimeExceptions);
        Program.Run("filters/threads", Threads);
        Program.Run("filters/instance", () => new Instance(2).Run());
        Program.Run("filters/using", Using);
        Program.Run("filters/return through finally", () => WriteLine(ReturnThroughFinally(true) + ReturnThroughFinally(false)));
    }

    private static bool Say(string text, bool result = true)
    {
        WriteLine(text);
        return result;
    }

    private static void Throw(string message) => throw new InvalidOperationException(message);

    // Throws after a finally block, so that the order is seen.
    private static void Unwind(string message)
    {
        try
        {
            Throw(message);
        }
        finally
        {
            WriteLine("finally " + message);
        }
    }

    private static void BeforeInnerFinally()
    {
        try
        {
            Unwind("a");
        }
        catch (Exception e) when (Say("filter " + e.Message))
        {
            WriteLine("caught");
        }
    }

    private static void Variables()
    {
        int count = 5;
        string text = "start";
        var list = new List<int> { 1 };
        try
        {
            count++;
            try
            {
                text = "inner";
                Unwind("b");
            }
            finally
            {
                WriteLine($"{count} {text} {list.Count}");
                count *= 10;
            }
        }
        catch (InvalidOperationException e) when (++count > 6 && (text += e.Message).Length == 6 && list.Remove(1))
        {
            WriteLine($"{count} {text} {list.Count}");
        }
    }

    private static void Parameters(int number, string text, int[] items)
    {
        try
        {
            Unwind("c");
        }
        catch (Exception e) when (number++ == 3 && text is "three" && items[1] == 2 && (items[0] = e.Message[0]) > 0)
        {
            WriteLine($"{number} {text} {items[0]}");
        }
    }

    private static void InnerCatchFirst()
    {
        try
        {
            try
            {
                Unwind("d");
            }
            catch (InvalidOperationException e)
            {
                WriteLine("inner " + e.Message);
            }
        }
        catch (Exception) when (Say("never"))
        {
            WriteLine("never");
        }
    }

    private static void RefusedOnAllLevels()
    {
        try
        {
            Refuse(3);
        }
        catch (Exception e) when (Say("outermost"))
        {
            WriteLine(e.Message);
        }

        static void Refuse(int depth)
        {
            try
            {
                if (depth == 0)
                    Throw("e");
                Refuse(depth - 1);
            }
            catch (InvalidOperationException) when (Say("refuse " + depth, false))
            {
                WriteLine("never");
            }
            catch (ArgumentException)
            {
                WriteLine("never");
            }
            finally
            {
                WriteLine("finally " + depth);
            }
        }
    }

    private static void ThrowsWithFinally()
    {
        try
        {
            Unwind("f");
        }
        catch (Exception) when (Fails())
        {
            WriteLine("never");
        }
        catch (Exception e)
        {
            WriteLine("caught " + e.Message);
        }

        static bool Fails()
        {
            try
            {
                Unwind("inside of the filter");
                return true;
            }
            catch (ArgumentException)
            {
                return true;
            }
        }
    }

    // The first exception goes on to the clause that was chosen for it, whatever its finally blocks do.
    private static void InsideOfFinally()
    {
        try
        {
            try
            {
                Throw("outer");
            }
            finally
            {
                try
                {
                    Unwind("inner");
                }
                catch (Exception e) when (Say("inner filter " + e.Message))
                {
                    WriteLine("inner caught");
                }
            }
        }
        catch (Exception e) when (Say("outer filter " + e.Message))
        {
            WriteLine("outer caught " + e.Message);
        }
    }

    private static void ReplacedByFinally()
    {
        try
        {
            try
            {
                try
                {
                    Throw("first");
                }
                finally
                {
                    Throw("second");
                }
            }
            catch (Exception e) when (Say("middle " + e.Message, e.Message == "second"))
            {
                WriteLine("middle caught " + e.Message);
            }
        }
        catch (Exception e) when (Say("last " + e.Message))
        {
            WriteLine("last caught " + e.Message);
        }
    }

    private static void Rethrow()
    {
        int round = 0;
        try
        {
            try
            {
                Unwind("g");
            }
            catch (Exception) when (++round > 0)
            {
                WriteLine("first " + round);
                throw;
            }
            finally
            {
                WriteLine("finally " + round);
            }
        }
        catch (Exception e) when (++round > 1)
        {
            WriteLine("second " + round + e.Message);
        }
    }

    private static void NestedSearches()
    {
        try
        {
            Unwind("h");
        }
        catch (Exception e) when (Inner(e.Message) && Say("accepted"))
        {
            WriteLine(e.Message);
        }

        static bool Inner(string message)
        {
            try
            {
                Unwind(message + message);
                return false;
            }
            catch (Exception e) when (Innermost(e.Message))
            {
                return Say("inner caught");
            }
        }

        static bool Innermost(string message)
        {
            try
            {
                Unwind(message + "!");
            }
            catch (Exception e)
            {
                WriteLine(e.Message);
            }

            return message.Length == 2;
        }
    }

    private static class Broken
    {
        public static readonly int Value = Make();

        private static int Make()
        {
            try
            {
                Unwind("static");
            }
            catch (ArgumentException)
            {
                WriteLine("never");
            }

            return 1;
        }
    }

    private static void StaticConstructor()
    {
        for (int i = 0; i < 2; i++)
            try
            {
                WriteLine(Broken.Value);
            }
            catch (TypeInitializationException e) when (e.InnerException is { } inner && Say("filter " + inner.Message))
            {
                WriteLine(e.Message);
            }
    }

    private static IEnumerable<int> Numbers()
    {
        try
        {
            yield return 1;
            Throw("iterator");
            yield return 2;
        }
        finally
        {
            WriteLine("iterator's finally");
        }
    }

    private static void Iterator()
    {
        int sum = 0;
        try
        {
            foreach (int number in Numbers())
                sum += number;
        }
        catch (InvalidOperationException) when (Say("sum " + sum))
        {
            WriteLine("caught");
        }
    }

    private static int Recursive(int depth)
    {
        int own = depth * depth;
        try
        {
            if (depth == 0)
                throw new ArgumentException("bottom");
            return Recursive(depth - 1) + 1;
        }
        catch (ArgumentException) when (own > 20)
        {
            return own;
        }
        finally
        {
            Write(depth + " ");
        }
    }

    private static string Attempt<T>(Action action, T value, Func<T, Exception, bool> filter) where T : notnull
    {
        try
        {
            action();
            return "nothing";
        }
        catch (Exception e) when (filter(value, e))
        {
            return value + " " + e.Message;
        }
    }

    private static void Generic()
    {
        WriteLine(Attempt(() => Unwind("j"), 5, (value, e) => Say(value + e.Message)));
        WriteLine(Attempt(() => Unwind("k"), "text", (value, e) => Say(value + e.Message)));
        WriteLine(Attempt(() => Attempt(() => Unwind("l"), 1.5, (_, _) => Say("refuses", false)), (1, 'x'), (value, e) => Say(value + e.Message)));
        WriteLine(Typed<ArgumentException>(() => throw new ArgumentNullException("name")));
        WriteLine(Attempt(() => Typed<FormatException>(() => throw new ArgumentNullException("name")), 0, (_, e) => e is ArgumentException));

        static string Typed<E>(Action action) where E : Exception
        {
            try
            {
                action();
                return "nothing";
            }
            catch (E e) when (Say("typed " + typeof(E).Name))
            {
                return e.GetType().Name;
            }
        }
    }

    private static void Loop()
    {
        for (int i = 0; i < 6; i++)
        {
            try
            {
                if (i % 2 == 0)
                    Unwind("even " + i);
                if (i == 5)
                    break;
                WriteLine("odd " + i);
            }
            catch (InvalidOperationException) when (i == 2)
            {
                WriteLine("two");
                continue;
            }
            catch (InvalidOperationException e) when (e.Message.EndsWith((char)('0' + i)))
            {
                WriteLine("other");
            }

            WriteLine("end of round " + i);
        }
    }

    private static void InHandler()
    {
        try
        {
            try
            {
                Throw("1");
            }
            catch (Exception first) when (Say("a"))
            {
                try
                {
                    Unwind(first.Message + "2");
                }
                catch (Exception second) when (Say(first.Message + second.Message, false))
                {
                    WriteLine("never");
                }
            }
        }
        catch (Exception third) when (Say("c " + third.Message))
        {
            WriteLine("caught " + third.Message);
        }
    }

    private static void Closure()
    {
        int calls = 0;
        Func<Exception, bool> filter = e => ++calls > 1 || e.Message.Length > 5;
        try
        {
            try
            {
                Unwind("m");
            }
            catch (Exception e) when (filter(e))
            {
                WriteLine("first");
            }
        }
        catch (Exception e) when (filter(e))
        {
            WriteLine("second " + calls);
        }
    }

    private static void RuntimeExceptions()
    {
        int[] items = [1, 2, 3];
        object text = "text";
        string? missing = null;
        for (int i = 0; i < 5; i++)
            try
            {
                try
                {
                    WriteLine(i switch
                    {
                        0 => items[i + 3],
                        1 => 10 / (i - 1),
                        2 => (int)text,
                        3 => missing!.Length,
                        _ => checked(int.MaxValue + i),
                    });
                }
                finally
                {
                    WriteLine("finally " + i);
                }
            }
            catch (Exception e) when (Say(e.GetType().Name, e is not ArithmeticException))
            {
                WriteLine("caught");
            }
            catch (ArithmeticException e)
            {
                WriteLine("arithmetic " + e.GetType().Name);
            }
    }

    private static void Threads()
    {
        var lines = new List<string>();
        for (int i = 0; i < 3; i++)
        {
            int number = i;
            var thread = new Thread(() =>
            {
                try
                {
                    Work(number);
                }
                catch (Exception e) when (Log("filter " + e.Message))
                {
                    Log("caught " + number);
                }
            });
            thread.Start();
            thread.Join();
        }

        WriteLine(string.Join(", ", lines));

        bool Log(string line)
        {
            lines.Add(line);
            return true;
        }

        void Work(int number)
        {
            try
            {
                Thread.Yield();
                Throw("thread " + number);
            }
            finally
            {
                Thread.Yield();
                Log("finally " + number);
            }
        }
    }

    private sealed class Instance(int limit)
    {
        private int _seen;

        public void Run()
        {
            for (int i = 0; i < 3; i++)
                try
                {
                    Unwind("n" + i);
                }
                catch (Exception) when (++_seen >= limit)
                {
                    WriteLine("seen " + _seen);
                }
                catch
                {
                    WriteLine("below the limit");
                }
        }
    }

    private struct Resource(string name) : IDisposable
    {
        public void Dispose() => WriteLine("dispose " + name);
    }

    private static void Using()
    {
        try
        {
            using var first = new Resource("first");
            using (new Resource("second"))
                Unwind("o");
        }
        catch (InvalidOperationException) when (Say("filter"))
        {
            WriteLine("caught");
        }
    }

    private static int ReturnThroughFinally(bool throws)
    {
        int result = 1;
        try
        {
            try
            {
                if (throws)
                    Throw("p");
                return result;
            }
            finally
            {
                result = 2;
            }
        }
        catch (Exception) when (result == 1)
        {
            return result * 10;
        }
    }
}
