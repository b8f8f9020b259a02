using System;
using System.Diagnostics;
using System.Globalization;

namespace Cloister.Bench.Crypto;

/// <summary>Asks openssl speed for one figure.</summary>
internal static class OpenSsl
{
    /// <summary>Operations a second; null where openssl isn't installed or doesn't know the algorithm.</summary>
    public static double? Measure(CryptoMeasure measure)
    {
        try
        {
            var start = new ProcessStartInfo("openssl", $"speed -elapsed -seconds 1 -mr {measure.OpenSsl}") { RedirectStandardOutput = true, RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            string text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            foreach (string line in text.Split('\n'))
            {
                string[] fields = line.Split(':');
                // +F:number:name:bytes a second; +F2, +F4, +F6: number, bits, (name,) signatures and verifications a second; +F5: number, bits,
                // exchanges a second.
                if (fields[0] == "+F" && measure.Bytes != 0)
                    return double.Parse(fields[3], CultureInfo.InvariantCulture) / measure.Bytes;
                if (fields[0] is "+F2" or "+F4" or "+F5" or "+F6")
                    return PublicKey(fields, measure);
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // Not installed: the column stays empty.
        }

        return null;
    }

    private static double PublicKey(string[] fields, CryptoMeasure measure)
    {
        bool isVerification = measure.Name.Contains("verify", StringComparison.Ordinal);
        return double.Parse(fields[(isVerification ? 4 : 3) + (fields[0] == "+F6" ? 1 : 0)], CultureInfo.InvariantCulture);
    }
}
