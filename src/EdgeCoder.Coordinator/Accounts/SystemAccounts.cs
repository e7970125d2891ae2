namespace EdgeCoder.Coordinator.Accounts;

/// <summary>What an account of the system is (economy-and-ledger 2).</summary>
/// <param name="Unit">credit or msat.</param>
/// <param name="Kind">peer, system or mint.</param>
/// <param name="MayOwe">Whether its debits may exceed its credits.</param>
/// <param name="NeverGains">Whether its credits may not exceed its debits.</param>
internal readonly record struct AccountNature(string Unit, string Kind, bool MayOwe = false, bool NeverGains = false);

/// <summary>
/// The system's accounts, by their ids: those have a colon, those of people and agents need not. The sources and the counter-accounts of corrections may owe,
/// everybody else may not.
/// </summary>
internal static class SystemAccounts
{
    /// <summary>Where bought credits come from.</summary>
    public const string Purchases = "mint:purchases";

    /// <summary>Where issued credits come from.</summary>
    public const string Issuance = "mint:issuance";

    /// <summary>Where credits for development come from.</summary>
    public const string FaucetMint = "mint:faucet";

    /// <summary>Clears offline work; its balance is 0 after every chain.</summary>
    public const string Offline = "mint:offline";

    /// <summary>Counter-account of corrections of credits.</summary>
    public const string Adjust = "operator:adjust";

    /// <summary>Counter-account of corrections of sats.</summary>
    public const string AdjustSats = "operator:adjust-sats";

    /// <summary>The outside world.</summary>
    public const string SatsExternal = "sats:external";

    /// <summary>Received by a coordinator, net of its fee, not distributed.</summary>
    public static string SatsNet(string peerId) => "sats:net:" + peerId;

    /// <summary>A coordinator's reserve.</summary>
    public static string Reserve(string peerId) => "reserve:" + peerId;

    /// <summary>Owed to a contributor.</summary>
    public static string Payable(string accountId) => "payable:" + accountId;

    /// <summary>What a peer earned here, or owes here up to what an operator allows.</summary>
    public static string Peer(string peerId) => "peer:" + peerId;

    /// <summary>A coordinator's own, from which it pays audits.</summary>
    public static string Operations(string peerId) => "ops:" + peerId;

    /// <summary>What the account of this id is; null when it is not the system's.</summary>
    public static AccountNature? Of(string accountId) => accountId switch
    {
        Purchases or Issuance or FaucetMint or Offline => new("credit", "mint", MayOwe: true, NeverGains: true),
        Adjust => new("credit", "system", MayOwe: true),
        AdjustSats or SatsExternal => new("msat", "system", MayOwe: true),
        _ when Has(accountId, "peer:") => new("credit", "peer"),
        _ when Has(accountId, "ops:") || Has(accountId, "system:") => new("credit", "system"),
        _ when Has(accountId, "sats:net:") || Has(accountId, "reserve:") || Has(accountId, "payable:") || Has(accountId, "coordinator-fee:") => new("msat", "system"),
        _ => null,
    };

    private static bool Has(string id, string prefix) => id.StartsWith(prefix, StringComparison.Ordinal);
}
