using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Coordinators;
using EdgeCoder.Portal.Credits;
using EdgeCoder.Portal.Escalations;
using EdgeCoder.Portal.Mail;
using EdgeCoder.Portal.Pages;
using EdgeCoder.Portal.Reviews;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Tasks;
using EdgeCoder.Portal.Web;
using EdgeCoder.Protocol.Tasks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Dashboards;

/// <summary>The first page after sign-in, and its JSON (portal-and-control-plane 11, 18). Every part fails alone.</summary>
internal static class DashboardEndpoints
{
    private const int MostTasks = 50;
    private const int MostLines = 5;

    /// <summary>Maps them.</summary>
    public static void MapDashboard(this IEndpointRouteBuilder routes)
    {
        routes.MapQuery("/dashboard/summary", Access.Person, async context =>
        {
            var person = context.RequiredPerson();
            return new()
            {
                ["user"] = new JsonObject { ["userId"] = person.AccountId, ["email"] = person.Email, ["emailVerified"] = person.EmailVerified, ["uiTheme"] = person.Theme },
                ["nodes"] = new JsonArray(),
                ["walletSnapshot"] = await WalletSnapshot.ReadAsync(context.RequestServices.GetRequiredService<CreditDesk>(), person, context.RequestAborted).ConfigureAwait(false),
            };
        });
        routes.MapPage("/portal/dashboard", Access.Person, PageAsync);
    }

    private static async Task<IResult> PageAsync(HttpContext context)
    {
        var (view, stop, services) = (PageResults.View(context), context.RequestAborted, context.RequestServices);
        var person = view.Person!;
        var (tasks, credits) = (services.GetRequiredService<TaskDesk>(), services.GetRequiredService<CreditDesk>());
        var listed = TryAsync(async () => TaskDesk.Tasks(await tasks.ListAsync(person, null, null, MostTasks, stop).ConfigureAwait(false)));
        var balance = TryAsync(() => credits.BalanceAsync(person, stop));
        var history = TryAsync(() => credits.HistoryAsync(person, MostLines, null, stop));
        var runtime = TryAsync(() => services.GetRequiredService<HomeCoordinator>().AskAsync(HttpMethod.Get, ["health", "runtime"], cancellationToken: stop));
        var waiting = TryAsync(() => services.GetRequiredService<EscalationDesk>().MineAsync(person, false, stop));
        var list = (await listed.ConfigureAwait(false)).Value;
        var undecided = list is null ? (int?)null : await UndecidedAsync(services, person, list, stop).ConfigureAwait(false);
        var (has, lines, help, health) = ((await balance.ConfigureAwait(false)).Value, (await history.ConfigureAwait(false)).Value, (await waiting.ConfigureAwait(false)).Value, await runtime.ConfigureAwait(false));
        return PageResults.Page<DashboardPage>(
            view,
            StatusCodes.Status200OK,
            ("Running", list?.Tasks.Where(task => task.State is not (TaskState.Completed or TaskState.Failed or TaskState.Cancelled)).ToList()),
            ("HasTasks", list?.Tasks.Count > 0),
            ("Balance", has is null ? null : CreditText.Number(has, "balance")),
            ("Lines", lines is null ? null : CreditText.Lines(lines)),
            ("Undecided", undecided),
            ("HelpWanted", help?.Count),
            ("Coordinator", health.Why),
            ("Agents", health.Value?["coordinator"] is JsonObject figures ? (int?)CreditText.Number(figures, "agents") : null),
            ("Mail", person.Roles.IsSystemAdmin ? await MailAsync(context).ConfigureAwait(false) : null));
    }

    private static async Task<int> UndecidedAsync(IServiceProvider services, SignedIn person, TaskList list, CancellationToken cancellationToken)
    {
        var done = list.Tasks.Where(task => task.State == TaskState.Completed).Select(task => task.TaskId).ToList();
        return done.Count - (await services.GetRequiredService<ReviewStore>().OfAsync(person.AccountId, done, cancellationToken).ConfigureAwait(false)).Count;
    }

    private static async Task<(T? Value, string? Why)> TryAsync<T>(Func<Task<T>> ask)
        where T : class
    {
        try
        {
            return (await ask().ConfigureAwait(false), null);
        }
        catch (Refusal refusal)
        {
            return (null, refusal.Message);
        }
    }

    private static async Task<MailFigures> MailAsync(HttpContext context)
    {
        try
        {
            var contexts = context.RequestServices.GetRequiredService<IDbContextFactory<PortalContext>>();
            await using var store = await contexts.CreateDbContextAsync(context.RequestAborted).ConfigureAwait(false);
            var counts = await store.Set<OutboxMailRow>().GroupBy(row => row.State).Select(group => new { group.Key, Count = group.Count() }).ToDictionaryAsync(one => one.Key, one => one.Count, context.RequestAborted).ConfigureAwait(false);
            return new(true, counts.GetValueOrDefault(MailState.Waiting), counts.GetValueOrDefault(MailState.Dead));
        }
        catch (System.Data.Common.DbException)
        {
            return new(false, 0, 0);
        }
    }
}
