using System;
using System.Collections.Generic;
using static System.Console;

namespace Cloister.Aot.Programs;

internal static class Exceptions
{
    public static void All()
    {
        Program.Run("exceptions/basic", Basic);
        Program.Run("exceptions/types", Types);
        Program.Run("exceptions/finally", Finally);
        Program.Run("exceptions/nested finally", NestedFinally);
        Program.Run("exceptions/return in try", ReturnInTry);
        Program.Run("exceptions/loops", Loops);
        Program.Run("exceptions/rethrow", Rethrow);
        Program.Run("exceptions/filters", Filters);
        Program.Run("exceptions/filter throws", FilterThrows);
        Program.Run("exceptions/throw in finally", ThrowInFinally);
        Program.Run("exceptions/throw in catch", ThrowInCatch);
        Program.Run("exceptions/runtime", Runtime);
        Program.Run("exceptions/using", Using);
        Program.Run("exceptions/custom", Custom);
        Program.Run("exceptions/constructor", InConstructor);
        Program.Run("exceptions/deep", Deep);
        Program.Run("exceptions/static constructor", StaticConstructor);
        Program.Run("exceptions/leave through several", LeaveThroughSeveral);
        Program.Run("exceptions/goto", Goto);
        Program.Run("exceptions/messages", Messages);
        Program.Run("exceptions/inner", Inner);
        Program.Run("exceptions/switch expression", SwitchExpression);
        Program.Run("exceptions/lock", Locked);
        Program.Run("exceptions/values live", ValuesLive);
        Program.Run("exceptions/many", Many);
    }

    private static void Basic()
    {
        try
        {
            WriteLine("before");
            throw new Exception("message");
        }
        catch (Exception e)
        {
            WriteLine("caught " + e.Message);
        }

        WriteLine("after");
    }

    private static string Catch(Action body)
    {
        try
        {
            body();
            return "nothing";
        }
        catch (ArgumentNullException)
        {
            return "argument null";
        }
        catch (ArgumentException)
        {
            return "argument";
        }
        catch (SystemException e)
        {
            return "system " + e.GetType().Name;
        }
        catch
        {
            return "other";
        }
    }

    private static void Types()
    {
        WriteLine(Catch(() => { }) + Catch(() => throw new ArgumentNullException("p")) + Catch(() => throw new ArgumentOutOfRangeException())
            + Catch(() => throw new FormatException()) + Catch(() => throw new Exception()));
    }

    private static void Finally()
    {
        try
        {
            try
            {
                Write("a ");
            }
            finally
            {
                Write("b ");
            }

            try
            {
                throw new Exception();
            }
            finally
            {
                Write("c ");
            }
        }
        catch
        {
            WriteLine("d");
        }
    }

    private static void NestedFinally()
    {
        try
        {
            try
            {
                try
                {
                    throw new InvalidOperationException("x");
                }
                catch (FormatException)
                {
                    Write("wrong ");
                }
                finally
                {
                    Write("1 ");
                }
            }
            finally
            {
                Write("2 ");
                try
                {
                    throw new FormatException();
                }
                catch (FormatException)
                {
                    Write("3 ");
                }
                finally
                {
                    Write("4 ");
                }
            }
        }
        catch (InvalidOperationException e)
        {
            WriteLine(e.Message);
        }
    }

    private static int Returning(int n)
    {
        try
        {
            if (n == 0)
                return 10;
            try
            {
                if (n == 1)
                    return 20;
                if (n == 2)
                    throw new Exception();
            }
            finally
            {
                Write("inner" + n + " ");
            }
        }
        catch
        {
            return 30;
        }
        finally
        {
            Write("outer" + n + " ");
        }

        return 40;
    }

    private static void ReturnInTry()
    {
        for (int i = 0; i < 4; i++)
            WriteLine(Returning(i));
    }

    private static void Loops()
    {
        for (int i = 0; i < 6; i++)
        {
            try
            {
                if (i == 1)
                    continue;
                if (i == 4)
                    break;
                if (i == 2)
                    throw new Exception("at " + i);
                Write("body" + i + " ");
            }
            catch (Exception e)
            {
                Write(e.Message + " ");
                continue;
            }
            finally
            {
                Write("f" + i + " ");
            }

            Write("end" + i + " ");
        }

        WriteLine();
    }

