using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeCoder.Commands;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Problems;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordination;

/// <summary>A coordinator over HTTP, as a person's commands use it (coordinator-and-mesh 4).</summary>
internal sealed class CoordinatorApi : IDisposable
{
    private readonly HttpClient _http;
    private readonly Access _access;

    /// <summary>Speaks to the coordinator that <paramref name="access"/> names, and follows no redirect: credentials go nowhere else.</summary>
    public CoordinatorApi(Access access, HttpMessageHandler? handler = null)
    {
        _access = access;
        _http = new(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = new Uri(access.CoordinatorUrl + "/"), Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>Opens it as the environment says.</summary>
    public static CoordinatorApi Open(Surroundings surroundings) => new(Access.Read(surroundings));

    /// <summary>Account that submissions are charged to, where one is set.</summary>
    public string? AccountId => _access.AccountId;

    /// <summary>Sends JSON as a submitter and reads JSON. Throws <see cref="CoordinatorException"/>.</summary>
    public async Task<TAnswer> PostAsync<TBody, TAnswer>(string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken) =>
        Read(await SendAsync(HttpMethod.Post, path, Json(body, bodyType), Key(), cancellationToken), answerType);

    /// <summary>Reads JSON as a submitter.</summary>
    public async Task<TAnswer> GetAsync<TAnswer>(string path, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken) =>
        Read(await SendAsync(HttpMethod.Get, path, null, Key(), cancellationToken), answerType);

    /// <summary>Reads JSON as it came.</summary>
    public Task<string> GetTextAsync(string path, bool asOperator, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, asOperator ? Admin() : Key(), cancellationToken);

    /// <summary>Sends JSON as an operator and gives the answer as it came.</summary>
    public Task<string> OperateAsync(string path, string json, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, path, new(System.Text.Encoding.UTF8.GetBytes(json), "application/json"), Admin(), cancellationToken);

    /// <summary>Stores bytes under their hash; what is there already is not sent again.</summary>
    public async Task PutBlobAsync(string sha256, byte[] bytes, CancellationToken cancellationToken) =>
        await SendAsync(HttpMethod.Put, $"blobs/{sha256}", new(bytes, "application/octet-stream"), Key(), cancellationToken);

    /// <summary>Bytes of a blob.</summary>
    public async Task<byte[]> GetBlobAsync(string sha256, CancellationToken cancellationToken)
    {
        using var answer = await RequestAsync(HttpMethod.Get, $"blobs/{sha256}", null, Key(), HttpCompletionOption.ResponseContentRead, cancellationToken);
        return await answer.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    /// <summary>The events of a task as they come, until <c>end</c>. A broken connection is taken up again after the last event seen.</summary>
    public async IAsyncEnumerable<TaskEvent> FollowAsync(string taskId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long after = 0;
        for (var broken = 0; broken < 5;)
        {
            await using var events = ReadEventsAsync(taskId, after, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await events.MoveNextAsync())
                    {
                        broken++;
                        break;
                    }
                }
                catch (Exception fault) when (fault is IOException or HttpRequestException)
                {
                    broken++;
                    break;
                }

                broken = 0;
                after = events.Current.Sequence;
                yield return events.Current;
                if (events.Current.Type == "end")
                {
                    yield break;
                }
            }
        }

        throw new CoordinatorException("coordinator_unreachable", "The coordinator ended the connection again and again.", "Look later: edgecoder status " + taskId, ExitCode.Failed);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async IAsyncEnumerable<TaskEvent> ReadEventsAsync(string taskId, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var answer = await RequestAsync(HttpMethod.Get, $"tasks/{Uri.EscapeDataString(taskId)}/events?after={after}", null, Key(), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in System.Net.ServerSentEvents.SseParser.Create(body).EnumerateAsync(cancellationToken))
        {
            if (item.Data is not "")
            {
                yield return Read(item.Data, MeshJson.Default.TaskEvent);
            }
        }
    }

    private async Task<string> SendAsync(HttpMethod method, string path, Body? body, AuthenticationHeaderValue? credential, CancellationToken cancellationToken)
    {
        using var answer = await RequestAsync(method, path, body, credential, HttpCompletionOption.ResponseContentRead, cancellationToken);
        return await answer.Content.ReadAsStringAsync(cancellationToken);
    }

    private async Task<HttpResponseMessage> RequestAsync(HttpMethod method, string path, Body? body, AuthenticationHeaderValue? credential, HttpCompletionOption until, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = credential;
        if (body is { } given)
        {
            request.Content = new ByteArrayContent(given.Bytes);
            request.Content.Headers.ContentType = new(given.MediaType);
        }

        HttpResponseMessage answer;
        try
        {
            answer = await _http.SendAsync(request, until, cancellationToken);
        }
        catch (HttpRequestException fault) when (fault.InnerException is System.Net.Sockets.SocketException or null)
        {
            throw new CoordinatorException("coordinator_unreachable", $"No coordinator answers at {_access.CoordinatorUrl}.", "Start one here with edgecoder up, or set COORDINATOR_URL.", ExitCode.Failed);
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CoordinatorException("coordinator_timeout", $"The coordinator at {_access.CoordinatorUrl} did not answer within a minute.", "Try again.", ExitCode.Failed);
        }

        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw await ExplainAsync(answer, cancellationToken);
        }
    }

    private static async Task<CoordinatorException> ExplainAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        Problem? problem = null;
        try
        {
            problem = JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(cancellationToken), MeshJson.Default.Problem);
        }
        catch (JsonException)
        {
            // Something that is no coordinator answered.
        }

