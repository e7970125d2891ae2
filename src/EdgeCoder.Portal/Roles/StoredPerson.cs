using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Portal.Roles;

/// <summary>A person and their roles, read inside a transaction.</summary>
/// <param name="Id">Account.</param>
/// <param name="Email">Address.</param>
/// <param name="Verified">Whether it is confirmed.</param>
/// <param name="Enabled">Whether the account is neither disabled nor about to be deleted.</param>
/// <param name="Roles">What they may do.</param>
internal sealed record StoredPerson(string Id, string Email, bool Verified, bool Enabled, PersonRoles Roles)
{
    /// <summary>Reads one; null when there is none.</summary>
    public static StoredPerson? Find(IStoreBatch batch, string accountId, ConfiguredRoles configured)
    {
        var found = batch.Query(
            "SELECT email, email_verified_at_ms, disabled_at_ms, delete_at_ms FROM accounts WHERE id = $1", row => (Email: row.Text(0), Verified: !row.IsNull(1), Enabled: row.IsNull(2) && row.IsNull(3)), accountId);
        if (found is not [var account])
        {
            return null;
        }

        var grants = batch.Query("SELECT role, scope FROM role_grants WHERE account_id = $1", row => new GrantedRole(row.Text(0), row.Text(1)), accountId);
        return new(accountId, account.Email, account.Verified, account.Enabled, PersonRoles.Of(account.Email, account.Verified, grants, configured));
    }
}
