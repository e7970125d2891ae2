using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Credentials;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>
/// Opens an account with an API key, or gives an account a further key. Account, credits, key and what the audit says of it are there together or not at
/// all; the text of the key is shown once and kept nowhere.
/// </summary>
internal sealed class AccountOpening(IStoreWriter writer, AccountOptions options, TimeProvider time)
{
    private const decimal MostCredits = 10_000m;
    private const string FirstKey = "first";

    /// <summary>
    /// Opens it. Refuses with 400 <c>validation_failed</c>, 403 <c>faucet_disabled</c>, 409 <c>account_exists</c> (credits are for new accounts), 409
    /// <c>account_reserved</c> (the system's).
    /// </summary>
    public async Task<AccountAnswer> OpenAsync(AccountRequest request, Caller caller, string address, CancellationToken cancellationToken)
    {
        var (accountId, keyName) = (request.AccountId!, request.ApiKeyName ?? FirstKey);
        Check(request, keyName);
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var key = await writer.WriteAsync(batch => Open(batch, accountId, keyName, request.Credits, caller, address, nowMs), cancellationToken).ConfigureAwait(false);
        return new(accountId, key);
    }

    private void Check(AccountRequest request, string keyName)
    {
        List<FieldIssue> issues = [];
        FieldRules.Require(
            issues, ClientId.IsValid(request.AccountId) && !request.AccountId!.Contains(':', StringComparison.Ordinal) && request.AccountId != "anonymous", "accountId", "an id as acct-team, without colons, and not anonymous");
        FieldRules.Require(issues, ClientId.IsValid(keyName), "apiKeyName", FieldRules.IdRule);
        FieldRules.Require(
            issues, request.Credits is not { } wanted || (wanted is > 0 and <= MostCredits && decimal.Truncate(wanted * 1000m) == wanted * 1000m), "credits", "more than 0, at most 10000, with at most three decimals");
        FieldRules.ThrowIfAny(issues);
        if (request.Credits is not null && !options.Faucet)
        {
            throw new Refusal(403, "faucet_disabled", "Credits from nowhere are for development: leave credits out, or set FAUCET_ENABLED=true on a coordinator that is not in production.");
        }
    }

    private static string Open(IStoreBatch batch, string accountId, string keyName, decimal? credits, Caller caller, string address, long nowMs)
    {
        if (batch.Query("SELECT kind FROM accounts WHERE account_id = $1", row => row.Text(0), accountId) is [var kind])
        {
            if (kind is not ("user" or "agent"))
            {
                throw new Refusal(409, "account_reserved", "This account belongs to the system. Choose another id.");
            }

            if (credits is not null)
            {
                throw new Refusal(409, "account_exists", "The account is open already, and the faucet gives to new ones only. Leave credits out to make a further key.");
            }
        }

        TransferBook.Open(batch, accountId, "user", nowMs);
        if (credits is { } given)
        {
            Faucet.Give(batch, accountId, decimal.ToInt64(given * 1000m), caller.Name, nowMs);
        }

        // The use of the operator's token is audited before; this says what came of it.
        batch.Insert(new AdminAuditRow
        {
            Id = Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(nowMs)).ToString(),
            AtMs = nowMs,
            Kind = caller.Kind,
            Name = caller.Name,
            Method = "POST",
            Path = $"/admin/accounts/{accountId}/keys/{keyName}",
            Address = address,
        });
        return IssuedSecret.ApiKey(batch, keyName, accountId, [], nowMs);
    }
}
