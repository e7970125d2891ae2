using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Accounts;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Status;

/// <summary>Whether the portal and its store answer.</summary>
internal static class HealthEndpoints
{
    /// <summary>Maps it.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var contexts = routes.ServiceProvider.GetRequiredService<IDbContextFactory<PortalContext>>();
        routes.MapQuery("/health", Access.Anyone, async context =>
        {
            try
            {
                await using var store = await contexts.CreateDbContextAsync(context.RequestAborted).ConfigureAwait(false);
                await store.Set<AccountRow>().AnyAsync(context.RequestAborted).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is System.Data.Common.DbException or TimeoutException or InvalidOperationException)
            {
                throw new Refusal(503, "storage_unavailable", "The portal's store does not answer.") { More = new Dictionary<string, System.Text.Json.JsonElement> { ["ok"] = System.Text.Json.JsonElement.Parse("false"), ["portalDb"] = System.Text.Json.JsonElement.Parse("false") } };
            }

            return new JsonObject { ["ok"] = true, ["portalDb"] = true };
        }).WithMetadata(new SameForEverybody());
    }
}
