using System.Buffers;
using System.Security.Cryptography;

namespace EdgeCoder.Ledger.Trees;

/// <summary>The hashes of a Merkle tree (RFC 6962 section 2.1): SHA-256, with a byte in front that tells leaves from nodes.</summary>
public static class TreeHash
{
    /// <summary>Bytes of a hash.</summary>
    public const int Size = 32;

    private const int MostOnStack = 1024;

    /// <summary>Root of a tree without leaves: SHA-256 of nothing.</summary>
    public static byte[] Empty => SHA256.HashData([]);

    /// <summary>Hash of a leaf: SHA-256(0x00, leaf).</summary>
    public static byte[] Leaf(ReadOnlySpan<byte> leaf)
    {
        byte[]? rented = null;
        var input = leaf.Length < MostOnStack ? stackalloc byte[MostOnStack] : rented = ArrayPool<byte>.Shared.Rent(leaf.Length + 1);
        input[0] = 0;
        leaf.CopyTo(input[1..]);
        var hash = SHA256.HashData(input[..(leaf.Length + 1)]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return hash;
    }

    /// <summary>Hash of a node: SHA-256(0x01, left, right).</summary>
    public static byte[] Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> input = stackalloc byte[1 + (2 * Size)];
        input[0] = 1;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + Size)..]);
        return SHA256.HashData(input);
    }
}
