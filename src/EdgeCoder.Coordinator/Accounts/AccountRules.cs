using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>Accounts of people: opening them, their members, their wallets (economy-and-ledger 4). In the transaction of the request.</summary>
internal static class AccountRules
{
    /// <summary>Opens an account with its owner; opening it again with the same owner changes nothing. Throws 409 <c>account_exists</c>, 409 <c>account_reserved</c>.</summary>
    public static AccountOk Open(IStoreBatch batch, NewAccountRequest request, long nowMs)
    {
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, ClientId.IsValid(request.AccountId) && request.AccountId != "anonymous", "accountId", "an id as acct-team, and not anonymous");
        FieldRules.Require(issues, FieldRules.Length(request.DisplayName?.Trim(), 2, 120), "displayName", "2 to 120 characters");
        FieldRules.Require(issues, IsUser(request.OwnerUserId), "ownerUserId", UserRule);
        FieldRules.ThrowIfAny(issues);
        var (accountId, owner) = (request.AccountId!, request.OwnerUserId!);
        if (accountId.Contains(':', StringComparison.Ordinal))
        {
            throw new Refusal(409, "account_reserved", "Ids with a colon belong to the system. Choose another id.");
        }

        if (!batch.TryInsert(new AccountRow { AccountId = accountId, Kind = "user", DisplayName = request.DisplayName!.Trim(), OwnerUserId = owner, CreatedAtMs = nowMs })
            && batch.Query("SELECT owner_user_id FROM accounts WHERE account_id = $1", row => row.TextOrNull(0), accountId)[0] != owner)
        {
            throw new Refusal(409, "account_exists", "An account with this id is open already. Choose another id.");
        }

        Join(batch, accountId, owner, AccountRole.Owner, nowMs);
        return new(true, accountId);
    }

    /// <summary>Adds a person or gives another role. Only an owner makes or changes an owner, and an account keeps one: 403 <c>account_forbidden</c>, 409 <c>last_owner</c>.</summary>
    public static PlainOk AddMember(IStoreBatch batch, string accountId, MemberRequest request, Caller caller, long nowMs)
    {
        AccountAccess.Require(batch, caller, accountId, AccountRole.Admin, services: false);
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, IsUser(request.UserId), "userId", UserRule);
        FieldRules.Require(issues, request.Role is null or "owner" or "admin" or "member", "role", "owner, admin or member");
        FieldRules.ThrowIfAny(issues);
        var role = EnumText.Parse<AccountRole>(request.Role ?? "member");
        var before = AccountAccess.RoleOf(batch, accountId, request.UserId!);
        if (role == AccountRole.Owner || before == AccountRole.Owner)
        {
            AccountAccess.Require(batch, caller, accountId, AccountRole.Owner, services: false);
        }

        if (before == AccountRole.Owner && role != AccountRole.Owner
            && batch.Query("SELECT COUNT(*) FROM account_memberships WHERE account_id = $1 AND role = 'owner'", row => row.Number(0), accountId)[0] == 1)
        {
            throw new Refusal(409, "last_owner", "An account keeps an owner. Make somebody else an owner first.");
        }

        Join(batch, accountId, request.UserId!, role, nowMs);
        return new(true);
    }

    /// <summary>Registers a wallet, or changes one of the same type and network. Owners and operators only.</summary>
    public static AccountOk RegisterWallet(IStoreBatch batch, Wallet wallet, Caller caller, long nowMs)
    {
        List<FieldIssue> issues = [];
        var network = wallet.Network ?? "signet";
        FieldRules.Require(issues, ClientId.IsValid(wallet.AccountId), "accountId", FieldRules.IdRule);
        FieldRules.Require(issues, wallet.WalletType is "lightning" or "onchain", "walletType", "lightning or onchain");
        FieldRules.Require(issues, network is "bitcoin" or "testnet" or "signet", "network", "bitcoin, testnet or signet");
        foreach (var (text, name) in new[] { (wallet.Xpub, "xpub"), (wallet.LnNodePubkey, "lnNodePubkey"), (wallet.PayoutAddress, "payoutAddress"), (wallet.EncryptedSecretRef, "encryptedSecretRef") })
        {
            FieldRules.Require(issues, text is null || (text.Length is > 0 and <= 512 && text.All(char.IsAscii)), name, "1 to 512 ASCII characters");
        }

        FieldRules.Require(issues, wallet.LnNodePubkey is not { } key || (key.Length == 66 && key.AsSpan().IndexOfAnyExcept("0123456789abcdef") < 0), "lnNodePubkey", "66 lower-case hex digits");
        FieldRules.ThrowIfAny(issues);
        AccountAccess.Require(batch, caller, wallet.AccountId!, AccountRole.Owner, services: false);
        batch.Execute(
            """
            INSERT INTO wallet_accounts (account_id, wallet_type, network, xpub, ln_node_pubkey, payout_address, encrypted_secret_ref, updated_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (account_id, wallet_type, network) DO UPDATE SET xpub = excluded.xpub, ln_node_pubkey = excluded.ln_node_pubkey, payout_address = excluded.payout_address,
              encrypted_secret_ref = excluded.encrypted_secret_ref, updated_at_ms = excluded.updated_at_ms
            """,
            wallet.AccountId, wallet.WalletType, network, wallet.Xpub, wallet.LnNodePubkey, wallet.PayoutAddress, wallet.EncryptedSecretRef, nowMs);
        return new(true, wallet.AccountId!);
    }

    /// <summary>The wallets of an account, the one that was changed last first.</summary>
    public static List<Wallet> Wallets(IStoreBatch batch, string accountId) => batch.Query(
        "SELECT wallet_type, network, xpub, ln_node_pubkey, payout_address, encrypted_secret_ref FROM wallet_accounts WHERE account_id = $1 ORDER BY updated_at_ms DESC, wallet_type, network",
        row => new Wallet
        {
            AccountId = accountId,
            WalletType = row.Text(0),
            Network = row.Text(1),
            Xpub = row.TextOrNull(2),
            LnNodePubkey = row.TextOrNull(3),
            PayoutAddress = row.TextOrNull(4),
            EncryptedSecretRef = row.TextOrNull(5),
        },
        accountId);

    /// <summary>The accounts of a person.</summary>
    public static UserAccounts Of(IStoreBatch batch, string userId) => new(userId, batch.Query(
        "SELECT a.account_id, m.role, a.display_name, a.credits_posted - a.debits_posted, a.unit FROM account_memberships m JOIN accounts a ON a.account_id = m.account_id WHERE m.user_id = $1 ORDER BY a.account_id",
        row => new UserAccount(row.Text(0), row.Text(1), row.TextOrNull(2), AccountReads.Shown(row.Number(3), row.Text(4))), userId));

    internal const string UserRule = "2 to 128 letters, digits, dots, underscores, colons or hyphens";

    /// <summary>Whether a text is an id of a person: never an e-mail address.</summary>
    internal static bool IsUser(string? text) => text is { Length: >= 2 and <= 128 } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-');

    private static void Join(IStoreBatch batch, string accountId, string userId, AccountRole role, long nowMs)
    {
        if (!batch.TryInsert(new AccountMembershipRow { AccountId = accountId, UserId = userId, Role = role, CreatedAtMs = nowMs }))
        {
            batch.Execute("UPDATE account_memberships SET role = $3 WHERE account_id = $1 AND user_id = $2", accountId, userId, EnumText.Of(role));
        }
    }
}
