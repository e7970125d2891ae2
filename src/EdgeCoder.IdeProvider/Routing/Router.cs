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
internal sealed class Router(LocalRoute local, KeyUse use, TimeProvider time)
{
    private const string ClassHeader = "X-EdgeCoder-Data-Class";

    /// <summary>Serves a call of a caller. Throws <see cref="Refusal"/> while nothing has been sent.</summary>
    public async Task ServeAsync(HttpContext context, IdeCaller caller, CallBody body)
    {
        var began = time.GetTimestamp();
        var dataClass = ClassOf(context.Request, caller, body);
        var named = await ChooseAsync(caller, body, dataClass, context.RequestAborted).ConfigureAwait(false);
        Meter(caller, await local.ServeAsync(context, body, dataClass, named, began).ConfigureAwait(false));
    }

    /// <summary>Serves a chat as its pieces.</summary>
    public async IAsyncEnumerable<(JsonElement Piece, ChatPieces Source)> PiecesAsync(HttpContext context, IdeCaller caller, CallBody body)
    {
        var began = time.GetTimestamp();
        var dataClass = ClassOf(context.Request, caller, body);
        var named = await ChooseAsync(caller, body, dataClass, context.RequestAborted).ConfigureAwait(false);
        await foreach (var piece in local.PiecesAsync(body, dataClass, named, began, tokens => Meter(caller, tokens), context.RequestAborted).ConfigureAwait(false))
        {
            yield return piece;
        }
    }

    private void Meter(IdeCaller caller, long tokens)
    {
        if (caller.Key is { } key && tokens > 0)
        {
            use.Add(key.Id, tokens);
        }
    }

    // The named model; null for the active one of this machine.
    private async ValueTask<ModelEntry?> ChooseAsync(IdeCaller caller, CallBody body, DataClass dataClass, CancellationToken cancellationToken)
    {
        var name = body.Model is null or "" ? RouteNames.Auto : body.Model;
        if (!caller.Allows(name))
        {
            throw new Refusal(403, "model_denied", $"The key {caller.Key!.Name} may not use {name}.") { Issues = [new FieldIssue("model", "not permitted")] };
        }

        return name switch
        {
            RouteNames.Swarm => throw (dataClass == DataClass.Local
                ? new Refusal(403, "data_class_denied", "This request is of the class local, which never leaves this machine. Name the class team or mesh with a key that allows it, or use edgecoder-local.")
                : new Refusal(503, "swarm_unavailable", "No coordinator is named: set COORDINATOR_URL.")),
            RouteNames.Auto or RouteNames.Local => null,
            _ => await FindAsync(name, cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>The class of a request: <c>local</c> where it names none, and never wider than its key allows.</summary>
    public static DataClass ClassOf(HttpRequest request, IdeCaller caller, CallBody body)
    {
        var asked = body.AskedClass;
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
