using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Accounts;
using EdgeCoder.Portal.Pages;
using EdgeCoder.Portal.Roles;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using EdgeCoder.Protocol.OperatorAudit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Audit;

/// <summary>Routes of the audit log (portal-and-control-plane 8.1, 10.3): everybody sees own rows, a system-admin all, and exports them.</summary>
internal static class AuditEndpoints
{
    private const int MostRows = 200;
    private const int PageRows = 50;

    /// <summary>Maps them.</summary>
    public static void MapAudit(this IEndpointRouteBuilder routes)
    {
        routes.MapQuery("/portal/api/audit", Access.Person, ListAsync);
        routes.MapDownload("/portal/api/audit/export", Access.SystemAdmin, ExportAsync);
        routes.MapPage("/portal/ops/audit", Access.Person, PageAsync);
    }

    private static async Task<JsonObject> ListAsync(HttpContext context)
    {
        var search = await SearchAsync(context).ConfigureAwait(false);
        var limit = context.Request.Query["limit"].ToString() is { Length: > 0 } text ? int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= MostRows ? count : throw Invalid("limit") : PageRows;
        var (rows, more) = await Reading(context).ListAsync(Rights.Audit(context.RequiredPerson()), search, limit, context.RequestAborted).ConfigureAwait(false);
        var answer = new JsonObject { ["lines"] = new JsonArray([.. rows.Select(row => JsonNode.Parse(row.Line.Write(row.Hash)))]) };
        if (more)
        {
            answer["nextCursor"] = Cursor(rows);
        }

        return answer;
    }

    /// <summary>The whole log: 1. a row says who took it, and is its last; 2. the rows as they are in the store, without a look at whether they are right: that is for who checks it.</summary>
    private static async Task ExportAsync(HttpContext context)
    {
        // 1.
        var services = context.RequestServices;
        var (by, now) = (AuditSource.Of(context), services.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeMilliseconds());
        var (last, head) = await services.GetRequiredService<IStoreWriter>().WriteAsync(
            batch =>
            {
                AuditLog.Append(batch, by, "audit.exported", "portal:audit", now);
                return batch.Query("SELECT seq, hash FROM audit_heads WHERE id = $1", row => (row.Number(0), row.Text(1)), AuditHeadRow.Only)[0];
            },
            context.RequestAborted).ConfigureAwait(false);

        // 2.
        context.Response.ContentType = "application/x-ndjson; charset=utf-8";
        context.Response.Headers.ContentDisposition = "attachment; filename=\"audit.jsonl\"";
        await WriteAsync(AuditDump.Header(last, head)).ConfigureAwait(false);
        await foreach (var row in Reading(context).UpToAsync(last, context.RequestAborted).ConfigureAwait(false))
        {
            await WriteAsync(row.Line.Write(row.Hash)).ConfigureAwait(false);
        }

        ValueTask WriteAsync(byte[] line) => context.Response.Body.WriteAsync(new ReadOnlyMemory<byte>([.. line, (byte)'\n']), context.RequestAborted);
    }

    private static async Task<IResult> PageAsync(HttpContext context)
    {
        var person = context.RequiredPerson();
        var typed = new[] { "actor", "action" }.ToDictionary(name => name, name => context.Request.Query[name].ToString());
        IReadOnlyList<AuditView>? lines;
        string? next = null;
        Refusal? refused = null;
        try
        {
            var reading = Reading(context);
            var (rows, more) = await reading.ListAsync(Rights.Audit(person), await SearchAsync(context).ConfigureAwait(false), PageRows, context.RequestAborted).ConfigureAwait(false);
            var names = person.Roles.IsSystemAdmin ? await reading.NamesAsync(rows, context.RequestAborted).ConfigureAwait(false) : new() { [person.Actor] = "you" };
            lines = [.. rows.Select(row => AuditView.Of(row, names))];
            next = more ? Cursor(rows) : null;
        }
        catch (Refusal refusal)
        {
            (lines, refused) = ([], refusal);
        }
        catch (System.Data.Common.DbException)
        {
            lines = null;
        }

        var view = PageResults.View(context, refused is null ? null : EdgeCoder.Hosting.Web.ProblemTranslation.Explain(refused), typed);
        return PageResults.Page<AuditPage>(view, refused?.Status ?? StatusCodes.Status200OK, ("Lines", lines), ("Next", next), ("Searched", typed.Values.Any(text => text.Length > 0)));
    }

    // An address is a word of pages; rows have the id.
    private static async Task<AuditSearch> SearchAsync(HttpContext context)
    {
        var actor = Text("actor");
        if (actor is not null && actor.Contains('@', StringComparison.Ordinal))
        {
            var id = context.RequiredPerson().Roles.IsSystemAdmin && EmailAddress.Normalise(actor) is { } email ? await Reading(context).AccountAsync(email, context.RequestAborted).ConfigureAwait(false) : null;
            actor = "user:" + (id ?? "unknown");
        }

        return new(actor, Text("action"), Text("target"), Text("cursor") is { } cursor ? long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var before) ? before : throw Invalid("cursor") : null);

        string? Text(string name) => context.Request.Query[name].ToString().Trim() is { Length: > 0 } text ? text.Length <= 254 && !text.Any(char.IsControl) ? text : throw Invalid(name) : null;
    }

    private static string Cursor(List<AuditLineRow> rows) => rows[^1].Seq.ToString(CultureInfo.InvariantCulture);

    private static AuditReading Reading(HttpContext context) => context.RequestServices.GetRequiredService<AuditReading>();

    private static Refusal Invalid(string name) => Refusal.Invalid([new(name, "a value as lists give it")]);
}
