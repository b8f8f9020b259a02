using System;
using System.Globalization;

namespace Cloister.Storage.Tests;

/// <summary>
/// How much the campaigns try, and from which seed on. CLOISTER_NIGHTLY=1 makes them long; CLOISTER_SEED lets another run try others, so that
/// what a night tries grows with the nights.
/// </summary>
internal static class Campaign
{
    public static bool IsNightly { get; } = Environment.GetEnvironmentVariable("CLOISTER_NIGHTLY") == "1";

    /// <summary>Added to all seeds.</summary>
    public static int Seed { get; } = int.TryParse(Environment.GetEnvironmentVariable("CLOISTER_SEED"), CultureInfo.InvariantCulture, out int seed) ? seed : 0;

    public static int Size(int byDay, int byNight) => IsNightly ? byNight : byDay;
}
