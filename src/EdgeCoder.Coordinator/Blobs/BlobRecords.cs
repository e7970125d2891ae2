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
    public static void Hold(IStoreBatch batch, string sha256, long length, string holder, long nowMs) =>
        batch.TryInsert(new BlobHolderRow { Sha256 = sha256, Holder = holder, Length = length, HeldAtMs = nowMs });

    /// <summary>Whether an account may name a blob in a submission: it holds it. Else a digest learnt from a log would open another's work.</summary>
    public static bool IsHeld(IStoreBatch batch, string sha256, string accountId) =>
        batch.Query("SELECT 1 FROM blob_holders WHERE sha256 = $1 AND holder = $2", row => row.Number(0), sha256, Account(accountId)).Count > 0;
}
