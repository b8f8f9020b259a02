using System;
using static System.Console;

namespace Cloister.Aot.Programs;

/// <summary>Math and MathF.</summary>
internal static class Mathematics
{
    private static readonly double[] s_values = [0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 0.49999999999999994, 1.005, 2.675, -3.14159, 1e15
        + 0.5, 1e16, 1e300,
        -1e300, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e-310, 123456.785, double.NaN, double.PositiveInfinity,
            double.NegativeInfinity];
    private static readonly MidpointRounding[] s_modes = [MidpointRounding.ToEven, MidpointRounding.AwayFromZero, MidpointRounding.ToZero,
        MidpointRounding.ToNegativeInfinity, MidpointRounding.ToPositiveInfinity];

    public static void All()
    {
        Program.Run("mathematics/round", () =>
        {
            foreach (double value in s_values)
                foreach (MidpointRounding mode in s_modes)
                    WriteLine(Math.Round(value, mode) + " " + Math.Round(value, 2, mode) + " " + Math.Round(value, 1) + " "
                        + Math.Round(value, 15, mode) + " "
                        + MathF.Round((float)value, mode) + " " + MathF.Round((float)value, 3, mode) + " " + MathF.Round((float)value, 2)
                        + " " + double.Round(value, 3));
            Try(() => Math.Round(1.5, 16).ToString());
            Try(() => Math.Round(1.5, -1).ToString());
            Try(() => MathF.Round(1.5f, 7).ToString());
            Try(() => Math.Round(1.5, (MidpointRounding)9).ToString());
            Try(() => MathF.Round(1.5f, 2, (MidpointRounding)9).ToString());
        });
        Program.Run("mathematics/neighbours", () =>
        {
            foreach (double value in s_values)
                WriteLine(Math.BitIncrement(value) + " " + Math.BitDecrement(value) + " " + MathF.BitIncrement((float)value) + " "
                    + MathF.BitDecrement((float)value) + " " + Math.ILogB(value) + " " + MathF.ILogB((float)value));
        });
        Program.Run("mathematics/pairs", () =>
        {
            foreach (double x in s_values)
                foreach (double y in s_values)
                    WriteLine(Math.CopySign(x, y) + " " + Math.MaxMagnitude(x, y) + " " + Math.MinMagnitude(x, y) + " " + Math.IEEERemainder(x, y)
                        + " "
                        // Conversions leave the sign of NaN open; RISC-V clears it (The RISC-V Instruction Set Manual I, 20.3).
                        + (double.IsNaN(y) ? 0 : MathF.CopySign((float)x, (float)y)) + " " + MathF.MaxMagnitude((float)x, (float)y) + " "
                        + MathF.MinMagnitude((float)x, (float)y) + " " + MathF.IEEERemainder((float)x, (float)y));
            for (int x = -20; x <= 20; x++)
                for (int y = 1; y < 9; y++)
                    Write(Math.IEEERemainder(x, y) + " " + Math.IEEERemainder(x * 0.5, y * 0.25) + " ");
            WriteLine();
        });
        Program.Run("mathematics/scale", () =>
        {
            foreach (double value in s_values)
                foreach (int n in (int[])[0, 1, -1, 10, -52, 1023, 1024, -1022, -1074, 2000, -2100, 3000, int.MaxValue, int.MinValue])
                    WriteLine(Math.ScaleB(value, n) + " " + MathF.ScaleB((float)value, n));
        });
        Program.Run("mathematics/multiply and add", () =>
        {
            foreach (double x in s_values)
                foreach (double y in s_values)
                    foreach (double z in (double[])[0, -0.0, 1, -1e-17, 1e300, -1e300, 5e-324, double.PositiveInfinity, double.NaN])
                        WriteLine(Math.FusedMultiplyAdd(x, y, z) + " " + MathF.FusedMultiplyAdd((float)x, (float)y, (float)z));
            ulong state = 7;
            for (int i = 0; i < 200; i++)
            {
                state = state * 6364136223846793005 + 1442695040888963407;
                double x = 1 + (state >> 12) / 4503599627370496.0, y = 1 + (state >> 20 & 0xffffffff) / 4294967296.0;
                WriteLine(Math.FusedMultiplyAdd(x, y, -(x * y)) + " " + MathF.FusedMultiplyAdd((float)x, (float)y, -(float)(x * y)) + " "
                    + Math.FusedMultiplyAdd(x, y, x / 1e10) + " " + MathF.FusedMultiplyAdd((float)x, (float)y, (float)y * 1e-8f));
            }
        });
        Program.Run("mathematics/constants", () =>
        {
            WriteLine(Math.Tau + " " + MathF.PI + " " + MathF.E + " " + MathF.Tau + " " + double.Pi + " " + float.E + " " + double.Tau + " "
                + MathF.Sign(-2.5f) + " " + MathF.Sign(0));
            WriteLine(double.Lerp(1, 5, 0.25) + " " + float.DegreesToRadians(90) + " " + double.RadiansToDegrees(1) + " " + Math.BigMul(3, 5) + " "
                + Math.BigMul(-3L, 5L, out long low) + " " + low);
        });
    }

    private static void Try(Func<string> function)
    {
        try
        {
            WriteLine(function());
        }
        catch (Exception exception)
        {
            WriteLine(exception.GetType() + ": " + exception.Message);
        }
    }
}
