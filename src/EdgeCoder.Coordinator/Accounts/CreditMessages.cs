using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Ledger.Offline;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>Answer of <c>GET /credits/:accountId/balance</c>; credits with three decimals, of an account of msat its msat.</summary>
internal sealed record BalanceAnswer(string AccountId, string Unit, decimal Balance, decimal Held, decimal Available);

/// <summary>A line of an account's history, a projection of its transfers.</summary>
internal sealed record HistoryEntry(string TxId, string AccountId, string Type, decimal Credits, string Reason, long TimestampMs, string? RelatedTaskId);

/// <summary>Answer of <c>GET /credits/:accountId/history</c>, newest first.</summary>
internal sealed record HistoryAnswer(string AccountId, IReadOnlyList<HistoryEntry> History);

/// <summary>Body of <c>POST /credits/:accountId/faucet</c>.</summary>
internal sealed record FaucetRequest(JsonElement? Credits, string? TransferId);

/// <summary>Body of <c>POST /credits/:accountId/adjust</c>.</summary>
internal sealed record AdjustRequest(string? TransferId, JsonElement? Credits, string? Direction, string? Reason);

/// <summary>Answer of both.</summary>
internal sealed record CreditedAnswer(HistoryEntry Tx, decimal Balance);

/// <summary>Body of <c>POST /credits/accounts</c>.</summary>
internal sealed record NewAccountRequest(string? AccountId, string? DisplayName, string? OwnerUserId);

/// <summary>Its answer, and that of a registered wallet.</summary>
internal sealed record AccountOk(bool Ok, string AccountId);

/// <summary>Body of <c>POST /credits/accounts/:id/members</c>.</summary>
internal sealed record MemberRequest(string? UserId, string? Role);

/// <summary>An answer without more to say.</summary>
internal sealed record PlainOk(bool Ok);

/// <summary>Body of <c>POST /credits/accounts/:id/agents/link</c>.</summary>
internal sealed record LinkRequest(string? AgentId, string? OwnerUserId, string? MachineLabel);

/// <summary>A link of an agent to the account that is paid.</summary>
internal sealed record LinkedAgent(string AgentId, string AccountId, string OwnerUserId, string? MachineLabel, long CreatedAtMs, long UpdatedAtMs);

/// <summary>Answer of a link.</summary>
internal sealed record LinkAnswer(bool Ok, LinkedAgent Linked);

/// <summary>Answer of <c>GET /credits/accounts/:id/agents</c>.</summary>
internal sealed record AccountAgents(string AccountId, IReadOnlyList<LinkedAgent> Agents);

/// <summary>An account of a person.</summary>
internal sealed record UserAccount(string AccountId, string Role, string? DisplayName, decimal Balance);

/// <summary>Answer of <c>GET /credits/users/:userId/accounts</c>.</summary>
internal sealed record UserAccounts(string UserId, IReadOnlyList<UserAccount> Accounts);

/// <summary>Body of <c>POST /economy/wallets/register</c>, and what is kept of it.</summary>
internal sealed record Wallet
{
    /// <summary>Account.</summary>
    public string? AccountId { get; set; }

    /// <summary>lightning or onchain.</summary>
    public string? WalletType { get; set; }

    /// <summary>bitcoin, testnet or signet.</summary>
    public string? Network { get; set; }

    /// <summary>Extended public key.</summary>
    public string? Xpub { get; set; }

    /// <summary>Public key of a Lightning node.</summary>
    public string? LnNodePubkey { get; set; }

    /// <summary>Where payouts go.</summary>
    public string? PayoutAddress { get; set; }

    /// <summary>Reference to a secret that only its owner can open.</summary>
    public string? EncryptedSecretRef { get; set; }
}

/// <summary>Answer of <c>GET /economy/wallets/:accountId</c>: the one that was registered last.</summary>
internal sealed record WalletAnswer(Wallet Wallet);

/// <summary>A line of the table of all accounts, for operators.</summary>
internal sealed record ListedAccount(string AccountId, string Unit, string Kind, decimal Balance, decimal Held, decimal Available);

/// <summary>Sums over all accounts of a unit; the sum of the balances is 0.</summary>
internal sealed record ListedSum(string Unit, long Accounts, decimal Balances);

/// <summary>Answer of <c>GET /admin/credits</c>; <see cref="Next"/> is where the next page begins.</summary>
internal sealed record AccountTable(IReadOnlyList<ListedAccount> Accounts, IReadOnlyList<ListedSum> Sums, bool Stopped, string? Next);

/// <summary>Body of <c>POST /admin/credits/check</c>.</summary>
internal sealed record CheckRequest(bool? Release);

/// <summary>What an agent earns for whom.</summary>
internal sealed record CatalogAgent(string AgentId, string? OwnerAccountId, LinkedAgent? Ownership, string RewardAccountId, decimal RewardBalance);

/// <summary>Answer of <c>GET /agents/catalog</c>.</summary>
internal sealed record AgentCatalog(IReadOnlyList<CatalogAgent> Agents);

/// <summary>Body of <c>POST /credits/offline-allowances</c>.</summary>
internal sealed record AllowanceRequest(string? AllowanceId, string? RequesterId, string? AccountId, JsonElement? Limit, JsonElement? PerProvider, long? ValidForMs);

/// <summary>An allowance with the exact bytes that the coordinator signed.</summary>
internal sealed record SignedAllowance(OfflineAllowance Document, string Signed, string Signature);

/// <summary>Answer of <c>POST /credits/offline-allowances</c>.</summary>
internal sealed record AllowanceAnswer(bool Ok, SignedAllowance Allowance);

/// <summary>A transaction with the two signatures over its bytes, all in base64.</summary>
internal sealed record SyncedTransaction(string? Body, string? RequesterSignature, string? ProviderSignature);

/// <summary>Body of <c>POST /credits/ble-sync</c>.</summary>
internal sealed record SyncRequest(IReadOnlyList<SyncedTransaction>? Transactions);

/// <summary>Its answer: what the sender may mark as synced, and why the others were left alone.</summary>
internal sealed record SyncAnswer(IReadOnlyList<string> Applied, IReadOnlyList<string> Skipped, int Total, IReadOnlyDictionary<string, string> SkippedReasons);

/// <summary>Messages of credits.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(BalanceAnswer))]
[JsonSerializable(typeof(HistoryAnswer))]
[JsonSerializable(typeof(FaucetRequest))]
[JsonSerializable(typeof(AdjustRequest))]
[JsonSerializable(typeof(CreditedAnswer))]
[JsonSerializable(typeof(NewAccountRequest))]
[JsonSerializable(typeof(AccountOk))]
[JsonSerializable(typeof(MemberRequest))]
[JsonSerializable(typeof(PlainOk))]
[JsonSerializable(typeof(LinkRequest))]
[JsonSerializable(typeof(LinkAnswer))]
[JsonSerializable(typeof(AccountAgents))]
[JsonSerializable(typeof(UserAccounts))]
[JsonSerializable(typeof(Wallet))]
[JsonSerializable(typeof(WalletAnswer))]
[JsonSerializable(typeof(AccountTable))]
[JsonSerializable(typeof(AgentCatalog))]
[JsonSerializable(typeof(BookReport))]
[JsonSerializable(typeof(CheckRequest))]
[JsonSerializable(typeof(AllowanceRequest))]
[JsonSerializable(typeof(AllowanceAnswer))]
[JsonSerializable(typeof(SyncRequest))]
[JsonSerializable(typeof(SyncAnswer))]
internal sealed partial class CreditJson : JsonSerializerContext;
