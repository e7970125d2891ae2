using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Blobs;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Envelopes;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Signatures;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.TestKit.Agents;

/// <summary>
/// An agent that does over HTTP what a test says, honest or not: registers, pulls, opens its leases, signs and posts results. Keys, signatures and envelopes are the real ones; only
/// what it reports is the script's. It judges nothing: answers come back as they are.
/// </summary>
public sealed class ScriptedAgent : IDisposable
{
    private readonly Uri _coordinator;
    private readonly string _peerId;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    /// <summary>An agent with fresh keys.</summary>
    /// <param name="agentId">Its id.</param>
    /// <param name="coordinator">Address of the coordinator, or of what stands before it.</param>
    /// <param name="peerId">The coordinator that requests are signed for.</param>
    /// <param name="time">Clock of its signatures.</param>
    public ScriptedAgent(string agentId, Uri coordinator, string peerId, TimeProvider time)
    {
        (AgentId, _coordinator, _peerId, _time) = (agentId, coordinator, peerId, time);
        _http = new(new RequestSigner(Key, $"agent:{agentId}", peerId, time) { InnerHandler = new SocketsHttpHandler { AllowAutoRedirect = false } }) { BaseAddress = coordinator, Timeout = 2 * ProgramRun.Patience };
    }

    /// <summary>Its id.</summary>
    public string AgentId { get; }

    /// <summary>Signs requests and reports.</summary>
    public SigningKey Key { get; } = SigningKey.Generate();

    /// <summary>Opens envelopes.</summary>
    public EnvelopeKey EnvelopeKey { get; } = EnvelopeKey.Generate();

    /// <summary>Registers with a sandbox, a model and many slots.</summary>
    /// <param name="registrationToken">Binds the key.</param>
    /// <param name="sealedWork">Whether it has an envelope key; without one its work comes in the clear, over loopback.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<RegisterAnswer> RegisterAsync(string registrationToken, bool sealedWork, CancellationToken cancellationToken)
    {
        var answer = await PostAsync(
            "/register",
            JsonSerializer.SerializeToUtf8Bytes(
                new RegisterRequest
                {
                    AgentId = AgentId,
                    Os = "linux",
                    Version = "1.0.0",
                    Mode = "swarm-only",
                    PublicKeyPem = Key.PublicKey.Pem,
                    X25519PublicKey = sealedWork ? EnvelopeKey.PublicKey : null,
                    X25519Signature = sealedWork ? X25519Binding.Sign(AgentId, EnvelopeKey.PublicKey, Key) : null,
                    RegistrationToken = registrationToken,
                    MaxConcurrentTasks = 64,
                    SandboxMode = "namespaces",
                    SandboxDigest = new string('a', 64),
                    Models = [new("scripted:1b", null, 8_192, "none", 50)],
                },
                MeshJson.Default.RegisterRequest),
            cancellationToken).ConfigureAwait(false);
        return answer.As(MeshJson.Default.RegisterAnswer);
    }

    /// <summary>Pulls up to <paramref name="most"/> leases and opens them; waits for the first.</summary>
    public async Task<IReadOnlyList<OpenedWork>> PullAsync(int waitMs, int most, CancellationToken cancellationToken)
    {
        var request = new PullRequest { AgentId = AgentId, WaitMs = waitMs, MaxSubtasks = most };
        var answer = await PostAsync("/pull", JsonSerializer.SerializeToUtf8Bytes(request, MeshJson.Default.PullRequest), cancellationToken).ConfigureAwait(false);
        return [.. answer.As(MeshJson.Default.PullAnswer).Assignments.Select(Open)];
    }

    /// <summary>Pulls until there is work, as agents do: on a busy machine a check may be tried for longer than one pull waits.</summary>
    public async Task<IReadOnlyList<OpenedWork>> WorkAsync(int most, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(ProgramRun.Patience);
        while (true)
        {
            if (await PullAsync(30_000, most, patience.Token).ConfigureAwait(false) is { Count: > 0 } works)
            {
                return works;
            }
        }
    }

