using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Signatures;

namespace EdgeCoder.SystemTests.Coordination;

/// <summary>An agent of a load: real keys and signatures, work that costs nothing. It goes to the next coordinator when one does not answer, as workers do.</summary>
internal sealed class LoadAgent : IDisposable
{
    private readonly SigningKey _key = SigningKey.Generate();
    private readonly HttpClient _http;
    private readonly IReadOnlyList<Uri> _coordinators;
    private readonly string _agentId;
    private int _at;

    public LoadAgent(string agentId, string peerId, IReadOnlyList<Uri> coordinators, int first)
    {
        (_agentId, _coordinators, _at) = (agentId, coordinators, first);
        _http = new(new RequestSigner(_key, "agent:" + agentId, peerId, TimeProvider.System) { InnerHandler = new SocketsHttpHandler() }) { Timeout = TimeSpan.FromMinutes(2) };
    }

    /// <summary>Binds its key with a one-use token.</summary>
    public async Task RegisterAsync(string token, CancellationToken cancellationToken)
    {
        var register = new RegisterRequest
        {
            AgentId = _agentId,
            Os = "linux",
            Version = "0.1.0",
            Mode = "swarm-only",
            PublicKeyPem = _key.PublicKey.Pem,
            RegistrationToken = token,
            MaxConcurrentTasks = 4,
            SandboxMode = "namespaces",
            PowerTelemetry = new() { DeviceType = "server" },
            Models = [new("load", null, 4096, "text", 10)],
        };
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("register", register, MeshJson.Default.RegisterRequest, cancellationToken)).Status);
    }

    /// <summary>Pulls and reports until it is stopped; <paramref name="reported"/> is called after each result that was taken, with the coordinator that took it.</summary>
    public async Task WorkAsync(Action<Uri> reported, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var (status, body, _) = await PostAsync("pull", new PullRequest { AgentId = _agentId, WaitMs = 500, MaxSubtasks = 2 }, MeshJson.Default.PullRequest, stop);
                Assert.Equal(HttpStatusCode.OK, status);
                foreach (var work in JsonSerializer.Deserialize(body, MeshJson.Default.PullAnswer)!.Assignments)
                {
                    await ReportAsync(work, reported, stop);
                }

                // The next request goes to the other one.
                _at++;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _key.Dispose();
    }

    private async Task ReportAsync(Assignment work, Action<Uri> reported, CancellationToken stop)
    {
        var report = new ResultReport
        {
            LeaseId = work.Lease.LeaseId,
            SubtaskId = work.Lease.SubtaskId,
            AgentId = _agentId,
            Ok = true,
            Output = "hello",
            DurationMs = 1,
            ReportNonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)),
        };
        report = report with { ResultDigest = ResultDigest.Of(report) };
        report = report with { ReportSignature = ReportSignature.Sign(report, _key) };
        var (status, body, by) = await PostAsync("result", report, MeshJson.Default.ResultReport, stop);
        if (status == HttpStatusCode.OK)
        {
            reported(by);
            return;
        }

        // The lease may have ended while the report looked for a coordinator: the work is then somebody else's. Nothing else is right.
        Assert.True(status == HttpStatusCode.Conflict, $"/result: {status} {System.Text.Encoding.UTF8.GetString(body)}");
    }

    /// <summary>Posts, at the next coordinator when one is gone or has no store; the message is the same, its signature's nonce new.</summary>
    private async Task<(HttpStatusCode Status, byte[] Body, Uri By)> PostAsync<T>(string path, T message, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(message, type);
        while (true)
        {
            var by = _coordinators[_at % _coordinators.Count];
            try
            {
                using var content = new ByteArrayContent(bytes);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                using var answer = await _http.PostAsync(new Uri(by, path), content, cancellationToken);
                if ((int)answer.StatusCode < 500)
                {
                    return (answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(cancellationToken), by);
                }
            }
            catch (Exception fault) when (fault is HttpRequestException or IOException || (fault is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // Killed, or starting again.
            }

            _at++;
            await Task.Yield();
        }
    }
}