        if (problem is null)
        {
            return new("coordinator_fault", $"The coordinator answered {(int)answer.StatusCode} without an explanation.", "Is COORDINATOR_URL the address of an EdgeCoder coordinator?", ExitCode.Failed);
        }

        var exit = answer.StatusCode switch
        {
            HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity => ExitCode.Usage,
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.PaymentRequired => ExitCode.Refused,
            _ => ExitCode.Failed,
        };
        return new(problem.Error, problem.Detail ?? problem.Title, null, exit);
    }

    private AuthenticationHeaderValue Key() => new(
        "Bearer",
        _access.ApiKey ?? throw new UsageException("api_key_missing", $"There is no API key for {_access.CoordinatorUrl} on this machine.", "Run this where edgecoder up was started, with the same EDGECODER_DATA_DIR; or let an operator run edgecoder account create, and set EDGECODER_API_KEY."));

    private AuthenticationHeaderValue Admin() => new(
        "Bearer",
        _access.AdminToken ?? throw new UsageException("admin_token_missing", $"There is no operator's token for {_access.CoordinatorUrl} on this machine.", "Run this where edgecoder up was started, or set ADMIN_API_TOKEN."));

    private static Body Json<T>(T value, JsonTypeInfo<T> type) => new(JsonSerializer.SerializeToUtf8Bytes(value, type), "application/json");

    private static T Read<T>(string text, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(text, type) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new CoordinatorException("coordinator_fault", "The coordinator answered with something that this program does not know.", "Is it of the same version?", ExitCode.Failed);
        }
    }

    private readonly record struct Body(byte[] Bytes, string MediaType);
}

/// <summary>What a coordinator refused, or that it could not be reached.</summary>
/// <param name="code">Stable code.</param>
/// <param name="message">For a person.</param>
/// <param name="hint">What to do next.</param>
/// <param name="exit">Exit code of the command.</param>
internal sealed class CoordinatorException(string code, string message, string? hint, ExitCode exit) : Exception(message)
{
    /// <summary>Stable code.</summary>
    public string Code { get; } = code;

    /// <summary>What to do next.</summary>
    public string? Hint { get; } = hint;

    /// <summary>Exit code of the command.</summary>
    public ExitCode Exit { get; } = exit;
}
