namespace EdgeCoder.Inference.Catalogue;

/// <summary>How far a download or copy is, over the whole artefact.</summary>
/// <param name="ModelId">The model.</param>
/// <param name="Status">What is being done, for a person: <c>checking</c>, <c>downloading</c>, <c>verifying</c>, <c>done</c>, or the server's own word.</param>
/// <param name="CompletedBytes">Bytes that are here, those of an earlier try included.</param>
/// <param name="TotalBytes">Bytes of the whole; absent until known.</param>
public sealed record TransferProgress(string ModelId, string Status, long CompletedBytes, long? TotalBytes)
{
    /// <summary>0–100, whole; absent until the total is known.</summary>
    public int? Percent => TotalBytes is > 0 and var total ? (int)Math.Clamp(100.0 * CompletedBytes / total, 0, 100) : null;
}
