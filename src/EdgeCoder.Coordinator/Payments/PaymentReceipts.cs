using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Coordinator.Payments;

/// <summary>Receipts of purchases: <c>{v, intentId, accountId, creditsMintedMc, timestampMs}</c>, canonical and signed by the coordinator (economy-and-ledger 1.1, 6.1).</summary>
internal static class PaymentReceipts
{
    /// <summary>Signs one; gives the exact bytes and their signature.</summary>
    public static (byte[] Document, string Signature) Sign(string intentId, string accountId, long mintedMc, long atMs, SigningKey key)
    {
        var document = CanonicalJson.Write(new ReceiptDocument(1, intentId, accountId, mintedMc, atMs), PaymentJson.Default.ReceiptDocument);
        return (document, SignedDocument.SignDetached(DocumentContexts.PaymentReceipt, document, key));
    }
}
