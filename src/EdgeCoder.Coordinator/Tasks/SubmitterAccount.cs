using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol.Identifiers;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>For which account a caller acts (coordinator-and-mesh 2.3, economy-and-ledger 3.3). Leaving it out never makes work free.</summary>
internal static class SubmitterAccount
{
    private const CallerKinds Others = CallerKinds.Operator | CallerKinds.MeshService;

    /// <summary>The account that pays, or 401 <c>account_required</c>, 403 <c>account_forbidden</c>.</summary>
    public static string Of(string? named, Caller caller)
    {
        var account = named ?? (caller.Accounts is [var only] ? only : null);
        if (account is null or "" or "anonymous" || !ClientId.IsValid(account))
        {
            throw new Refusal(401, "account_required", "Name the account that pays in submitterAccountId. Only work that never leaves the machine is anonymous.");
        }

        if ((caller.Kind & Others) == 0 && !caller.Accounts.Contains(account, StringComparer.Ordinal))
        {
            throw new Refusal(403, "account_forbidden", "This credential does not belong to that account. Use one of its own accounts.");
        }

        return account;
    }

    /// <summary>403 <c>tenant_forbidden</c> unless the caller is a member.</summary>
    public static void CheckTenant(string? tenantId, Caller caller)
    {
        if (tenantId is not null && (caller.Kind & Others) == 0 && !caller.Tenants.Contains(tenantId, StringComparer.Ordinal))
        {
            throw new Refusal(403, "tenant_forbidden", "This account is no member of that tenant. Leave tenantId out or ask its administrator.");
        }
    }

    /// <summary>Whether a caller acts for any account.</summary>
    public static bool ForOthers(Caller caller) => (caller.Kind & Others) != 0;

    /// <summary>Whether a caller may see a task of an account.</summary>
    public static bool Sees(Caller caller, string accountId) => (caller.Kind & Others) != 0 || caller.Accounts.Contains(accountId, StringComparer.Ordinal);
}
