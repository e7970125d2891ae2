using EdgeCoder.Portal.Changes;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Passkeys;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Roles;

/// <summary>Registration of people, roles and change requests.</summary>
internal static class PeopleServices
{
    /// <summary>Adds them.</summary>
    public static IServiceCollection AddPeople(this IServiceCollection services, PortalSettings settings)
    {
        services.AddSingleton<PeopleDesk>().AddSingleton<ChangeDesk>();
        services.AddSingleton(new StepUpAction(RoleChange.Action)).AddSingleton(new StepUpAction(ChangeDesk.ApproveAction));
        services.AddSingleton(new ChangeAction(
            RoleChange.Action,
            Rights.GovernsPeople,
            (batch, parameters, run) =>
            {
                var change = RoleChange.Read(parameters);
                if (change.FaultOf(batch, settings.Roles) is { } fault)
                {
                    return fault;
                }

                change.Apply(batch, run.By, run.NowMs, run.ChangeId, run.EvidenceRef);
                return null;
            },
            parameters => RoleChange.Read(parameters) is { Grants: true, Role: RoleNames.SystemAdmin } ? "Make a person a system administrator" : "Change a person's role"));
        return services;
    }
}
