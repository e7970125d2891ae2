using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Limits;
using EdgeCoder.Portal.Pages;
using EdgeCoder.Portal.Passkeys;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Accounts;

/// <summary>Routes of the address, the export and the end of an account (portal-and-control-plane 5.1, 5.4). What a person asks for is confirmed with a passkey; what a mail's link does, with a button.</summary>
internal static class OwnDataEndpoints
{
    /// <summary>Registers what they need.</summary>
    public static IServiceCollection AddOwnData(this IServiceCollection services) => services
        .AddSingleton<EmailChange>().AddSingleton<AccountRemoval>().AddSingleton<AccountExport>()
        .AddSingleton(new StepUpAction(EmailChange.Action)).AddSingleton(new StepUpAction(AccountRemoval.Action)).AddSingleton(new StepUpAction(AccountExport.Action));

    /// <summary>Maps them.</summary>
    public static void MapOwnData(this IEndpointRouteBuilder routes)
    {
        routes.MapAction("POST", "/me/email", Access.Person, ChangeEmailAsync);
        routes.MapAction("POST", "/me/export", Access.Person, ExportAsync);
        routes.MapDownload("/me/export/{id}", Access.Person, DownloadAsync);
        routes.MapAction("DELETE", "/me", Access.Person, DeleteAsync);
        foreach (var link in LinkPurpose.All)
        {
            routes.MapPage(link.Path, Access.Anyone, context => Page(link, PageResults.View(context), StatusCodes.Status200OK, context.Request.Query["token"].ToString()));
            routes.MapAction("POST", link.Path, Access.Anyone, request => FollowAsync(request, link), (_, view, status) => Page(link, view, status, ""));
        }
    }

    private static async Task<ActionOutcome> ChangeEmailAsync(ActionRequest request)
    {
        var typed = request.Input.Raw("newEmail") ?? "";
        var email = EmailAddress.Normalise(typed);
        if (email is null || email == request.Http.RequiredPerson().Email)
        {
            request.Input.Fault("newEmail", typed.Length == 0 ? "required" : "invalid_email");
        }

        request.Input.ThrowIfFaulty();
        var services = request.Http.RequestServices;
        var proof = await services.GetRequiredService<StepUp>().ProveAsync(request, EmailChange.Action, new() { ["newEmail"] = typed }).ConfigureAwait(false);
        var key = await services.GetRequiredService<EmailChange>().AskAsync(request, email!, proof).ConfigureAwait(false);
        return Renewed(request, key, new() { ["ok"] = true }, StatusCodes.Status200OK);
    }

    private static async Task<ActionOutcome> ExportAsync(ActionRequest request)
    {
        var services = request.Http.RequestServices;
        var proof = await services.GetRequiredService<StepUp>().ProveAsync(request, AccountExport.Action, []).ConfigureAwait(false);
        var (id, key) = await services.GetRequiredService<AccountExport>().MakeAsync(request, proof).ConfigureAwait(false);
        return Renewed(request, key, new() { ["exportId"] = id }, StatusCodes.Status202Accepted);
    }

    private static async Task DownloadAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        if (!Guid.TryParseExact(id, "D", out var parsed) || parsed.ToString() != id)
        {
            throw new Refusal(400, "invalid_id", "The id of an export is a UUID.");
        }

        var archive = await context.RequestServices.GetRequiredService<AccountExport>().ReadAsync(context.RequiredPerson().AccountId, id, context.RequestAborted).ConfigureAwait(false);
        context.Response.ContentType = "application/zip";
        context.Response.Headers.ContentDisposition = "attachment; filename=\"edgecoder-account.zip\"";
        await context.Response.Body.WriteAsync(archive, context.RequestAborted).ConfigureAwait(false);
    }

    private static async Task<ActionOutcome> DeleteAsync(ActionRequest request)
    {
        var typed = request.Input.Raw("confirm") ?? "";
        if (EmailAddress.Normalise(typed) != request.Http.RequiredPerson().Email)
        {
            request.Input.Fault("confirm", typed.Length == 0 ? "required" : "not_your_address");
        }

        request.Input.ThrowIfFaulty();
        var services = request.Http.RequestServices;
        var proof = await services.GetRequiredService<StepUp>().ProveAsync(request, AccountRemoval.Action, new() { ["confirm"] = typed }).ConfigureAwait(false);
        var until = await services.GetRequiredService<AccountRemoval>().BeginAsync(request, proof).ConfigureAwait(false);
        SessionCookie.Clear(request.Http, services.GetRequiredService<PortalSettings>());
        return new(new() { ["ok"] = true, ["deletedAtMs"] = until }, "/portal?done=deleting");
    }

    private static async Task<ActionOutcome> FollowAsync(ActionRequest request, LinkPurpose link)
    {
        var token = request.Input.Text("token", 10, 128);
        request.Input.ThrowIfFaulty();
        var services = request.Http.RequestServices;
        await services.GetRequiredService<LimitCounter>().TakeAsync(request.Cancelled, (services.GetRequiredService<PortalSettings>().Limits.Links, request.Visitor.Address)).ConfigureAwait(false);
        await link.Follow(services, token, request.Visitor, request.Cancelled).ConfigureAwait(false);
        return ActionOutcome.Ok("/portal?done=" + link.Done);
    }

    private static Task<IResult> Page(LinkPurpose link, PageView view, int status, string token) => Task.FromResult(PageResults.Page<LinkPage>(
        view, status, ("Link", link.Path), ("Heading", link.Heading), ("Sentence", link.Sentence), ("Button", link.Button), ("Token", token is { Length: > 0 and <= 128 } ? token : null)));

    private static ActionOutcome Renewed(ActionRequest request, string key, JsonObject body, int status)
    {
        SessionCookie.Give(request.Http, request.Http.RequestServices.GetRequiredService<PortalSettings>(), key);
        if (AccountEndpoints.IsProgram(request.Http))
        {
            body["sessionToken"] = key;
        }

        return new(body, "/portal/settings", status);
    }
}
