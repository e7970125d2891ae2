using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Blobs;

/// <summary>Who holds which blob.</summary>
internal static class BlobRecords
{
    /// <summary>Name of an account as a holder.</summary>
    public static string Account(string accountId) => "account:" + accountId;

    /// <summary>Name of an agent as a holder.</summary>
    public static string Agent(string agentId) => "agent:" + agentId;

    /// <summary>Notes that an account holds a blob: it sent it, or the coordinator made it for a task of the account (a snapshot, a merged patch, a log).</summary>
    public static void Hold(IStoreBatch batch, string sha256, long length, string holder, long nowMs)
    {
        if (!batch.TryInsert(new BlobHolderRow { Sha256 = sha256, Holder = holder, Length = length, HeldAtMs = nowMs }))
        {
            Renew(batch, sha256, holder, nowMs);
        }
    }

    /// <summary>
    /// Whether an account may name a blob in a submission: it holds it. Else a digest learnt from a log would open another's work. What is named is kept from now on.
    /// </summary>
    public static bool Use(IStoreBatch batch, string sha256, string accountId, long nowMs) => Renew(batch, sha256, Account(accountId), nowMs);

    /// <summary>Bytes that somebody holds beside a blob.</summary>
    public static long HeldBeside(IStoreBatch batch, string sha256, string holder) =>
        batch.Query("SELECT length FROM blob_holders WHERE holder = $1 AND sha256 <> $2", row => row.Number(0), holder, sha256).Sum();

    private static bool Renew(IStoreBatch batch, string sha256, string holder, long nowMs) =>
        batch.Execute("UPDATE blob_holders SET held_at_ms = $1 WHERE sha256 = $2 AND holder = $3", nowMs, sha256, holder) > 0;
}
