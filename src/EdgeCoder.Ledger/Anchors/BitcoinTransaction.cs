using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace EdgeCoder.Ledger.Anchors;

/// <summary>
/// A transaction as far as an anchor needs it read: id and outputs. It is never made or signed here; that is the node's (docs/decisions). Form: BIP 144; the id is the
/// double SHA-256 of the form without witnesses, shown with its bytes reversed.
/// </summary>
/// <param name="Txid">Id, 64 hex digits.</param>
/// <param name="Outputs">Outputs in their order.</param>
public sealed record BitcoinTransaction(string Txid, IReadOnlyList<TransactionOutput> Outputs)
{
    // Nothing of ours comes near that size.
    private const int MostBytes = 100_000;

    /// <summary>What its only data output carries, hex; null where it has none or several.</summary>
    public string? DataHex
    {
        get
        {
            var data = Outputs.Select(output => DataOutput.Read(output.Script)).OfType<byte[]>().ToList();
            return data is [var only] ? Convert.ToHexStringLower(only) : null;
        }
    }

    /// <summary>Reads one from hex. False where it is none, or has bytes after its end.</summary>
    public static bool TryRead(string hex, [NotNullWhen(true)] out BitcoinTransaction? transaction)
    {
        transaction = null;
        try
        {
            transaction = hex.Length <= 2 * MostBytes ? Read(Convert.FromHexString(hex)) : null;
        }
        catch (Exception fault) when (fault is FormatException or ArgumentException or OverflowException or IndexOutOfRangeException)
        {
            // It is none.
        }

        return transaction is not null;
    }

    private static BitcoinTransaction? Read(byte[] bytes)
    {
        var at = 4;
        var witnessed = bytes[at..] is [0, 1, ..];
        at += witnessed ? 2 : 0;
        var bodyBegin = at;
        for (var inputs = Count(bytes, ref at); inputs > 0; inputs--)
        {
            at += 36;
            Skip(bytes, ref at);
            at += 4;
        }

        var outputs = new List<TransactionOutput>();
        for (var left = Count(bytes, ref at); left > 0; left--)
        {
            var value = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at, 8));
            at += 8;
            var length = Count(bytes, ref at);
            outputs.Add(new(value, bytes.AsSpan(at, length).ToArray()));
            at += length;
        }

        var bodyEnd = at;
        if (witnessed)
        {
            var begin = bodyBegin;
            for (var inputs = Count(bytes, ref begin); inputs > 0; inputs--)
            {
                for (var items = Count(bytes, ref at); items > 0; items--)
                {
                    Skip(bytes, ref at);
                }
            }
        }

        // The lock time is the last.
        return at + 4 == bytes.Length ? new(TxidOf([.. bytes[..4], .. bytes[bodyBegin..bodyEnd], .. bytes[at..]]), outputs) : null;
    }

    private static string TxidOf(byte[] bare)
    {
        var hash = SHA256.HashData(SHA256.HashData(bare));
        Array.Reverse(hash);
        return Convert.ToHexStringLower(hash);
    }

    private static void Skip(byte[] bytes, ref int at)
    {
        var length = Count(bytes, ref at);
        at += length;
    }

    // Each counted thing has at least one byte, so a count above what is left is a lie and not a size to allocate.
    private static int Count(byte[] bytes, ref int at)
    {
        var first = bytes.AsSpan(at++)[0];
        ulong count = first;
        if (first >= 0xfd)
        {
            var size = first switch { 0xfd => 2, 0xfe => 4, _ => 8 };
            var rest = bytes.AsSpan(at, size);
            count = size switch { 2 => BinaryPrimitives.ReadUInt16LittleEndian(rest), 4 => BinaryPrimitives.ReadUInt32LittleEndian(rest), _ => BinaryPrimitives.ReadUInt64LittleEndian(rest) };
            at += size;
        }

        return count <= (ulong)(bytes.Length - at) ? (int)count : throw new FormatException("The count is larger than what is there.");
    }
}

/// <summary>An output of a transaction.</summary>
/// <param name="Sats">Coins.</param>
/// <param name="Script">Its script.</param>
public sealed record TransactionOutput(long Sats, byte[] Script);
