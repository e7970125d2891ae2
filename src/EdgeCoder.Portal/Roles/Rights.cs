using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Sessions;

namespace EdgeCoder.Portal.Roles;

/// <summary>
/// Who may see and do what (portal-and-control-plane 8.1), in one place for pages, JSON and programs. It is asked with the person of the request, whose roles were read from the store for this
/// request; a list and the action on its rows ask with the same method.
/// </summary>
internal static class Rights
{
    /// <summary>Whether users, roles, tokens and policies are this person's to change.</summary>
    public static bool GovernsPeople(PersonRoles roles) => roles.IsSystemAdmin;

    /// <summary>Whether operations of a coordinator may be seen.</summary>
    /// <param name="roles">Roles of the person.</param>
    /// <param name="coordinatorId">Which.</param>
    /// <param name="homeId">Id of the home coordinator; null while it is unknown: then nobody has it by configuration.</param>
    public static bool SeesCoordinator(PersonRoles roles, string coordinatorId, string? homeId) => roles.IsSystemAdmin || Covers(roles.Sees, coordinatorId, homeId);

    /// <summary>Whether a coordinator, and the agents attached to it, may be operated.</summary>
    public static bool OperatesCoordinator(PersonRoles roles, string coordinatorId, string? homeId) => roles.IsSystemAdmin || Covers(roles.Operates, coordinatorId, homeId);

    /// <summary>Whether a coordinator itself may be approved, revoked or isolated.</summary>
    public static bool GovernsCoordinators(PersonRoles roles) => roles.IsSystemAdmin;

    /// <summary>Throws 403 <c>coordinator_operations_forbidden</c> for who operates nothing, 403 <c>node_out_of_scope</c> for who does not operate this node's coordinator.</summary>
    public static void RequireNode(SignedIn person, string coordinatorId, string? homeId)
    {
        if (!person.Roles.IsCoordinatorAdmin)
        {
            throw new Refusal(403, "coordinator_operations_forbidden", "This is for who operates coordinators. Ask a system administrator for the role.");
        }

        if (!OperatesCoordinator(person.Roles, coordinatorId, homeId))
        {
            throw new Refusal(403, "node_out_of_scope", "This node belongs to a coordinator that you do not operate.");
        }
    }

    /// <summary>Rows of the audit log that a person may see: all, or their own and those about coordinators they see.</summary>
    public static AuditScope Audit(SignedIn person) => person.Roles.IsSystemAdmin
        ? AuditScope.Everything
        : new(person.Actor, [.. person.Roles.Sees.Where(scope => scope != RoleNames.HomeScope).Select(scope => "coordinator:" + scope)]);

    private static bool Covers(IReadOnlyList<string> scopes, string coordinatorId, string? homeId) =>
        scopes.Contains(coordinatorId, StringComparer.Ordinal) || (coordinatorId == homeId && scopes.Contains(RoleNames.HomeScope, StringComparer.Ordinal));
}
