namespace EdgeCoder.Ledger.Receipts;

/// <summary>What an anchoring transaction carries: <c>EC</c>, version 1, and the 32 bytes of a checkpoint's hash (economy-and-ledger 13.1).</summary>
public static class AnchorPayload
{
    private const string Head = "454301";

    /// <summary>The payload for a checkpoint's hash of 64 hex digits, in hex. Throws <see cref="ArgumentException"/> <c>checkpoint_hash_must_be_32_bytes</c>.</summary>
    public static string Of(string checkpointHash) =>
        checkpointHash.Length == 64 && checkpointHash.All(char.IsAsciiHexDigitLower) ? Head + checkpointHash : throw new ArgumentException("checkpoint_hash_must_be_32_bytes", nameof(checkpointHash));

    /// <summary>The checkpoint's hash that a payload in hex carries. Throws <see cref="ArgumentException"/> <c>unsupported_version</c> for anything but 35 bytes of version 1.</summary>
    public static string Read(string payloadHex) =>
        payloadHex.Length == Head.Length + 64 && payloadHex.StartsWith(Head, StringComparison.Ordinal) && payloadHex.All(char.IsAsciiHexDigitLower)
            ? payloadHex[Head.Length..]
            : throw new ArgumentException("unsupported_version", nameof(payloadHex));
}
