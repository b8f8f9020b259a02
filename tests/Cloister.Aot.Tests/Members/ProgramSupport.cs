namespace Cloister.Aot.Tests.Members;

/// <summary>What the generated program has beside its calls: the choice of values and the way things are shown.</summary>
internal static class ProgramSupport
{
    public const string Text = """
        internal static partial class Program
        {
            private static readonly System.Text.StringBuilder s_line = new System.Text.StringBuilder();
            private static int[] s_counts = new int[0];
            private static long s_next, s_all, s_step, s_now;

            private static void Begin(string name, int calls, params int[] counts)
            {
                Flush();
                System.Console.WriteLine("== " + name);
                s_counts = counts;
                s_all = 1;
                foreach (int count in counts)
                    s_all *= count;
                // A step without a factor in common with the counts, which are small, so that every value has its turn.
                s_step = s_all <= calls ? 1 : s_all / calls;
                while (s_step > 1 && (s_step % 2 == 0 || s_step % 3 == 0 || s_step % 5 == 0 || s_step % 7 == 0 || s_step % 11 == 0 || s_step % 13 == 0))
                    s_step++;
                s_next = 0;
            }

            private static bool Next()
            {
                Flush();
                if (s_next >= s_all)
                    return false;
                s_now = s_next;
                s_next += s_step;
                long rest = s_now;
                foreach (int count in s_counts)
                {
                    s_line.Append(rest % count).Append(' ');
                    rest /= count;
                }

                return true;
            }

            private static int At(int place)
            {
                long rest = s_now;
                for (int i = 0; i < place; i++)
                    rest /= s_counts[i];
                return (int)(rest % s_counts[place]);
            }

            private static void Done(string result = "done") => s_line.Append(": ").Append(result);

            private static void Fail(System.Exception exception) => s_line.Append(": ! ").Append(exception.GetType().Name);

            private static void Flush()
            {
                if (s_line.Length != 0)
                    System.Console.WriteLine(s_line.ToString());
                s_line.Clear();
            }

            private static void Enumerate<T>(System.Collections.Generic.IEnumerable<T> sequence, System.Action change)
            {
                System.Collections.Generic.IEnumerator<T> items = sequence.GetEnumerator();
                Step(() => Show(items.Current));
                Step(() => Show(((System.Collections.IEnumerator)items).Current));
                for (int i = 0; i < 9; i++)
                {
                    Step(() => Show(items.MoveNext()));
                    Step(() => Show(items.Current));
                    Step(() => Show(((System.Collections.IEnumerator)items).Current));
                }

                Step(() => { items.Reset(); return "reset"; });
                Step(() => Show(items.Current));
                Step(() => Show(items.MoveNext()));
                change();
                Step(() => Show(items.Current));
                Step(() => Show(items.MoveNext()));
                Step(() => { items.Reset(); return "reset"; });
                items.Dispose();
            }

            private static void Step(System.Func<string> step)
            {
                try
                {
                    Done(step());
                }
                catch (System.Exception exception)
                {
                    Fail(exception);
                }
            }

            private static bool intOneOf(int value) => value == 1 || value > 4;
            private static bool stringOneOf(string value) => value == "b" || value is null;

            private static string Show<T>(System.Span<T> value) => Show(value.ToArray());
            private static string Show<T>(System.ReadOnlySpan<T> value) => Show(value.ToArray());
            private static string Show<T>(System.Memory<T> value) => Show(value.ToArray());
            private static string Show<T>(System.ReadOnlyMemory<T> value) => Show(value.ToArray());

            private static string Show<T>(T value) => ShowObject(value, 0);

            private static string ShowObject(object value, int depth)
            {
                switch (value)
                {
                    case null:
                        return "null";
                    case string text:
                        return Quoted(text);
                    case char c:
                        return "'" + ((int)c).ToString() + "'";
                    case System.Text.Rune rune:
                        return "rune " + rune.Value;
                    case System.Text.StringBuilder builder:
                        return Quoted(builder.ToString());
                    case bool b:
                        return b ? "true" : "false";
                    case double d:
                        return double.IsNaN(d) ? "NaN" : System.BitConverter.DoubleToInt64Bits(d).ToString("x");
                    case float f:
                        return float.IsNaN(f) ? "NaN" : System.BitConverter.SingleToInt32Bits(f).ToString("x");
                    case System.Type type:
                        return type.Name;
                    case System.Delegate:
                        return "delegate";
                    case System.Collections.IEnumerable sequence:
                        if (depth > 3)
                            return "...";
                        var shown = new System.Text.StringBuilder("[");
                        foreach (object item in sequence)
                            shown.Append(ShowObject(item, depth + 1)).Append(' ');
                        return shown.Append(']').ToString();
                    case System.Collections.Generic.KeyValuePair<int, string> pair:
                        return pair.Key + "=" + pair.Value;
                    case System.Collections.Generic.KeyValuePair<string, int> pair:
                        return pair.Key + "=" + pair.Value;
                    case System.IFormattable formattable:
                        return Quoted(formattable.ToString(null, System.Globalization.CultureInfo.InvariantCulture));
                    default:
                        return "object";
                }
            }

            private static string Quoted(string text)
            {
                var quoted = new System.Text.StringBuilder("\"");
                foreach (char c in text)
                    if (c >= ' ' && c < 127)
                        quoted.Append(c);
                    else
                        quoted.Append('\\').Append(((int)c).ToString("x4"));
                return quoted.Append('"').ToString();
            }

            private static System.Collections.Generic.List<T> Spare<T>(params T[] items)
            {
                var list = new System.Collections.Generic.List<T>(items.Length + 5);
                foreach (T item in items)
                    list.Add(item);
                return list;
            }

            private static System.Collections.Generic.Queue<T> Wrapped<T>(params T[] items)
            {
                var queue = new System.Collections.Generic.Queue<T>(4);
                for (int i = 0; i < 3; i++)
                    queue.Enqueue(default);
                for (int i = 0; i < 3; i++)
                    queue.Dequeue();
                foreach (T item in items)
                    queue.Enqueue(item);
                return queue;
            }
        }
        """;
}
