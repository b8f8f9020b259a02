using System;
using static System.Console;

namespace Cloister.Aot.Programs;

internal static class Arrays
{
    public static void All()
    {
        Program.Run("arrays/element types", ElementTypes);
        Program.Run("arrays/two dimensions", TwoDimensions);
        Program.Run("arrays/three dimensions", ThreeDimensions);
        Program.Run("arrays/jagged", Jagged);
        Program.Run("arrays/copy", Copying);
        Program.Run("arrays/clone", Cloning);
        Program.Run("arrays/functions", Functions);
        Program.Run("arrays/covariance", Covariance);
        Program.Run("arrays/empty", Empty);
        Program.Run("arrays/resize", Resizing);
        Program.Run("arrays/of structures", OfStructures);
        Program.Run("arrays/queens", Queens);
        Program.Run("arrays/life", Life);
    }

    private static void ElementTypes()
    {
        bool[] a = new bool[3];
        a[1] = true;
        sbyte[] b = [-1, 2];
        ushort[] c = [65535, 1];
        char[] d = ['x', 'y'];
        float[] e = [1.5f];
        ulong[] f = [ulong.MaxValue];
        nint[] g = [-3];
        DayOfWeek2[] h = [DayOfWeek2.B];
        b[0]--;
        c[0]++;
        d[1]++;
        e[0] *= 2;
        f[0] /= 3;
        h[0]--;
        WriteLine($"{a[1]}{a[2]} {b[0]} {c[0]} {d[1]} {e[0]} {f[0]} {g[0]} {h[0]}");
    }

    private enum DayOfWeek2 : byte { A, B }

    private static void TwoDimensions()
    {
        int[,] grid = new int[3, 4];
        for (int i = 0; i < grid.GetLength(0); i++)
            for (int j = 0; j < grid.GetLength(1); j++)
                grid[i, j] = i * 10 + j;
        grid[2, 3] += 100;
        ref int cell = ref grid[1, 1];
        cell = -1;
        int sum = 0;
        foreach (int item in grid)
            sum += item;
        string[,] names = { { "a", "b" }, { "c", "d" } };
        WriteLine(sum + " " + grid.Length + grid.Rank + grid[1, 1] + names[1, 0] + grid.GetUpperBound(1));
        try
        {
            WriteLine(grid[0, 4]);
        }
        catch (IndexOutOfRangeException)
        {
            WriteLine("range");
        }
    }

    private static void ThreeDimensions()
    {
        var cube = new (int, string)[2, 2, 2];
        cube[1, 0, 1] = (5, "x");
        WriteLine(cube[1, 0, 1] + " " + cube[0, 0, 0].Item1 + cube.Length);
    }

    private static void Jagged()
    {
        int[][] rows = new int[4][];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = new int[i + 1];
            rows[i][0] = rows[i][i] = 1;
            for (int j = 1; j < i; j++)
                rows[i][j] = rows[i - 1][j - 1] + rows[i - 1][j];
        }

        foreach (int[] row in rows)
            Write(string.Join(" ", row) + "; ");
        WriteLine();
    }

    private static void Copying()
    {
        int[] a = [1, 2, 3, 4, 5];
        Array.Copy(a, 0, a, 1, 4);
        object[] boxes = new object[2];
        string[] strings = ["x", "y"];
        Array.Copy(strings, boxes, 2);
        WriteLine(string.Join(",", a) + boxes[1]);
        try
        {
            Array.Copy((object[])["s", 1], strings, 2);
        }
        catch (InvalidCastException)
        {
            WriteLine("cast");
        }

        try
        {
            Array.Copy(a, 3, a, 0, 3);
        }
        catch (ArgumentException e)
        {
            WriteLine(e.GetType().Name);
        }
    }

    private static void Cloning()
    {
        int[] a = [1, 2];
        int[] b = (int[])a.Clone();
        b[0] = 9;
        WriteLine(a[0] + b[0]);
    }

    private static void Functions()
    {
        int[] a = [4, 2, 9];
        WriteLine(Array.IndexOf(a, 9) + " " + Array.Find(a, x => x < 4) + Array.Exists(a, x => x > 100)
            + string.Join(",", Array.ConvertAll(a, x => x / 2.0)) + string.Join(",", Array.FindAll(a, x => x > 3)));
        Array.Reverse(a);
        Array.Fill(a, 7);
        Array.Clear(a, 1, 1);
        WriteLine(string.Join(",", a));
    }

    private static void Covariance()
    {
        object[] objects = (string[])["a"];
        try
        {
            objects[0] = 5;
        }
        catch (ArrayTypeMismatchException)
        {
            WriteLine("mismatch");
        }

        objects[0] = "b";
        objects[0] = null;
        WriteLine(objects.GetType() + " " + (objects is string[]));
        object numbers = new int[1];
        WriteLine((numbers is uint[]) + " " + (numbers is long[]) + (numbers is Array));
    }

    private static void Empty() => WriteLine(Array.Empty<int>().Length + " " + (Array.Empty<string>() == Array.Empty<string>())
        + new object[0].Length);

    private static void Resizing()
    {
        int[] a = [1, 2, 3];
        Array.Resize(ref a, 5);
        Array.Resize(ref a, 4);
        WriteLine(string.Join(",", a));
    }

    private struct Particle
    {
        public double X, V;
    }

    private static void OfStructures()
    {
        Particle[] particles = new Particle[10];
        for (int i = 0; i < particles.Length; i++)
            particles[i].V = i * 0.5;
        for (int step = 0; step < 100; step++)
            for (int i = 0; i < particles.Length; i++)
            {
                ref Particle p = ref particles[i];
                p.X += p.V * 0.01;
                p.V -= p.X * 0.01;
            }

        WriteLine(particles[9].X + " " + particles[3].V);
    }

    private static void Queens()
    {
        int[] columns = new int[8];
        WriteLine(Place(0));

        int Place(int row)
        {
            if (row == 8)
                return 1;
            int count = 0;
            for (int c = 0; c < 8; c++)
            {
                bool free = true;
                for (int r = 0; r < row; r++)
                    free &= columns[r] != c && Math.Abs(columns[r] - c) != row - r;
                if (!free)
                    continue;
                columns[row] = c;
                count += Place(row + 1);
            }

            return count;
        }
    }

    private static void Life()
    {
        bool[,] cells = new bool[16, 16];
        foreach ((int r, int c) in ((int, int)[])[(1, 2), (2, 3), (3, 1), (3, 2), (3, 3)])
            cells[r, c] = true;
        for (int generation = 0; generation < 20; generation++)
        {
            bool[,] next = new bool[16, 16];
            for (int r = 0; r < 16; r++)
                for (int c = 0; c < 16; c++)
                {
                    int n = 0;
                    for (int i = -1; i <= 1; i++)
                        for (int j = -1; j <= 1; j++)
                            if ((i, j) != (0, 0) && cells[(r + i + 16) % 16, (c + j + 16) % 16])
                                n++;
                    next[r, c] = n == 3 || (n == 2 && cells[r, c]);
                }

            cells = next;
        }

        for (int r = 0; r < 16; r++)
            for (int c = 0; c < 16; c++)
                if (cells[r, c])
                    Write(r + "," + c + " ");
        WriteLine();
    }
}
