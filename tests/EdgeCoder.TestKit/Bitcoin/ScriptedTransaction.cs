using System.Security.Cryptography;

namespace EdgeCoder.TestKit.Bitcoin;

/// <summary>A transaction of the scripted chain, written byte by byte (BIP 144): one input, a data output, change. Written apart from what the product reads it with.</summary>
public sealed record ScriptedTransaction(string SpentTxid, uint SpentIndex, string DataHex, long ChangeSats, bool IsSigned)
{
    /// <summary>The id: of the form without witness, so it does not depend on the signature.</summary>
    public string Txid => Shown(Twice(Bytes(witness: false)));

    /// <summary>As it is sent.</summary>
    public string RawHex => Convert.ToHexStringLower(Bytes(IsSigned));

    /// <summary>The script of the data output.</summary>
    public string DataScriptHex => Convert.ToHexStringLower(DataScript());

    /// <summary>The coin that the change is; index 1.</summary>
    public ScriptedCoin Change => new(Txid, 1, ChangeSats);

    internal static byte[] Twice(ReadOnlySpan<byte> bytes) => SHA256.HashData(SHA256.HashData(bytes));

    internal static string Shown(byte[] hash) => Convert.ToHexStringLower([.. hash.Reverse()]);

    internal static byte[] Hidden(string shown) => [.. Convert.FromHexString(shown).Reverse()];

    private byte[] DataScript()
    {
        var data = Convert.FromHexString(DataHex);
        return data.Length < 0x4c ? [0x6a, (byte)data.Length, .. data] : [0x6a, 0x4c, (byte)data.Length, .. data];
    }

    private byte[] Bytes(bool witness)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(2);
        if (witness)
        {
            writer.Write([0, 1]);
        }

        writer.Write((byte)1);
        writer.Write(Hidden(SpentTxid));
        writer.Write(SpentIndex);
        writer.Write((byte)0);
        writer.Write(0xfffffffdu);

        writer.Write((byte)2);
        writer.Write(0L);
        writer.Write((byte)DataScript().Length);
        writer.Write(DataScript());
        writer.Write(ChangeSats);
        writer.Write((byte)22);
        writer.Write([0, 20, .. new byte[20]]);
        if (witness)
        {
            writer.Write((byte)2);
            writer.Write((byte)71);
            writer.Write(Enumerable.Repeat((byte)0x30, 71).ToArray());
            writer.Write((byte)33);
            writer.Write(Enumerable.Repeat((byte)0x02, 33).ToArray());
        }

        writer.Write(0);
        return bytes.ToArray();
    }
}

/// <summary>A coin of the scripted wallet.</summary>
public sealed record ScriptedCoin(string Txid, uint Index, long Sats);
