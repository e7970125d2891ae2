using System.Text.Json;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Bodies;
using EdgeCoder.IdeProvider.ModelLists;
using EdgeCoder.IdeProvider.Relaying;
using EdgeCoder.Protocol.Problems;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.IdeProvider.Routing;

/// <summary>Decides where a call goes (agent-executor-models 6.5) and meters it.</summary>
internal sealed class Router(LocalRoute local, SwarmRoute swarm, KeyUse use, TimeProvider time)
{
    /// <summary>Header that names the class of a request.</summary>
    public const string ClassHeader = "X-EdgeCoder-Data-Class";

    /// <summary>
    /// Serves a call of a caller by the first of its ways that takes it; another one is tried only while nothing has been sent, and never beyond the class of
    /// the request. Throws <see cref="Refusal"/> while nothing has been sent.
    /// </summary>
    public async Task ServeAsync(HttpContext context, IdeCaller caller, CallBody body)
    {
        var began = time.GetTimestamp();
        var ways = await WaysAsync(context, caller, body).ConfigureAwait(false);
        foreach (var way in ways.Order)
        {
            try
            {
                Meter(caller, way == Way.Swarm
                    ? await swarm.ServeAsync(context, caller, body, ways.DataClass, began).ConfigureAwait(false)
                    : await local.ServeAsync(context, body, ways.DataClass, ways.Named, began).ConfigureAwait(false));
                return;
            }
            catch (Refusal fault) when (!context.Response.HasStarted && ways.GoesOn(way, fault))
            {
                // The next way, or the end of them below.
            }
        }

        throw ways.Nothing();
    }

    /// <summary>Serves a chat as its pieces; without a piece where the client should be told that it still waits.</summary>
    public async IAsyncEnumerable<(JsonElement? Piece, IChatSource Source)> PiecesAsync(HttpContext context, IdeCaller caller, CallBody body)
    {
        var began = time.GetTimestamp();
        var ways = await WaysAsync(context, caller, body).ConfigureAwait(false);
        foreach (var way in ways.Order)
        {
            var pieces = (way == Way.Swarm
                ? swarm.PiecesAsync(context, caller, body, ways.DataClass, began, tokens => Meter(caller, tokens), context.RequestAborted)
                : local.PiecesAsync(body, ways.DataClass, ways.Named, began, tokens => Meter(caller, tokens), context.RequestAborted)).GetAsyncEnumerator(context.RequestAborted);
            await using (pieces.ConfigureAwait(false))
            {
                var started = false;
                while (true)
                {
                    try
                    {
                        if (!await pieces.MoveNextAsync().ConfigureAwait(false))
                        {
                            yield break;
                        }
                    }
                    catch (Refusal fault) when (!started && ways.GoesOn(way, fault))
                    {
                        break;
                    }

                    started = true;
                    yield return pieces.Current;
                }
            }
        }

        throw ways.Nothing();
    }

    private void Meter(IdeCaller caller, long tokens)
    {
        if (caller.Key is { } key && tokens > 0)
        {
            use.Add(key.Id, tokens);
        }
    }

    private async ValueTask<Ways> WaysAsync(HttpContext context, IdeCaller caller, CallBody body)
    {
        var cancellation = context.RequestAborted;
        var dataClass = ClassOf(context.Request, caller, body);
        var name = body.Model is null or "" ? RouteNames.Auto : body.Model;
        if (!caller.Allows(name))
        {
            throw new Refusal(403, "model_denied", $"The key {caller.Key!.Name} may not use {name}.") { Issues = [new FieldIssue("model", "not permitted")] };
        }

        return name switch
        {
            RouteNames.Swarm => await swarm.WhyNotAsync(caller, body, dataClass, cancellation).ConfigureAwait(false) is { } refused ? throw refused : Ways.Only(Way.Swarm, dataClass),
            RouteNames.Local => Ways.Only(Way.Local, dataClass),
            RouteNames.Auto => await swarm.WhyNotAsync(caller, body, dataClass, cancellation).ConfigureAwait(false) is { } refused
                ? Ways.Here(dataClass, refused)
                : await ChooseAsync(dataClass, cancellation).ConfigureAwait(false),
            _ => Ways.Only(Way.Local, dataClass, await FindAsync(name, cancellation).ConfigureAwait(false)),
        };
    }

    // The swarm is permitted and answers. Only then may a full line or a closed gate turn a call away from this machine.
    private async ValueTask<Ways> ChooseAsync(DataClass dataClass, CancellationToken cancellationToken)
    {
        try
        {
            if (!(await local.Models.ListAsync(cancellationToken).ConfigureAwait(false)).Any(model => model.ServesWays))
            {
                return Ways.Away(dataClass, new(503, "no_model_available", "no model of this machine can answer now"));
            }
        }
        catch (Refusal fault)
        {
            return Ways.Away(dataClass, fault);
        }

        return local.Line.Active < local.Line.Cap && local.Gate.Admits(local.NowMs) ? Ways.HereFirst(dataClass) : Ways.SwarmFirst(dataClass);
    }

    /// <summary>The class of a request: <c>local</c> where it names none, and never wider than its key allows.</summary>
    public static DataClass ClassOf(HttpRequest request, IdeCaller caller, CallBody body) => ClassOf(request, caller, body.AskedClass);

    /// <summary>The same of a request whose body is of another form.</summary>
    public static DataClass ClassOf(HttpRequest request, IdeCaller caller, DataClass? asked)
    {
        if (request.Headers[ClassHeader] is { Count: > 0 } header)
        {
            var named = DataClasses.Parse(header.ToString()) ?? throw new Refusal(400, "invalid_request", $"{ClassHeader} must be local, team or mesh.");
            asked = asked is { } other ? DataClasses.Narrower(named, other) : named;
        }

        var dataClass = asked ?? DataClass.Local;
        return dataClass <= caller.MaxDataClass
            ? dataClass
            : throw new Refusal(403, "data_class_denied", caller.Key is null
                ? $"Without an API key a request is of the class local. Send a key that allows {dataClass.Word()}."
                : $"The key {caller.Key.Name} allows no wider class than {caller.MaxDataClass.Word()}.");
    }

    private async ValueTask<ModelEntry> FindAsync(string name, CancellationToken cancellationToken)
    {
        var models = await local.Models.ListAsync(cancellationToken).ConfigureAwait(false);
        var entry = models.FirstOrDefault(model => model.Id == name) ?? models.FirstOrDefault(model => model.Id == name + ":latest");
        if (entry is null)
        {
            var near = string.Join(", ", RouteNames.All.Concat(models.Select(model => model.Id)).OrderByDescending(id => CommonPrefix(id, name)).Take(5));
            throw new Refusal(404, "model_not_found", $"There is no model {(name.Length <= 80 ? name : name[..80] + "…")} here. There are: {near}. See GET /v1/models.") { Issues = [new FieldIssue("model", "not found")] };
        }

        return entry.Facts.Available
            ? entry
            : throw new Refusal(503, "local_model_unavailable", $"{entry.Id} cannot answer now: {entry.Facts.Reason ?? "its server does not say why"}") { RetryAfter = 5 };
    }

    private static int CommonPrefix(string one, string other)
    {
        var length = 0;
        while (length < one.Length && length < other.Length && char.ToLowerInvariant(one[length]) == char.ToLowerInvariant(other[length]))
        {
            length++;
        }

        return length;
    }
}
