using System;
using System.IO;
using Cloister.Abi;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Tests;

/// <summary>
/// An exception at every place of the storage where one can come from, one at a time: what was synchronised is there afterwards, and the
/// volume either took the change as a whole or takes none any more.
/// </summary>
public sealed class InjectionTests
{
    private const int Workloads = 4;

    private static readonly int s_perPlace = Campaign.Size(byDay: 2, byNight: 20);

    [Fact]
    public void AnExceptionAnywhereLosesNothing()
    {
        string folder = Directory.CreateTempSubdirectory("faults").FullName;
        try
        {
            var injector = new FaultInjector(folder);
            Assert.InRange(injector.Sites.Count, 1000, 20_000);
            string? problem = (string?)injector.Run(typeof(InjectionTests), nameof(RunCampaign), injector.Sites.Count, s_perPlace, false);
            Assert.True(problem is null, problem is null ? "" : $"{Describe(problem, injector)}");
            // The same campaign finds what it is for.
            problem = (string?)injector.Run(typeof(InjectionTests), nameof(RunCampaign), injector.Sites.Count, 3, true);
            Assert.True(problem is not null, "The planted bug wasn't found.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Describe(string problem, FaultInjector injector) =>
        $"{injector.Sites[int.Parse(problem.AsSpan(0, problem.IndexOf(' ')), System.Globalization.CultureInfo.InvariantCulture)]}: {problem}";

    /// <summary>Runs with the instrumented assembly. Gives the number of the place and what went wrong; null where nothing did.</summary>
    internal static string? RunCampaign(int sites, int perPlace, bool plantsBug)
    {
        var random = new Random(1);
        byte[]?[] image = CrashHarness.NewImage(1024, taken: 560);
        var hits = new int[Workloads][];
        for (int workload = 0; workload < Workloads; workload++)
        {
            FaultPoints.Count(sites);
            RunWorkload(image, workload, -1, 0, false);
            hits[workload] = FaultPoints.Hits;
        }

        FaultPoints.Count(0);
        for (int site = 0; site < sites; site++)
        {
            for (int i = 0; i < perPlace; i++)
            {
                int workload = (site + i) % Workloads;
                for (int other = 0; other < Workloads && hits[workload][site] == 0; other++)
                    workload = other;
                if (hits[workload][site] == 0)
                    break;
                if (RunWorkload(image, workload, site, random.Next(hits[workload][site]), plantsBug) is { } problem)
                    return $"{site} in workload {workload}: {problem}";
            }
        }

        return null;
    }

    private static string? RunWorkload(byte[]?[] image, int seed, int site, int hit, bool plantsBug)
    {
        var random = new Random(seed);
        var harness = new CrashHarness(image, new VolumeSwitches { SurvivesExceptions = plantsBug });
        var operations = new RandomOperations(random, new ModelFileSystem()) { LargestFile = 25_000 };
        FaultPoints.Arm(site, hit);
        try
        {
            for (int step = 0; step < 80; step++)
            {
                try
                {
                    operations.Step(harness.Files);
                }
                catch (Exception) when (FaultPoints.WasThrown && site >= 0)
                {
                    harness.Mark(operations.Model);
                    break;
                }

                harness.Mark(operations.Model);
                if (random.Next(4) != 0)
                    continue;
                try
                {
                    harness.TrySynchronize(checkpoint: random.Next(2) == 0);
                }
                catch (Exception) when (FaultPoints.WasThrown && site >= 0)
                {
                    break;
                }
            }
        }
        finally
        {
            FaultPoints.Disarm();
        }

        if (site < 0)
        {
            harness.Abandon();
            return null;
        }

        try
        {
            // What goes on after the fault must not take anything back.
            harness.TrySynchronize(checkpoint: true);
            harness.TrySynchronize(checkpoint: true);
            harness.Abandon();
            for (int state = 0; state < 4; state++)
            {
                if (harness.JudgeRandom(random) is { } problem)
                    return problem;
            }

            return harness.Judge(harness.LogLength, _ => true);
        }
        catch (Exception e)
        {
            return e.Message;
        }
    }
}
