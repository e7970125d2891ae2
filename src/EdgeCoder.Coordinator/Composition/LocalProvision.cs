using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Composition;

/// <summary>
/// What a coordinator on loopback gives the person whose machine it is, once: an account with credits of the development faucet.
/// </summary>
internal static class LocalProvision
{
    /// <summary>Credits that the account begins with, in millicredits: enough to hold thousands of tasks at once, each at its whole budget.</summary>
    public const long FirstCreditsMc = 1_000_000_000;

    /// <summary>Opens the account. Doing it again changes nothing.</summary>
    public static void Open(IStoreBatch batch, string accountId, long nowMs)
    {
        TransferBook.Open(batch, accountId, "user", nowMs);
        Faucet.Give(batch, accountId, FirstCreditsMc, "local", nowMs);
    }
}