    /// <summary>Stores bytes as a blob and gives their digest.</summary>
    public async Task<string> PutAsync(byte[] content, CancellationToken cancellationToken)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(content));
        using var body = new ByteArrayContent(content);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return (await SendAsync(_http, HttpMethod.Put, $"/blobs/{digest}", body, cancellationToken).ConfigureAwait(false)) is { Status: < 300 }
            ? digest
            : throw new InvalidOperationException("The blob was refused.");
    }

    /// <summary>Stores bytes sealed, as the patches and logs of sealed work are sent; what is given back goes into the report.</summary>
    public async Task<SealedBlob> PutSealedAsync(byte[] content, CancellationToken cancellationToken)
    {
        var (blob, bytes) = BlobSealer.Seal(content);
        await PutAsync(bytes, cancellationToken).ConfigureAwait(false);
        return blob;
    }

    /// <summary>Reads a blob by the digest that stands in its path.</summary>
    public Task<AgentAnswer> GetAsync(string digest, CancellationToken cancellationToken) => SendAsync(_http, HttpMethod.Get, $"/blobs/{digest}", null, cancellationToken);

    /// <summary>A report as an honest program writes it: of this lease, with its digest, signed. <paramref name="content"/> says what it claims.</summary>
    public ResultReport Sign(OpenedWork work, Func<ResultReport, ResultReport> content)
    {
        var report = content(new()
        {
            LeaseId = work.Lease.LeaseId,
            SubtaskId = work.Order.Id,
            AgentId = AgentId,
            TaskId = work.Order.TaskId,
            Ok = true,
            DurationMs = 5,
            ReportNonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)),
            SnapshotDigest = work.Lease.SnapshotDigest,
            CheckDigest = work.Lease.CheckDigest,
        });
        report = report with { ResultDigest = report.ResultDigest ?? ResultDigest.Of(report) };
        return report with { ReportSignature = report.ReportSignature ?? ReportSignature.Sign(report, Key) };
    }

    /// <summary>The body of <c>POST /result</c> of a signed report: sealed where the work was.</summary>
    public static byte[] Body(OpenedWork work, ResultReport signed) => JsonSerializer.SerializeToUtf8Bytes(
        work is { Secret: { } secret, Envelope: { } envelope } ? SealedReply.Seal(secret, envelope.EphemeralPublicKey, signed) : signed, MeshJson.Default.ResultReport);

    /// <summary>Reports on a lease.</summary>
    public Task<AgentAnswer> ReportAsync(OpenedWork work, Func<ResultReport, ResultReport> content, CancellationToken cancellationToken) =>
        PostAsync("/result", Body(work, Sign(work, content)), cancellationToken);

    /// <summary>Posts a body, signed by this agent.</summary>
    public Task<AgentAnswer> PostAsync(string path, byte[] body, CancellationToken cancellationToken) => SendAsync(_http, HttpMethod.Post, path, Json(body), cancellationToken);

    /// <summary>Posts a body in the name of another agent; the key is still this one's.</summary>
    public async Task<AgentAnswer> PostAsAsync(string agentId, string path, byte[] body, CancellationToken cancellationToken)
    {
        using var signer = new RequestSigner(Key, $"agent:{agentId}", _peerId, _time) { InnerHandler = new SocketsHttpHandler() };
        using var http = new HttpClient(signer) { BaseAddress = _coordinator };
        return await SendAsync(http, HttpMethod.Post, path, Json(body), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The headers of one signed POST, so that a test can send the very same request twice.</summary>
    public SignedHeaders SignPost(string path, byte[] body)
    {
        using var signer = new RequestSigner(Key, $"agent:{AgentId}", _peerId, _time);
        return signer.Sign(RequestTarget.Of("POST", new Uri(_coordinator, path)), ContentDigest.Of(body));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        Key.Dispose();
        EnvelopeKey.Dispose();
    }

    private static ByteArrayContent Json(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private static async Task<AgentAnswer> SendAsync(HttpClient http, HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var answer = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        return new((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
    }

    private OpenedWork Open(Assignment assignment)
    {
        if (assignment.Envelope is not { } envelope)
        {
            return new(assignment.Lease, assignment.Subtask!, null, null);
        }

        var (plaintext, secret) = EnvelopeOpener.Open(envelope, EnvelopeKey);
        return new(assignment.Lease, JsonSerializer.Deserialize(plaintext, MeshJson.Default.SubtaskOrder)!, envelope, secret);
    }
}