    private static void Rethrow()
    {
        try
        {
            try
            {
                throw new FormatException("original");
            }
            catch (FormatException e)
            {
                Write("first ");
                try
                {
                    throw new Exception("inner");
                }
                catch
                {
                    Write("second ");
                }

                throw;
            }
        }
        catch (Exception e)
        {
            WriteLine(e.Message);
        }
    }

    private static bool Log(string text, bool result)
    {
        Write(text + " ");
        return result;
    }

    private static void Filters()
    {
        for (int i = 0; i < 4; i++)
            try
            {
                throw new ArgumentException("m" + i, i == 3 ? "p" : null);
            }
            catch (ArgumentException e) when (Log("f1", i == 1))
            {
                WriteLine("one " + e.Message);
            }
            catch (Exception e) when (Log("f2", e is ArgumentException { ParamName: "p" }))
            {
                WriteLine("two " + e.Message);
            }
            catch (ArgumentException)
            {
                WriteLine("three");
            }
    }

    private static void FilterThrows()
    {
        int zero = 0;
        try
        {
            throw new Exception("outer");
        }
        catch (Exception) when (1 / zero == 0)
        {
            WriteLine("wrong");
        }
        catch (Exception e)
        {
            WriteLine(e.Message);
        }
    }

    private static void ThrowInFinally()
    {
        try
        {
            try
            {
                throw new Exception("lost");
            }
            finally
            {
                throw new Exception("replaces");
            }
        }
        catch (Exception e)
        {
            WriteLine(e.Message);
        }
    }

    private static void ThrowInCatch()
    {
        try
        {
            try
            {
                throw new Exception("one");
            }
            catch (Exception e)
            {
                throw new InvalidOperationException("two", e);
            }
            finally
            {
                Write("finally ");
            }
        }
        catch (Exception e)
        {
            WriteLine(e.Message + " <- " + e.InnerException.Message);
        }
    }

    private sealed class Holder
    {
        public int Value;
        public Holder Next;
        public int[] Items;

        public int Get() => Value;

        public int Virtual2() => Value + 3;
    }

    private static void Runtime()
    {
        Holder none = null;
        int[] items = [1, 2];
        object text = "x";
        object[] strings = new string[2];
        string nothing = null;
        Action[] bodies =
        [
            () => WriteLine(none.Value), () => none.Value = 1, () => WriteLine(none.Get()), () => WriteLine(new Holder().Next.Next), () =>
                WriteLine(new Holder().Items[0]),
            () => WriteLine(items[2]), () => WriteLine(items[-1]), () => items[5] = 0, () => WriteLine((int)text), () => strings[0] = new object(),
                () => WriteLine(nothing.Length),
            () => WriteLine(new int[items.Length - 3]), () => WriteLine("abc"[3]), () => WriteLine("abc".Substring(4)), () => throw null, () =>
                WriteLine(none.Virtual2()), () => new List<int>()[0].ToString(),
            () => new Dictionary<string, int>()["k"].ToString(), () => new Queue<int>().Dequeue(), () => new Stack<int>().Pop(), () =>
                new List<int> { 1 }.RemoveAt(3), () => nothing.GetHashCode(),
        ];
        foreach (Action body in bodies)
            try
            {
                body();
                WriteLine("nothing");
            }
            catch (Exception e)
            {
                WriteLine(e.GetType() + ": " + (e is InvalidCastException ? "" : e.Message));
            }
    }

    private sealed class Resource(string name) : IDisposable
    {
        public void Dispose() => Write("dispose " + name + " ");
    }

    private static void Using()
    {
        try
        {
            using var a = new Resource("a");
            using (var b = new Resource("b"))
            {
                Write("body ");
                throw new Exception("thrown");
            }
        }
        catch (Exception e)
        {
            WriteLine(e.Message);
        }
    }

    private sealed class CodeException(int code) : Exception("code " + code)
    {
        public int Code { get; } = code;

        public override string Message => "[" + base.Message + "]";
    }

    private static void Custom()
    {
        try
        {
            throw new CodeException(7);
        }
        catch (CodeException e) when (e.Code == 7)
        {
            WriteLine(e.Message + " " + e.Code);
        }
    }

