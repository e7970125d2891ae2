using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Coordinators;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Portal.Tasks;

/// <summary>Tasks of a person at the home coordinator (portal-and-control-plane 11). A task of another account is not found, because the coordinator finds it for nobody else.</summary>
/// <param name="home">The coordinator.</param>
internal sealed class TaskDesk(HomeCoordinator home)
{
    private readonly ConcurrentDictionary<string, bool> _accounts = new(StringComparer.Ordinal);

    /// <summary>Asks the coordinator about something of a task. Throws what <see cref="HomeCoordinator.AskAsync"/> throws.</summary>
    public Task<JsonObject> AskAsync(SignedIn person, HttpMethod method, string[] segments, CancellationToken cancellationToken, JsonObject? body = null, IReadOnlyDictionary<string, string?>? query = null, string? key = null) =>
        home.AskAsync(method, segments, person, HomeCoordinator.AccountOf(person), body, query, key, cancellationToken);

    /// <summary>A page of the person's tasks, newest first.</summary>
    public Task<JsonObject> ListAsync(SignedIn person, string? state, string? cursor, int limit, CancellationToken cancellationToken)
    {
        var query = new Dictionary<string, string?> { ["limit"] = limit.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        if (state is { Length: > 0 })
        {
            query["state"] = state;
        }

        if (cursor is { Length: > 0 })
        {
            query["cursor"] = cursor;
        }

        return AskAsync(person, HttpMethod.Get, ["tasks"], cancellationToken, query: query);
    }

    /// <summary>The task with <c>explain</c>; and <c>result</c> and <c>receipts</c> once it is final. A part that fails is named in <c>unavailable</c>.</summary>
    public async Task<JsonObject> FindAsync(SignedIn person, string taskId, CancellationToken cancellationToken)
    {
        // First: whoever may not see the task asks nothing else about it.
        var task = await AskAsync(person, HttpMethod.Get, ["tasks", taskId], cancellationToken).ConfigureAwait(false);
        var final = (string?)task["state"] is "completed" or "failed" or "cancelled";
        var parts = new List<(string Name, Task<JsonObject> Asked)> { ("explain", AskAsync(person, HttpMethod.Get, ["tasks", taskId, "explain"], cancellationToken)) };
        if (final)
        {
            parts.Add(("result", AskAsync(person, HttpMethod.Get, ["tasks", taskId, "result"], cancellationToken)));
            parts.Add(("receipts", AskAsync(person, HttpMethod.Get, ["tasks", taskId, "receipts"], cancellationToken)));
        }

        var unavailable = new JsonArray();
        foreach (var (name, asked) in parts)
        {
            try
            {
                task[name] = await asked.ConfigureAwait(false);
            }
            catch (Refusal)
            {
                unavailable.Add(name);
            }
        }

        task["unavailable"] = unavailable;
        return task;
    }

    /// <summary>Submits; the same key and request again gives the same task. Throws 409 <c>idempotency_key_reused</c> and what the coordinator refuses.</summary>
    public async Task<JsonObject> SubmitAsync(SignedIn person, TaskOrder order, CancellationToken cancellationToken)
    {
        await EnsureAccountAsync(person, cancellationToken).ConfigureAwait(false);
        if (order.Tests is { } tests)
        {
            await StoreAsync(person, tests, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            return await AskAsync(person, HttpMethod.Post, ["tasks"], cancellationToken, order.Body).ConfigureAwait(false);
        }
        catch (Refusal refusal) when (refusal.Error == "task_id_conflict")
        {
            throw new Refusal(409, "idempotency_key_reused", "This Idempotency-Key was used for another task. Take a new key.");
        }
    }

    /// <summary>Stores bytes of the person under their hash.</summary>
    public async Task StoreAsync(SignedIn person, byte[] bytes, CancellationToken cancellationToken)
    {
        using var request = home.Request(HttpMethod.Put, ["blobs", TaskOrder.Digest(bytes)], person, HomeCoordinator.AccountOf(person));
        request.Content = new ByteArrayContent(bytes);
        using var answer = await home.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
        {
            throw new Refusal(502, "coordinator_request_failed", "The coordinator did not take the tests. Try again.");
        }
    }

    /// <summary>Bytes of a blob that the person may read; null when there is none.</summary>
    public async Task<byte[]?> BlobAsync(SignedIn person, string sha256, CancellationToken cancellationToken)
    {
        using var request = home.Request(HttpMethod.Get, ["blobs", sha256], person, HomeCoordinator.AccountOf(person));
        using var answer = await home.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false) : null;
    }

    /// <summary>Opens the person's account where it is not open yet; once for each process.</summary>
    public async Task EnsureAccountAsync(SignedIn person, CancellationToken cancellationToken)
    {
        var account = HomeCoordinator.AccountOf(person);
        if (!_accounts.ContainsKey(account))
        {
            await home.AskAsync(HttpMethod.Post, ["credits", "accounts"], body: new() { ["accountId"] = account, ["displayName"] = "Portal account", ["ownerUserId"] = person.Actor }, cancellationToken: cancellationToken).ConfigureAwait(false);
            _accounts[account] = true;
        }
    }

    /// <summary>Reads a coordinator's message.</summary>
    public static T? Read<T>(JsonNode? node, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return node?.Deserialize(type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The tasks of an answer to a list.</summary>
    public static TaskList Tasks(JsonObject list) => Read(list, MeshJson.Default.TaskList) ?? throw new Refusal(502, "coordinator_request_failed", "The coordinator gave an answer that this portal cannot read.");
}
