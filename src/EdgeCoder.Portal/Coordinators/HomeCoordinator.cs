using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Sessions;
using Microsoft.AspNetCore.WebUtilities;

namespace EdgeCoder.Portal.Coordinators;

/// <summary>
/// The home coordinator as the portal calls it (portal-and-control-plane 2): with its own credential, at the configured address only, with a limit of time, cancelled
/// with the caller. For a person it names <c>user:ID</c> as the actor and, where credits are used, the account.
/// </summary>
/// <param name="http">Connections; follows no redirect.</param>
/// <param name="settings">Address, credential, time.</param>
/// <param name="time">Clock.</param>
internal sealed class HomeCoordinator(HttpClient http, PortalSettings settings, TimeProvider time)
{
    private const string TokenHeader = "x-portal-service-token";
    private const string ActorHeader = "x-edgecoder-actor";
    private const string AccountHeader = "x-edgecoder-account";

    /// <summary>Whether there is one and a credential for it.</summary>
    public bool IsConfigured => settings.Edges is { CoordinatorUrl: not null, CoordinatorToken: not null };

    /// <summary>Account of a person.</summary>
    public static string AccountOf(SignedIn person) => "acct-" + person.AccountId;

    /// <summary>
    /// A request with the credential. Throws <see cref="Refusal"/> 503 <c>coordinator_not_configured</c> or <c>service_credential_missing</c>.
    /// </summary>
    /// <param name="method">Method.</param>
    /// <param name="segments">Segments of the path; each is percent-encoded here.</param>
    /// <param name="person">Who it is for; null: the portal itself.</param>
    /// <param name="accountId">Account that it charges or reads; null: none.</param>
    public HttpRequestMessage Request(HttpMethod method, string[] segments, SignedIn? person = null, string? accountId = null)
    {
        if (settings.Edges.CoordinatorUrl is not { } address)
        {
            throw new Refusal(503, "coordinator_not_configured", "This portal has no coordinator. Its operator sets COORDINATOR_URL and PORTAL_COORDINATOR_TOKEN.");
        }

        if (settings.Edges.CoordinatorToken is not { } token)
        {
            throw new Refusal(503, "service_credential_missing", "This portal has no credential for its coordinator. Its operator sets PORTAL_COORDINATOR_TOKEN on both sides.");
        }

        var request = new HttpRequestMessage(method, address.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/" + string.Join('/', segments.Select(Uri.EscapeDataString)));
        request.Headers.Add(TokenHeader, token);
        if (person is not null)
        {
            request.Headers.Add(ActorHeader, person.Actor);
        }

        if (accountId is not null)
        {
            request.Headers.Add(AccountHeader, accountId);
        }

        return request;
    }

    /// <summary>
    /// Sends a request and gives its answer, whatever its status. With <see cref="HttpCompletionOption.ResponseHeadersRead"/> the limit is for the first byte, and
    /// the caller bounds the rest. Throws <see cref="Refusal"/> 502 <c>coordinator_unreachable</c>.
    /// </summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken, TimeSpan? limit = null)
    {
        using var ends = new CancellationTokenSource(limit ?? settings.Edges.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ends.Token, cancellationToken);
        try
        {
            return await http.SendAsync(request, completion, both.Token).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Unreachable();
        }
    }

    /// <summary>
    /// Asks and reads JSON. A refusal of the coordinator is thrown on with its status, code and text; what is no JSON, and a refusal of the portal's own credential, is 502
    /// <c>coordinator_request_failed</c>. Throws what <see cref="Request"/> and <see cref="SendAsync"/> throw.
    /// </summary>
    /// <param name="method">Method.</param>
    /// <param name="segments">Segments of the path.</param>
    /// <param name="person">Who it is for; null: the portal itself.</param>
    /// <param name="accountId">Account; null: none.</param>
    /// <param name="body">JSON body; null: none.</param>
    /// <param name="query">Query; values are encoded here.</param>
    /// <param name="idempotencyKey">Key of repetitions; null: none.</param>
    /// <param name="cancellationToken">The caller is gone.</param>
    public async Task<JsonObject> AskAsync(
        HttpMethod method, string[] segments, SignedIn? person = null, string? accountId = null, JsonObject? body = null, IReadOnlyDictionary<string, string?>? query = null, string? idempotencyKey = null,
        CancellationToken cancellationToken = default)
    {
        using var request = Request(method, segments, person, accountId);
        if (query is not null)
        {
            request.RequestUri = new Uri(QueryHelpers.AddQueryString(request.RequestUri!.AbsoluteUri, query));
        }

        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        using var answer = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
        var read = Read(await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
        return answer.IsSuccessStatusCode && read is not null ? read : throw Refused(answer.StatusCode, read);
    }

    private static JsonObject? Read(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // What the coordinator says to the portal about the portal's own credential is nothing that a person can act on.
    private static Refusal Refused(HttpStatusCode status, JsonObject? problem) =>
        (int)status is >= 400 and < 600 and not 401 && Text(problem, "error") is { } error and not "service_credential_missing"
            ? new((int)status, error, Text(problem, "detail") ?? "The coordinator refused it.") { Reason = Text(problem, "reason") }
            : new(502, "coordinator_request_failed", "The coordinator gave an answer that this portal cannot use. Its operator looks at PORTAL_COORDINATOR_TOKEN and the log.");

    private static string? Text(JsonObject? problem, string name) => problem?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static Refusal Unreachable() => new(502, "coordinator_unreachable", "The coordinator does not answer. Try again in a moment.");
}
