using System.Security.Cryptography;

namespace EdgeCoder.Ledger.Anchors;

/// <summary>That a transaction is in a block: the way from its id to the root in the block's header, as in Bitcoin (double SHA-256, hashes shown reversed).</summary>
public static class MerkleBranch
{
    private const int HeaderBytes = 80;
    private const int RootAt = 36;
    private const int MostDepth = 32;

    /// <summary>Whether the branch leads from a transaction to the root of a header, and the header has the hash of the block.</summary>
    /// <param name="txid">Transaction.</param>
    /// <param name="position">Its place in the block, from 0.</param>
    /// <param name="branch">Hashes beside the way, lowest first, hex.</param>
    /// <param name="header">80 bytes.</param>
    /// <param name="blockHash">Hash of the block.</param>
    public static bool Verify(string txid, long position, IReadOnlyList<string> branch, ReadOnlySpan<byte> header, string blockHash)
    {
        if (header.Length != HeaderBytes || branch.Count > MostDepth || position < 0 || position >> branch.Count != 0 || Reversed(txid) is not { } hash)
        {
            return false;
        }

        foreach (var step in branch)
        {
            if (Reversed(step) is not { } beside)
            {
                return false;
            }

            hash = (position & 1) == 0 ? Twice([.. hash, .. beside]) : Twice([.. beside, .. hash]);
            position >>= 1;
        }

        return hash.AsSpan().SequenceEqual(header.Slice(RootAt, 32)) && Reversed(blockHash) is { } named && named.AsSpan().SequenceEqual(Twice(header));
    }

    private static byte[] Twice(ReadOnlySpan<byte> bytes) => SHA256.HashData(SHA256.HashData(bytes));

    private static byte[]? Reversed(string hex)
    {
        if (hex.Length != 64 || !hex.All(char.IsAsciiHexDigit))
        {
            return null;
        }

        var bytes = Convert.FromHexString(hex);
        Array.Reverse(bytes);
        return bytes;
    }
}
