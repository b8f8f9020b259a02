using System;
using System.Globalization;

namespace Cloister.Storage.Tests;

/// <summary>
/// How much the campaigns try, and from which seed on. CLOISTER_NIGHTLY=1 makes them long, and CLOISTER_SHARE=N runs an Nth of that;
/// CLOISTER_SEED lets another run try others, so that what a night tries grows with the nights.
/// </summary>
internal static class Campaign
{
    public static bool IsNightly { get; } = Environment.GetEnvironmentVariable("CLOISTER_NIGHTLY") == "1";

    /// <summary>Added to all seeds.</summary>
    public static int Seed { get; } = Number("CLOISTER_SEED", 0);

    public static int Size(int byDay, int byNight) => IsNightly ? Math.Max(1, byNight / Number("CLOISTER_SHARE", 1)) : byDay;

    private static int Number(string variable, int without) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number) ? number : without;
}
