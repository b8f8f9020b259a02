using System;
using System.Diagnostics;

namespace Cloister.Crypto.Tests;

/// <summary>
/// A statistical test of constant time: O. Reparaz, J. Balasch, I. Verbauwhede, "Dude, is my code constant time?" (DATE 2017).
/// </summary>
/// <remarks>
/// Inputs of two classes, one fixed and one random, are measured in random order. Welch's t-test says whether the classes' times differ; as outliers of
/// the machine drown small differences, the test is made of all measurements and again of those below several percentiles.
/// </remarks>
internal static class Dudect
{
    /// <summary>Above this a leak is sure (the paper's tool says so too).</summary>
    public const double Leak = 10;

    private const int BatchSize = 2_000;
    private const int Crops = 20;

    /// <summary>The greatest |t| over all percentiles.</summary>
    /// <param name="inputSize">Bytes of an input.</param>
    /// <param name="prepare">Makes the input of a class: true for the fixed one.</param>
    /// <param name="operation">What is measured, on one input.</param>
    /// <param name="limit">How long to measure; ends early where a leak is beyond doubt.</param>
    public static double Measure(int inputSize, Action<byte[], bool, Random> prepare, Action<byte[]> operation, TimeSpan limit)
    {
        var random = new Random(12);
        byte[][] inputs = new byte[BatchSize][];
        bool[] isFixed = new bool[BatchSize];
        double[] times = new double[BatchSize];
        for (int i = 0; i < BatchSize; i++)
            inputs[i] = new byte[inputSize];
        double[]? thresholds = null;
        var tests = new Welch[Crops + 1];
        long start = Stopwatch.GetTimestamp();
        double greatest = 0;
        for (int batch = 0; Stopwatch.GetElapsedTime(start) < limit && greatest < 5 * Leak; batch++)
        {
            for (int i = 0; i < BatchSize; i++)
            {
                isFixed[i] = random.Next(2) == 0;
                prepare(inputs[i], isFixed[i], random);
            }

            for (int i = 0; i < BatchSize; i++)
            {
                long before = Stopwatch.GetTimestamp();
                operation(inputs[i]);
                times[i] = Stopwatch.GetTimestamp() - before;
            }

            // The first batches warm up; the next one chooses the percentiles.
            if (batch < 5)
                continue;
            thresholds ??= Percentiles(times);
            for (int i = 0; i < BatchSize; i++)
            {
                tests[Crops].Add(isFixed[i], times[i]);
                for (int crop = 0; crop < Crops; crop++)
                {
                    if (times[i] < thresholds[crop])
                        tests[crop].Add(isFixed[i], times[i]);
                }
            }

            greatest = 0;
            foreach (Welch test in tests)
                greatest = Math.Max(greatest, Math.Abs(test.Statistic));
        }

        return greatest;
    }

    private static double[] Percentiles(double[] times)
    {
        double[] sorted = (double[])times.Clone();
        Array.Sort(sorted);
        double[] thresholds = new double[Crops];
        for (int i = 0; i < Crops; i++)
            thresholds[i] = sorted[(int)((1 - Math.Pow(0.5, 10.0 * (i + 1) / Crops)) * (sorted.Length - 1))] + 0.5;
        return thresholds;
    }

    /// <summary>Means and variances of two classes, updated one value at a time (Welford), and Welch's t of them.</summary>
    internal struct Welch
    {
        private const double LeastCount = 1_000;

        private double _count0;
        private double _count1;
        private double _mean0;
        private double _mean1;
        private double _squares0;
        private double _squares1;

        /// <summary>The statistic; 0 where there are too few values to say.</summary>
        public readonly double Statistic
        {
            get
            {
                if (_count0 < LeastCount || _count1 < LeastCount)
                    return 0;
                double spread = _squares0 / (_count0 - 1) / _count0 + _squares1 / (_count1 - 1) / _count1;
                return spread == 0 ? 0 : (_mean0 - _mean1) / Math.Sqrt(spread);
            }
        }

        public void Add(bool first, double value)
        {
            if (first)
                Add(ref _count0, ref _mean0, ref _squares0, value);
            else
                Add(ref _count1, ref _mean1, ref _squares1, value);
        }

        private static void Add(ref double count, ref double mean, ref double squares, double value)
        {
            count++;
            double difference = value - mean;
            mean += difference / count;
            squares += difference * (value - mean);
        }
    }
}
