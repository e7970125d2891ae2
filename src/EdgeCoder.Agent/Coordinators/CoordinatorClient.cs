using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Problems;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Signatures;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Agent.Coordinators;

/// <summary>Calls a coordinator with the agent's signature (coordinator-and-mesh 2.2), within the times and with the tries of environment.md 6.</summary>
public sealed class CoordinatorClient : ICoordinator
{
    private const int MostAnswerBytes = 8 << 20;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BlobTime = TimeSpan.FromMinutes(10);

    private readonly HttpClient _http;
    private readonly CoordinatorSettings _settings;
    private readonly TimeProvider _time;

    /// <summary>A client for one coordinator.</summary>
    /// <param name="who">The coordinator.</param>
    /// <param name="agentId">Who signs.</param>
    /// <param name="key">The agent's key; the caller owns it.</param>
    /// <param name="settings">Times and tries.</param>
    /// <param name="time">The clock.</param>
    public CoordinatorClient(FoundCoordinator who, string agentId, SigningKey key, CoordinatorSettings settings, TimeProvider time)
    {
        (Who, _settings, _time) = (who, settings, time);
        // A redirect would carry the signature of one request to another place.
        var sockets = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = settings.CallTime };
        _http = new(new RequestSigner(key, $"agent:{agentId}", who.PeerId, time) { InnerHandler = sockets }) { BaseAddress = new Uri(who.Url), Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <inheritdoc/>
    public FoundCoordinator Who { get; }

    /// <inheritdoc/>
    public Task<RegisterAnswer> RegisterAsync(RegisterRequest request, CancellationToken cancellationToken) =>
        PostAsync("/register", JsonSerializer.SerializeToUtf8Bytes(request, MeshJson.Default.RegisterRequest), MeshJson.Default.RegisterAnswer, _settings.CallTime, _settings.Retries, cancellationToken);

    /// <inheritdoc/>
    public Task<HeartbeatAnswer> HeartbeatAsync(HeartbeatRequest request, CancellationToken cancellationToken) =>
        PostAsync("/heartbeat", JsonSerializer.SerializeToUtf8Bytes(request, MeshJson.Default.HeartbeatRequest), MeshJson.Default.HeartbeatAnswer, _settings.CallTime, _settings.Retries, cancellationToken);

    /// <inheritdoc/>
    public Task<PullAnswer> PullAsync(PullRequest request, CancellationToken cancellationToken) => PostAsync(
        "/pull", JsonSerializer.SerializeToUtf8Bytes(request, MeshJson.Default.PullRequest), MeshJson.Default.PullAnswer, _settings.CallTime + TimeSpan.FromMilliseconds(request.WaitMs ?? 0), retries: 0, cancellationToken);

    /// <inheritdoc/>
    public Task<ResultAnswer> PostResultAsync(ReadOnlyMemory<byte> report, CancellationToken cancellationToken) =>
        PostAsync("/result", report, MeshJson.Default.ResultAnswer, _settings.CallTime, _settings.Retries, cancellationToken);

    /// <inheritdoc/>
    public Task ReleaseAsync(string leaseId, string reason, CancellationToken cancellationToken) => TryAsync(
        async token =>
        {
            using var answer = await SendAsync(HttpMethod.Post, $"/leases/{leaseId}/release", Json(JsonSerializer.SerializeToUtf8Bytes(new ReleaseRequest(reason), MeshJson.Default.ReleaseRequest)), token).ConfigureAwait(false);
            await CheckAsync(answer, token).ConfigureAwait(false);
            return true;
        },
        _settings.CallTime, _settings.Retries, cancellationToken);

    /// <inheritdoc/>
    public Task<long> GetBlobAsync(string sha256, Stream destination, long limit, CancellationToken cancellationToken) => TryAsync(
        async token =>
        {
            using var answer = await SendAsync(HttpMethod.Get, $"/blobs/{sha256}", null, token).ConfigureAwait(false);
            await CheckAsync(answer, token).ConfigureAwait(false);
            await using var body = await answer.Content.ReadAsStreamAsync(token).ConfigureAwait(false);
            destination.SetLength(0);
            var buffer = new byte[1 << 16];
            for (int read; (read = await body.ReadAsync(buffer, token).ConfigureAwait(false)) > 0;)
            {
                if (destination.Length + read > limit)
                {
                    throw new CoordinatorFault(413, "blob_too_large", $"The blob {sha256} is larger than {limit:N0} bytes.");
                }

                await destination.WriteAsync(buffer.AsMemory(0, read), token).ConfigureAwait(false);
            }

            return destination.Length;
        },
        BlobTime, _settings.Retries, cancellationToken);

    /// <inheritdoc/>
    public Task PutBlobAsync(string sha256, Func<Stream> open, CancellationToken cancellationToken) => TryAsync(
        async token =>
        {
            using var content = new StreamContent(open());
            content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            using var answer = await SendAsync(HttpMethod.Put, $"/blobs/{sha256}", content, token).ConfigureAwait(false);
            await CheckAsync(answer, token).ConfigureAwait(false);
            return true;
        },
        BlobTime, _settings.Retries, cancellationToken);

    /// <summary><c>GET /agents/{id}/explain</c>: what the coordinator would lease to this agent, and why nothing.</summary>
    public Task<AgentExplanation> ExplainAsync(string agentId, CancellationToken cancellationToken) => TryAsync(
        async token =>
        {
            using var answer = await SendAsync(HttpMethod.Get, $"/agents/{agentId}/explain", null, token).ConfigureAwait(false);
            await CheckAsync(answer, token).ConfigureAwait(false);
            await answer.Content.LoadIntoBufferAsync(MostAnswerBytes, token).ConfigureAwait(false);
            return JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(token).ConfigureAwait(false), MeshJson.Default.AgentExplanation) ?? throw new JsonException("The answer is empty.");
        },
        _settings.CallTime, _settings.Retries, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static ByteArrayContent Json(ReadOnlyMemory<byte> body)
    {
        var content = new ByteArrayContent(body.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private Task<T> PostAsync<T>(string path, ReadOnlyMemory<byte> body, JsonTypeInfo<T> type, TimeSpan limit, int retries, CancellationToken cancellationToken) => TryAsync(
        async token =>
        {
            using var answer = await SendAsync(HttpMethod.Post, path, Json(body), token).ConfigureAwait(false);
            await CheckAsync(answer, token).ConfigureAwait(false);
            await answer.Content.LoadIntoBufferAsync(MostAnswerBytes, token).ConfigureAwait(false);
            return JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(token).ConfigureAwait(false), type)
                ?? throw new JsonException("The answer is empty.");
        },
        limit, retries, cancellationToken);

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tries again, each time with a new nonce, while nobody answers well: 408, 429, 5xx and silence; the pause doubles.</summary>
    private async Task<T> TryAsync<T>(Func<CancellationToken, Task<T>> call, TimeSpan limit, int retries, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await OnceAsync(call, limit, cancellationToken).ConfigureAwait(false);
            }
            catch (CoordinatorFault fault) when (attempt < retries && (fault.IsOutage || fault.Status == 429))
            {
                var pause = FirstPause * Math.Pow(2, attempt);
                if (fault.RetryAfter is { } asked && asked > pause)
                {
                    // Whoever asks for a longer pause than a call may take is left to the caller's own rhythm.
                    if (asked > limit)
                    {
                        throw;
                    }

                    pause = asked;
                }

                await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<T> OnceAsync<T>(Func<CancellationToken, Task<T>> call, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await call(either.Token).ConfigureAwait(false);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            throw new CoordinatorFault(0, "coordinator_unreachable", $"{Who.Url} did not answer within {limit.TotalSeconds:0.#} s.");
        }
        catch (HttpRequestException fault)
        {
            throw new CoordinatorFault(0, "coordinator_unreachable", $"{Who.Url} cannot be reached: {fault.HttpRequestError}.");
        }
        catch (IOException)
        {
            throw new CoordinatorFault(0, "coordinator_unreachable", $"{Who.Url} broke off.");
        }
        catch (JsonException)
        {
            throw new CoordinatorFault((int)HttpStatusCode.BadGateway, "answer_invalid", $"{Who.Url} answered with something that is not a coordinator's message.");
        }
    }

    private static async Task CheckAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.IsSuccessStatusCode)
        {
            return;
        }

        Problem? problem = null;
        try
        {
            await answer.Content.LoadIntoBufferAsync(1 << 16, cancellationToken).ConfigureAwait(false);
            problem = JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false), MeshJson.Default.Problem);
        }
        catch (Exception fault) when (fault is JsonException or HttpRequestException)
        {
            // A proxy answered in its own words; the status says enough.
        }

        var status = (int)answer.StatusCode;
        throw new CoordinatorFault(status, problem?.Error ?? $"http_{status}", problem?.Detail ?? $"The coordinator answered with status {status}.")
        {
            Reason = problem?.Reason,
            RetryAfter = answer.Headers.RetryAfter?.Delta,
        };
    }
}
