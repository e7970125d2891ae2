namespace EdgeCoder.Portal.Roles;

/// <summary>Names of the roles (portal-and-control-plane 8).</summary>
internal static class RoleNames
{
    /// <summary>Everybody.</summary>
    public const string ApplicationUser = "application-user";

    /// <summary>Has enrolled a node.</summary>
    public const string NodeContributor = "node-contributor";

    /// <summary>Operates coordinators that are named.</summary>
    public const string CoordinatorOwner = "coordinator-owner";

    /// <summary>Operates everything.</summary>
    public const string SystemAdmin = "system-admin";

    /// <summary>Scope of a role that settings give for the home coordinator, whatever its id is. No id has this form.</summary>
    public const string HomeScope = "(home)";
}

/// <summary>Addresses of the settings that give roles to accounts whose current address is one of them and verified.</summary>
/// <param name="SystemAdmins"><c>SYSTEM_ADMIN_EMAILS</c>.</param>
/// <param name="CoordinatorAdmins"><c>COORDINATOR_ADMIN_EMAILS</c>.</param>
/// <param name="CoordinatorReaders"><c>COORDINATOR_OPERATIONS_OWNER_EMAILS</c>.</param>
internal sealed record ConfiguredRoles(IReadOnlySet<string> SystemAdmins, IReadOnlySet<string> CoordinatorAdmins, IReadOnlySet<string> CoordinatorReaders)
{
    /// <summary>None.</summary>
    public static readonly ConfiguredRoles None = new(new HashSet<string>(), new HashSet<string>(), new HashSet<string>());

    /// <summary>What settings give an address, one word each: <c>admin</c>, <c>owner</c>, <c>reader</c>.</summary>
    public IReadOnlyList<string> Of(string email) =>
        [.. new[] { (SystemAdmins, "admin"), (CoordinatorAdmins, "owner"), (CoordinatorReaders, "reader") }.Where(one => one.Item1.Contains(email)).Select(one => one.Item2)];
}

/// <summary>A role that was granted.</summary>
/// <param name="Role">Its name.</param>
/// <param name="Scope">For which coordinator; empty where the role has no bounds.</param>
internal readonly record struct GrantedRole(string Role, string Scope);

/// <summary>What a person may do now: of grants and settings, read at each request and kept nowhere.</summary>
/// <param name="Names">In order of rising rights.</param>
/// <param name="IsCoordinatorAdmin">Whether coordinators may be changed, not only seen.</param>
public sealed record PersonRoles(IReadOnlyList<string> Names, bool IsCoordinatorAdmin)
{
    /// <summary>Operates everything.</summary>
    public bool IsSystemAdmin => Names.Contains(RoleNames.SystemAdmin);

    /// <summary>Sees the operations of coordinators.</summary>
    public bool IsCoordinatorOwner => Names.Contains(RoleNames.CoordinatorOwner);

    /// <summary>Has enrolled a node.</summary>
    public bool IsNodeContributor => Names.Contains(RoleNames.NodeContributor);

    /// <summary>Coordinators that the person operates, by id; <see cref="RoleNames.HomeScope"/> is the home coordinator. A system-admin operates all without being named here.</summary>
    public IReadOnlyList<string> Operates { get; init; } = [];

    /// <summary>Coordinators that the person sees: those, and the home coordinator of a read-only view.</summary>
    public IReadOnlyList<string> Sees { get; init; } = [];

    /// <summary>Names of roles that settings give, which no page can take away.</summary>
    public IReadOnlyList<string> ByConfiguration { get; init; } = [];

    /// <summary>Roles of an account. Without a verified address it has none but that of everybody, whatever was granted or configured (A1).</summary>
    internal static PersonRoles Of(string email, bool verified, IReadOnlyCollection<GrantedRole> granted, ConfiguredRoles configured)
    {
        var names = new List<string> { RoleNames.ApplicationUser };
        if (!verified)
        {
            return new(names, false);
        }

        if (granted.Any(grant => grant.Role == RoleNames.NodeContributor))
        {
            names.Add(RoleNames.NodeContributor);
        }

        List<string> operates = [.. granted.Where(grant => grant.Role == RoleNames.CoordinatorOwner).Select(grant => grant.Scope).Order(StringComparer.Ordinal)];
        var byConfiguration = new List<string>();
        if (configured.CoordinatorAdmins.Contains(email))
        {
            operates.Add(RoleNames.HomeScope);
        }

        List<string> sees = [.. operates];
        if (configured.CoordinatorReaders.Contains(email) && !sees.Contains(RoleNames.HomeScope))
        {
            sees.Add(RoleNames.HomeScope);
        }

        if (sees.Count > 0)
        {
            names.Add(RoleNames.CoordinatorOwner);
        }

        if (sees.Contains(RoleNames.HomeScope))
        {
            byConfiguration.Add(RoleNames.CoordinatorOwner);
        }

        if (configured.SystemAdmins.Contains(email))
        {
            byConfiguration.Add(RoleNames.SystemAdmin);
        }

        var admin = configured.SystemAdmins.Contains(email) || granted.Any(grant => grant.Role == RoleNames.SystemAdmin);
        if (admin)
        {
            names.Add(RoleNames.SystemAdmin);
        }

        return new(names, operates.Count > 0 || admin) { Operates = operates, Sees = sees, ByConfiguration = byConfiguration };
    }
}
