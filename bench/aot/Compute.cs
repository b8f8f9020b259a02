using System;

namespace Cloister.Bench.AotPrograms;

/// <summary>Numbers and arrays.</summary>
internal static class Compute
{
    private sealed class Body(double x, double y, double z, double mass)
    {
        public double X = x, Y = y, Z = z, SpeedX = y / 3, SpeedY = z / 5, SpeedZ = x / 7;
        public readonly double Mass = mass;
    }

    public static long Bodies()
    {
        Body[] bodies = [new(0, 0, 0, 40), new(5, -1, 0.1, 0.04), new(8, 4, -0.4, 0.01), new(13, -15, -0.2, 0.002), new(15, -26, 0.2, 0.002)];
        for (int step = 0; step < 5000; step++)
            Advance(bodies, 0.001);
        double sum = 0;
        foreach (Body body in bodies)
            sum += body.X * body.Mass;
        return BitConverter.DoubleToInt64Bits(sum);
    }

    private static void Advance(Body[] bodies, double time)
    {
        for (int i = 0; i < bodies.Length; i++)
        {
            Body one = bodies[i];
            for (int j = i + 1; j < bodies.Length; j++)
            {
                Body other = bodies[j];
                double dx = one.X - other.X, dy = one.Y - other.Y, dz = one.Z - other.Z;
                double square = dx * dx + dy * dy + dz * dz;
                double force = time / (square * Math.Sqrt(square));
                one.SpeedX -= dx * other.Mass * force;
                one.SpeedY -= dy * other.Mass * force;
                one.SpeedZ -= dz * other.Mass * force;
                other.SpeedX += dx * one.Mass * force;
                other.SpeedY += dy * one.Mass * force;
                other.SpeedZ += dz * one.Mass * force;
            }
        }

        foreach (Body body in bodies)
        {
            body.X += time * body.SpeedX;
            body.Y += time * body.SpeedY;
            body.Z += time * body.SpeedZ;
        }
    }

    public static long SpectralNorm()
    {
        double[] u = new double[100], v = new double[100], between = new double[100];
        Array.Fill(u, 1);
        for (int i = 0; i < 5; i++)
        {
            Multiply(u, between, transposed: false);
            Multiply(between, v, transposed: true);
            Multiply(v, between, transposed: false);
            Multiply(between, u, transposed: true);
        }

        double vv = 0, uv = 0;
        for (int i = 0; i < u.Length; i++)
        {
            uv += u[i] * v[i];
            vv += v[i] * v[i];
        }

        return BitConverter.DoubleToInt64Bits(Math.Sqrt(uv / vv));
    }

    private static double Element(int i, int j) => 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1);

    private static void Multiply(double[] from, double[] to, bool transposed)
    {
        for (int i = 0; i < to.Length; i++)
        {
            double sum = 0;
            for (int j = 0; j < from.Length; j++)
                sum += (transposed ? Element(j, i) : Element(i, j)) * from[j];
            to[i] = sum;
        }
    }

    public static long Mandelbrot()
    {
        long inside = 0;
        for (int row = 0; row < 80; row++)
            for (int column = 0; column < 80; column++)
            {
                double re = column / 40.0 - 1.5, im = row / 40.0 - 1, x = 0, y = 0;
                int steps = 0;
                while (steps < 50 && x * x + y * y <= 4)
                {
                    double next = x * x - y * y + re;
                    y = 2 * x * y + im;
                    x = next;
                    steps++;
                }

                inside += steps;
            }

        return inside;
    }

    public static long Sieve()
    {
        bool[] composite = new bool[200_000];
        int count = 0;
        for (int i = 2; i < composite.Length; i++)
        {
            if (composite[i])
                continue;
            count++;
            for (int j = i + i; j < composite.Length; j += i)
                composite[j] = true;
        }

        return count;
    }

    private static int[] Random(int count)
    {
        int[] values = new int[count];
        uint state = 12345;
        for (int i = 0; i < values.Length; i++)
            values[i] = (int)((state = state * 1664525 + 1013904223) >> 4);
        return values;
    }

    public static long Sort()
    {
        int[] values = Random(10_000);
        Array.Sort(values);
        return values[1234] + (long)values[^1];
    }

    public static long SortByDelegate()
    {
        int[] values = Random(5_000);
        Array.Sort(values, (one, other) => (one & 0xffff).CompareTo(other & 0xffff));
        return values[1234] & 0xffff;
    }
}
