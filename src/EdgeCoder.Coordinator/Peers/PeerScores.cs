using System.Text.Json.Serialization;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Peers;

/// <summary>
/// Local reputation of peers (economy-and-ledger 5): 0 to 200, from 100; +1 for a message that was taken, −5 for one that was not in order, −10 for one too many. Only what a peer has signed itself counts, so
/// nobody can lower another's; it never leaves this coordinator.
/// </summary>
internal static class PeerScores
{
    /// <summary>What every peer begins with.</summary>
    public const int First = 100;

    /// <summary>The most.</summary>
    public const int Most = 200;

    private const int Taken = 1;
    private const int Invalid = -5;
    private const int TooMany = -10;

    /// <summary>Changes a score; one that is at its end stays, and nothing is written.</summary>
    public static bool Change(IStoreBatch batch, string peerId, int by)
    {
        var now = Of(batch, peerId);
        var next = Math.Clamp(now + by, 0, Most);
        return next != now && (batch.TryInsert(new PeerScoreRow { PeerId = peerId, Score = next }) || batch.Execute("UPDATE peer_scores SET score = $1 WHERE peer_id = $2", (long)next, peerId) == 1);
    }

    /// <summary>A peer's score.</summary>
    public static int Of(IStoreBatch batch, string peerId) => batch.Query("SELECT score FROM peer_scores WHERE peer_id = $1", row => row.Number(0), peerId) is [var score] ? (int)score : First;

    /// <summary>Counts the signed requests of peers by how they end; after the check of callers.</summary>
    public static IApplicationBuilder UsePeerScores(this IApplicationBuilder app)
    {
        var writer = app.ApplicationServices.GetRequiredService<IStoreWriter>();
        return app.Use(next => async context =>
        {
            if (context.Features.Get<Caller>() is not { Kind: CallerKinds.Peer } peer)
            {
                await next(context).ConfigureAwait(false);
                return;
            }

            var by = 0;
            try
            {
                await next(context).ConfigureAwait(false);
                by = By(context.Response.StatusCode);
            }
            catch (Refusal refusal)
            {
                by = By(refusal.Status);
                throw;
            }
            finally
            {
                if (by != 0)
                {
                    await writer.WriteAsync(batch => Change(batch, peer.Name, by), CancellationToken.None).ConfigureAwait(false);
                }
            }
        });
    }

    /// <summary>Maps <c>GET /mesh/reputation</c>.</summary>
    public static IEndpointRouteBuilder MapPeerScores(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/mesh/reputation", async (HttpContext http, PeerDirectory peers, IStoreWriter writer) =>
        {
            var all = await peers.AllAsync(http.RequestAborted);
            return TypedResults.Json(
                await writer.WriteAsync(batch => new Reputation([.. all.Select(peer => new PeerScore(peer.PeerId, Of(batch, peer.PeerId)))]), http.RequestAborted), PeerScoreJson.Default.Reputation);
        }).AllowCallers(CallerKinds.Operator);
        return routes;
    }

    private static int By(int status) => status switch
    {
        < 300 => Taken,
        429 => TooMany,
        400 or 413 or 415 or 422 => Invalid,
        _ => 0,
    };
}

/// <summary>A peer's score.</summary>
internal sealed record PeerScore(string PeerId, int Score);

/// <summary>Answer of <c>GET /mesh/reputation</c>, by peer.</summary>
internal sealed record Reputation(IReadOnlyList<PeerScore> Peers);

/// <summary>How it is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Reputation))]
internal sealed partial class PeerScoreJson : JsonSerializerContext;
