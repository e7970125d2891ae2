using System.Buffers.Binary;

namespace EdgeCoder.Ledger.Tiles;

/// <summary>Leaves one after the other, each behind its length as a big-endian number of 16 bits (C2SP tlog-tiles, entry bundles).</summary>
public static class EntryBundle
{
    /// <summary>Writes leaves, each of at most 65,535 bytes.</summary>
    public static byte[] Write(IReadOnlyList<byte[]> leaves)
    {
        var bundle = new byte[leaves.Sum(leaf => leaf.Length + sizeof(ushort))];
        var at = 0;
        foreach (var leaf in leaves)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bundle.AsSpan(at), checked((ushort)leaf.Length));
            leaf.CopyTo(bundle, at + sizeof(ushort));
            at += sizeof(ushort) + leaf.Length;
        }

        return bundle;
    }

    /// <summary>Reads them; null where a length leads beyond the end.</summary>
    public static List<byte[]>? Read(ReadOnlySpan<byte> bundle)
    {
        var leaves = new List<byte[]>();
        while (bundle.Length > 0)
        {
            if (bundle.Length < sizeof(ushort) || BinaryPrimitives.ReadUInt16BigEndian(bundle) is var length && bundle.Length < sizeof(ushort) + length)
            {
                return null;
            }

            leaves.Add(bundle.Slice(sizeof(ushort), length).ToArray());
            bundle = bundle[(sizeof(ushort) + length)..];
        }

        return leaves;
    }
}
