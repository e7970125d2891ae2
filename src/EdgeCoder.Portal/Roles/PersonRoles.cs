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
}

/// <summary>Addresses of the settings that give roles to accounts whose current address is one of them and verified.</summary>
/// <param name="SystemAdmins"><c>SYSTEM_ADMIN_EMAILS</c>.</param>
/// <param name="CoordinatorAdmins"><c>COORDINATOR_ADMIN_EMAILS</c>.</param>
/// <param name="CoordinatorReaders"><c>COORDINATOR_OPERATIONS_OWNER_EMAILS</c>.</param>
internal sealed record ConfiguredRoles(IReadOnlySet<string> SystemAdmins, IReadOnlySet<string> CoordinatorAdmins, IReadOnlySet<string> CoordinatorReaders)
{
    /// <summary>None.</summary>
    public static readonly ConfiguredRoles None = new(new HashSet<string>(), new HashSet<string>(), new HashSet<string>());
}

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

    /// <summary>Roles of an account. Without a verified address it has none but that of everybody, whatever was granted or configured (A1).</summary>
    internal static PersonRoles Of(string email, bool verified, IEnumerable<string> granted, ConfiguredRoles configured)
    {
        var names = new List<string> { RoleNames.ApplicationUser };
        if (!verified)
        {
            return new(names, false);
        }

        var roles = granted.ToHashSet(StringComparer.Ordinal);
        if (roles.Contains(RoleNames.NodeContributor))
        {
            names.Add(RoleNames.NodeContributor);
        }

        var admin = roles.Contains(RoleNames.SystemAdmin) || configured.SystemAdmins.Contains(email);
        var writes = roles.Contains(RoleNames.CoordinatorOwner) || configured.CoordinatorAdmins.Contains(email);
        if (writes || configured.CoordinatorReaders.Contains(email))
        {
            names.Add(RoleNames.CoordinatorOwner);
        }

        if (admin)
        {
            names.Add(RoleNames.SystemAdmin);
        }

        return new(names, writes || admin);
    }
}
