using System.Buffers.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using EdgeCoder.Protocol.OperatorAudit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Passkeys;

/// <summary>Evidence of what passkeys confirmed, to be checked elsewhere (portal-and-control-plane 7): for who confirmed, and for system-admins.</summary>
internal static class EvidenceEndpoints
{
    /// <summary>Maps it.</summary>
    public static void MapEvidence(this IEndpointRouteBuilder routes) => routes.MapQuery("/portal/api/evidence/{id}", Access.Person, OneAsync);

    private static async Task<JsonObject> OneAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        if (!Guid.TryParseExact(id, "D", out var parsed) || parsed.ToString() != id)
        {
            throw new Refusal(400, "invalid_id", "The id of an evidence is a UUID: what follows stepup: in the audit log.");
        }

        var person = context.RequiredPerson();
        await using var store = await context.RequestServices.GetRequiredService<IDbContextFactory<PortalContext>>().CreateDbContextAsync(context.RequestAborted).ConfigureAwait(false);
        var row = await store.Set<StepUpProofRow>().FirstOrDefaultAsync(one => one.Id == id && (person.Roles.IsSystemAdmin || one.Actor == person.Actor), context.RequestAborted).ConfigureAwait(false)
            ?? throw new Refusal(404, "evidence_not_found", "There is no such evidence.");
        return new()
        {
            ["format"] = StepUpEvidence.Format,
            ["id"] = row.Id,
            ["actor"] = row.Actor,
            ["atMs"] = row.AtMs,
            ["rpId"] = row.RpId,
            ["canonicalAction"] = Text(row.CanonicalAction),
            ["nonce"] = Text(row.Nonce),
            ["clientData"] = Text(row.ClientData),
            ["authenticatorData"] = Text(row.AuthenticatorData),
            ["signature"] = Text(row.Signature),
            ["publicKey"] = Text(row.PublicKey),
        };
    }

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
