using EdgeCoder.Portal.Credits;
using EdgeCoder.Portal.Dashboards;
using EdgeCoder.Portal.Escalations;
using EdgeCoder.Portal.Events;
using EdgeCoder.Portal.Reviews;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Tasks;

/// <summary>Registration of what people do with tasks: tasks, live changes, reviews, escalations, credits.</summary>
internal static class WorkServices
{
    /// <summary>Adds it. Needs the store and the home coordinator.</summary>
    public static IServiceCollection AddWork(this IServiceCollection services) => services
        .AddSingleton<TaskDesk>().AddSingleton<TaskPages>()
        .AddSingleton<LiveBus>().AddSingleton<TaskFollowing>()
        .AddSingleton<ReviewStore>().AddSingleton<ReviewDesk>()
        .AddSingleton<HelpConsents>().AddSingleton<EscalationDesk>()
        .AddSingleton<CreditDesk>();

    /// <summary>Maps its routes and pages.</summary>
    public static void MapWork(this IEndpointRouteBuilder routes)
    {
        routes.MapTasks();
        routes.MapReviews();
        routes.MapEscalations();
        routes.MapCredits();
        routes.MapDashboard();
        routes.MapLiveEvents();
    }
}
