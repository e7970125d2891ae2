using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Portal.Roles;

/// <summary>
/// System-admins who can act: verified, enabled, not about to be deleted, with a password or a passkey (portal-and-control-plane 8.2). Asked inside the transaction that takes one away; the store's
/// transactions are serialised, so of two that take away the last two only one gets through (A2).
/// </summary>
internal static class Administrators
{
    private const string Able =
        "accounts.email_verified_at_ms IS NOT NULL AND accounts.disabled_at_ms IS NULL AND accounts.delete_at_ms IS NULL "
        + "AND (accounts.password_hash IS NOT NULL OR EXISTS (SELECT 1 FROM passkeys WHERE passkeys.account_id = accounts.id))";

    /// <summary>Their ids, by grant and by configuration, in order.</summary>
    public static IReadOnlyList<string> Of(IStoreBatch batch, ConfiguredRoles configured)
    {
        var ids = batch.Query($"SELECT accounts.id FROM accounts JOIN role_grants ON role_grants.account_id = accounts.id WHERE role_grants.role = $1 AND {Able}", row => row.Text(0), RoleNames.SystemAdmin);
        foreach (var email in configured.SystemAdmins)
        {
            ids.AddRange(batch.Query($"SELECT accounts.id FROM accounts WHERE accounts.email = $1 AND {Able}", row => row.Text(0), email));
        }

        return [.. ids.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>Throws 409 <c>last_admin</c> when nobody but this account administers the portal.</summary>
    public static void RequireAnother(IStoreBatch batch, ConfiguredRoles configured, string accountId)
    {
        if (Of(batch, configured) is [var only] && only == accountId)
        {
            throw LastAdmin();
        }
    }

    /// <summary>Throws 409 <c>last_admin</c> when what was just written leaves nobody: called last in a transaction that changes whether somebody administers in a way that is not to be foreseen.</summary>
    public static void RequireOne(IStoreBatch batch, ConfiguredRoles configured)
    {
        if (Of(batch, configured).Count == 0)
        {
            throw LastAdmin();
        }
    }

    private static Refusal LastAdmin() => new(409, "last_admin", "Nobody else administers this portal. Give the role to another person first.");
}
