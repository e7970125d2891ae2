using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Sessions;

namespace EdgeCoder.Portal.Roles;

/// <summary>A grant or the revocation of a role (portal-and-control-plane 8.2).</summary>
/// <param name="AccountId">Of whom.</param>
/// <param name="Grants">Whether it is granted.</param>
/// <param name="Role"><see cref="RoleNames.CoordinatorOwner"/> or <see cref="RoleNames.SystemAdmin"/>; others come by themselves.</param>
/// <param name="CoordinatorIds">For which coordinators; empty for a system-admin.</param>
internal sealed record RoleChange(string AccountId, bool Grants, string Role, IReadOnlyList<string> CoordinatorIds)
{
    /// <summary>Name of the action that a passkey confirms, and of its change request.</summary>
    public const string Action = "role.change";

    /// <summary>Whether it makes a system-admin.</summary>
    public bool MakesAdmin => Grants && Role == RoleNames.SystemAdmin;

    /// <summary>What a passkey confirms.</summary>
    public JsonObject Parameters
    {
        get
        {
            var parameters = new JsonObject { ["userId"] = AccountId, [Grants ? "grant" : "revoke"] = Role };
            if (CoordinatorIds.Count > 0)
            {
                parameters["coordinatorIds"] = new JsonArray([.. CoordinatorIds.Select(id => JsonValue.Create(id))]);
            }

            return parameters;
        }
    }

    /// <summary>Of the parameters that were kept.</summary>
    public static RoleChange Read(JsonElement parameters)
    {
        var grants = parameters.TryGetProperty("grant", out var role);
        return new(
            parameters.GetProperty("userId").GetString()!, grants, (grants ? role : parameters.GetProperty("revoke")).GetString()!,
            parameters.TryGetProperty("coordinatorIds", out var ids) ? [.. ids.EnumerateArray().Select(id => id.GetString()!)] : []);
    }

    /// <summary>Code of why it cannot be done now; null when it can. Looks, and changes nothing.</summary>
    public string? FaultOf(IStoreBatch batch, ConfiguredRoles configured) =>
        StoredPerson.Find(batch, AccountId, configured) is not { } person ? "user_not_found"
        : Grants && !person.Verified ? "email_unverified"
        : Grants && !person.Enabled ? "user_disabled"
        : person.Roles.ByConfiguration.Contains(Role) && (Grants || CoordinatorIds.Count == 0) ? "role_managed_by_configuration"
        : !Grants && Role == RoleNames.SystemAdmin && Administrators.Of(batch, configured) is [var only] && only == AccountId ? "last_admin"
        : null;

    /// <summary>Does it: the rows, the audit log, and the end of the person's sessions, so that nobody goes on with a key from before (5.3). What is so already changes nothing.</summary>
    public void Apply(IStoreBatch batch, AuditSource by, long nowMs, string? changeId, string? evidenceRef)
    {
        var changed = Grants
            ? Scopes().Count(scope => batch.TryInsert(new RoleGrantRow { AccountId = AccountId, Role = Role, Scope = scope, GrantedBy = by.Actor, GrantedAtMs = nowMs }))
            : CoordinatorIds.Count == 0
                ? batch.Execute("DELETE FROM role_grants WHERE account_id = $1 AND role = $2", AccountId, Role)
                : CoordinatorIds.Sum(id => batch.Execute("DELETE FROM role_grants WHERE account_id = $1 AND role = $2 AND scope = $3", AccountId, Role, id));
        if (changed == 0)
        {
            return;
        }

        var said = Parameters;
        said.Remove("userId");
        AuditLog.Append(batch, by, Grants ? "role.granted" : "role.revoked", "user:" + AccountId, nowMs, Grants ? null : said, Grants ? said : null, changeId: changeId, evidenceRef: evidenceRef);
        SessionStore.EndAll(batch, by, AccountId, "", nowMs);
    }

    private IEnumerable<string> Scopes() => CoordinatorIds.Count == 0 ? [""] : CoordinatorIds;
}
