using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>
/// Who may do what with an account (economy-and-ledger 4). Operators may everything; a key of the account reads and spends; a person whom the portal names has the
/// role of the membership; the portal or a service for itself reads.
/// </summary>
internal static class AccountAccess
{
    // What the portal is called when it names nobody.
    private const string Portal = "portal";

    /// <summary>Throws <see cref="Refusal"/> 404 <c>account_not_found</c> or 403 <c>account_forbidden</c> unless the caller has a role, or is a service where <paramref name="services"/> may.</summary>
    public static void Require(IStoreBatch batch, Caller caller, string accountId, AccountRole least, bool services)
    {
        if (batch.Query("SELECT kind FROM accounts WHERE account_id = $1", row => row.Text(0), accountId) is not [_])
        {
            throw new Refusal(404, "account_not_found", "The account does not exist here. Name one of your accounts.");
        }

        var allowed = caller.Kind switch
        {
            CallerKinds.Operator => true,
            CallerKinds.MeshService => services,
            CallerKinds.PortalService when caller.Name == Portal => services,
            CallerKinds.PortalService => RoleOf(batch, accountId, caller.Name) >= least,
            _ => least == AccountRole.Member && caller.Accounts.Contains(accountId, StringComparer.Ordinal),
        };
        if (!allowed)
        {
            throw new Refusal(403, "account_forbidden", least switch
            {
                AccountRole.Owner => "Only an owner of this account may do this.",
                AccountRole.Admin => "Only an owner or admin of this account may do this.",
                _ => "This credential does not belong to that account. Use one of its own accounts.",
            });
        }
    }

    /// <summary>The role of a person; null when there is none.</summary>
    public static AccountRole? RoleOf(IStoreBatch batch, string accountId, string userId) =>
        batch.Query("SELECT role FROM account_memberships WHERE account_id = $1 AND user_id = $2", row => (AccountRole?)row.Enum<AccountRole>(0), accountId, userId) is [var role] ? role : null;

    /// <summary>Whether the portal speaks for a person.</summary>
    public static bool IsPerson(Caller caller) => caller.Kind == CallerKinds.PortalService && caller.Name != Portal;
}
