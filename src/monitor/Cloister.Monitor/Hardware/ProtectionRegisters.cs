namespace Cloister.Monitor.Hardware;

/// <summary>pmpaddr0 to pmpaddr15, pmpcfg0 and pmpcfg2 by number, which instructions can't name.</summary>
internal static class ProtectionRegisters
{
    private const CsrNumber Address0 = (CsrNumber)0x3B0, Rights0 = (CsrNumber)0x3A0;

    public static void WriteRights(int half, ulong value)
    {
        if (half == 0)
            Csr.Write(Rights0, value);
        else
            Csr.Write(Rights0 + 2, value);
    }

    public static void WriteAddress(int entry, ulong value)
    {
        switch (entry)
        {
            case 0: Csr.Write(Address0 + 0, value); break;
            case 1: Csr.Write(Address0 + 1, value); break;
            case 2: Csr.Write(Address0 + 2, value); break;
            case 3: Csr.Write(Address0 + 3, value); break;
            case 4: Csr.Write(Address0 + 4, value); break;
            case 5: Csr.Write(Address0 + 5, value); break;
            case 6: Csr.Write(Address0 + 6, value); break;
            case 7: Csr.Write(Address0 + 7, value); break;
            case 8: Csr.Write(Address0 + 8, value); break;
            case 9: Csr.Write(Address0 + 9, value); break;
            case 10: Csr.Write(Address0 + 10, value); break;
            case 11: Csr.Write(Address0 + 11, value); break;
            case 12: Csr.Write(Address0 + 12, value); break;
            case 13: Csr.Write(Address0 + 13, value); break;
            case 14: Csr.Write(Address0 + 14, value); break;
            case 15: Csr.Write(Address0 + 15, value); break;
        }
    }
}
