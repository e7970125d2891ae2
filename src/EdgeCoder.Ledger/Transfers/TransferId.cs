using System.Security.Cryptography;
using System.Text;

namespace EdgeCoder.Ledger.Transfers;

/// <summary>Ids of transfers made inside the program (economy-and-ledger 2, rule 1).</summary>
public static class TransferId
{
    /// <summary>
    /// First 16 bytes of SHA-256(<c>edgecoder/transfer/v1</c> LF purpose LF key), as 32 hex digits: a business event that is tried again meets its own id.
    /// </summary>
    public static string Of(string purpose, string key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"edgecoder/transfer/v1\n{purpose}\n{key}")).AsSpan(0, 16));
}
