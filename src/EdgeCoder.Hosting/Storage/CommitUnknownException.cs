namespace EdgeCoder.Hosting.Storage;

/// <summary>The connection broke during COMMIT: only the server knows whether it took place.</summary>
internal sealed class CommitUnknownException(string transaction, Exception cause) : Exception("The connection broke during a commit.", cause)
{
    /// <summary>The server's id of the transaction.</summary>
    public string Transaction { get; } = transaction;
}
