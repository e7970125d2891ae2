using EdgeCoder.Portal.Passkeys;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Pages;

/// <summary>The page of settings, also after one of its forms was refused.</summary>
internal static class SettingsEndpoints
{
    /// <summary>Renders it. A part that cannot be read does not blank the others.</summary>
    public static async Task<IResult> Again(HttpContext context, PageView view, int status)
    {
        IReadOnlyList<SessionView>? sessions;
        try
        {
            var rows = await context.RequestServices.GetRequiredService<SessionStore>().ListAsync(view.Person!.AccountId, context.RequestAborted).ConfigureAwait(false);
            sessions = [.. rows.Select(row => new SessionView(row.Id, row.Device, row.Address, row.CreatedAtMs, row.LastSeenMs, row.KeyHash == view.Person.KeyHash))];
        }
        catch (System.Data.Common.DbException)
        {
            sessions = null;
        }

        return PageResults.Page<SettingsPage>(view, status, ("Sessions", sessions), ("Keys", await KeysAsync(context, view).ConfigureAwait(false)), ("PasskeysElsewhere", context.RequestServices.GetRequiredService<RelyingParty>().Elsewhere(context)),
            ("Export", Guid.TryParseExact(context.Request.Query["export"], "D", out var export) ? export.ToString() : null));
    }

    private static async Task<IReadOnlyList<PasskeyView>?> KeysAsync(HttpContext context, PageView view)
    {
        try
        {
            var rows = await context.RequestServices.GetRequiredService<PasskeyDesk>().ListAsync(view.Person!.AccountId, context.RequestAborted).ConfigureAwait(false);
            return [.. rows.Select(row => new PasskeyView(row.Id, row.Name, row.CreatedAtMs, row.LastUsedAtMs, row.BackedUp != 0))];
        }
        catch (System.Data.Common.DbException)
        {
            return null;
        }
    }
}