    private sealed class Fails
    {
        private readonly int _value = int.Parse("x");
    }

    private static void InConstructor()
    {
        try
        {
            WriteLine(new Fails());
        }
        catch (FormatException)
        {
            WriteLine("format");
        }
    }

    private static int Down(int n)
    {
        try
        {
            return n == 0 ? throw new Exception("bottom") : Down(n - 1) + 1;
        }
        finally
        {
            if (n % 100 == 0)
                Write(n + " ");
        }
    }

    private static void Deep()
    {
        try
        {
            Down(1000);
        }
        catch (Exception e)
        {
            WriteLine(e.Message);
        }
    }

    private static class Broken
    {
        public static readonly int Value = int.Parse("broken");

        static Broken() => Write("never ");
    }

    private static void StaticConstructor()
    {
        for (int i = 0; i < 2; i++)
            try
            {
                WriteLine(Broken.Value);
            }
            catch (TypeInitializationException e)
            {
                WriteLine(e.InnerException.GetType() + " " + e.TypeName);
            }
    }

    private static void LeaveThroughSeveral()
    {
        for (int i = 0; i < 3; i++)
        {
            try
            {
                try
                {
                    try
                    {
                        if (i == 0)
                            continue;
                        if (i == 1)
                            goto middle;
                        break;
                    }
                    finally
                    {
                        Write("a" + i);
                    }
                }
                finally
                {
                    Write("b" + i);
                }

                middle:
                Write("m");
            }
            finally
            {
                Write("c" + i);
            }

            Write("end");
        }

        WriteLine();
    }

    private static void Goto()
    {
        int tries = 0;
        again:
        try
        {
            tries++;
            if (tries < 3)
                throw new Exception();
            WriteLine("after " + tries);
        }
        catch
        {
            goto again;
        }
    }

    private static void Messages()
    {
        Exception[] all = [new Exception(), new ArgumentException(), new ArgumentNullException("p"), new ArgumentOutOfRangeException("p"),
            new ArgumentOutOfRangeException("p", 5, "bad"), new InvalidOperationException(),
            new NotSupportedException(), new NotImplementedException(), new OverflowException(), new DivideByZeroException(),
                new NullReferenceException(), new IndexOutOfRangeException(), new InvalidCastException(),
            new OutOfMemoryException(), new FormatException(), new KeyNotFoundException(), new ObjectDisposedException("o"), new TimeoutException(),
                new ArrayTypeMismatchException(), new RankException()];
        foreach (Exception e in all)
            WriteLine(e.GetType().FullName + ": " + e.Message);
    }

    private static void Inner()
    {
        var e = new Exception("a", new Exception("b", new FormatException("c")));
        WriteLine(e.GetBaseException().Message + e.InnerException.InnerException.Message);
    }

    private static string Name(int n) => n switch { 1 => "one", 2 => "two" };

    private static void SwitchExpression()
    {
        try
        {
            WriteLine(Name(1) + Name(2) + Name(3));
        }
        catch (Exception e)
        {
            WriteLine(e.Message);
        }
    }

    private static void Locked()
    {
        object gate = new();
        var modern = new System.Threading.Lock();
        try
        {
            lock (gate)
                lock (modern)
                {
                    Write("held ");
                    throw new Exception("released");
                }
        }
        catch (Exception e)
        {
            WriteLine(e.Message + modern.IsHeldByCurrentThread);
        }
    }

    private static void ValuesLive()
    {
        int a = 1;
        string s = "s";
        (int, string) pair = (0, "");
        try
        {
            a = 2;
            s += "t";
            pair = (a, s);
            Catch(() => throw new Exception());
            a = 3;
            throw new Exception();
        }
        catch
        {
            a *= 10;
        }
        finally
        {
            s += a;
        }

        WriteLine(a + s + pair);
    }

    private static void Many()
    {
        int caught = 0;
        for (int i = 0; i < 10000; i++)
            try
            {
                if (i % 3 == 0)
                    throw new InvalidOperationException();
                if (i % 5 == 0)
                    throw new ArgumentException();
            }
            catch (InvalidOperationException)
            {
                caught++;
            }
            catch (ArgumentException)
            {
                caught += 100;
            }

        WriteLine(caught);
    }
}
