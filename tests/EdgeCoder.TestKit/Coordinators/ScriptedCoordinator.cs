using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Threading.Channels;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Blobs;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Envelopes;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Problems;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Signatures;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.TestKit.Coordinators;

/// <summary>
/// A coordinator whose tasks, approvals and faults are written by the test: real Kestrel on loopback, real signatures, replay window, envelopes and leases, the
/// routes that an agent uses. What it refuses it refuses with the real statuses and codes.
/// </summary>
public sealed class ScriptedCoordinator : IAsyncDisposable
{
    private readonly WebApplication _app;
    private volatile SigningKey _key = SigningKey.Generate();
    private readonly Lock _turn = new();
    private readonly Dictionary<string, ScriptedAgent> _agents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _tokens = new(StringComparer.Ordinal);
    private readonly Queue<SubtaskOrder> _queue = new();
    private readonly Dictionary<string, ScriptedLease> _leases = new(StringComparer.Ordinal);
    private readonly HashSet<string> _nonces = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ScriptedCoordinator(string peerId)
    {
        PeerId = peerId;
        var builder = LoopbackApp.NewBuilder();
        builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = null);
        _app = builder.Build();
    }

    /// <summary>Its id.</summary>
    public string PeerId { get; }

    /// <summary>Its address, in the form in which addresses are compared.</summary>
    public string Url { get; private set; } = "";

    /// <summary>What it says of its address; null: the truth.</summary>
    public string? ToldUrl { get; set; }

    /// <summary>Its key.</summary>
    public VerifyingKey Key => _key.PublicKey;

    /// <summary>What it tells of its changes of key; null: nothing.</summary>
    public IReadOnlyList<string>? Rotations { get; set; }

    /// <summary>Takes another key, whoever has made it.</summary>
    public void Take(SigningKey key) => _key = key;

    /// <summary>Its key of now, for those who sign statements with it.</summary>
    public SigningKey SigningKey => _key;

    /// <summary>The key with which it proves its identity; another one than it shows is a lie.</summary>
    public SigningKey? ProvesWith { get; set; }

    /// <summary>Its mode.</summary>
    public string NetworkMode { get; set; } = "public_mesh";

    /// <summary>Policy of every agent.</summary>
    public AgentPolicy Policy { get; set; } = new() { MaxConcurrentTasks = 64 };

    /// <summary>Called before each request is looked at, with its path; gives a fault to answer with, or null. A status of 0 breaks the connection.</summary>
    public Func<string, Problem?> Fault { get; set; } = static _ => null;

    /// <summary>Called with each assignment before it is sent: a test tampers with it here.</summary>
    public Func<Assignment, Assignment> Tamper { get; set; } = static assignment => assignment;

    /// <summary>Blobs by digest, plain.</summary>
    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new();

    /// <summary>Blobs by digest as they are served: sealed ones, and such that a test has put wrong.</summary>
    public ConcurrentDictionary<string, byte[]> Served { get; } = new();

    /// <summary>Registrations, in order.</summary>
    public ConcurrentQueue<RegisterRequest> Registrations { get; } = new();

    /// <summary>Heartbeats, in order.</summary>
    public Channel<HeartbeatRequest> Heartbeats { get; } = Channel.CreateUnbounded<HeartbeatRequest>();

    /// <summary>Results that were taken, opened.</summary>
    public Channel<ResultReport> Results { get; } = Channel.CreateUnbounded<ResultReport>();

    /// <summary>Every body of <c>POST /result</c>, as it came, taken or not.</summary>
    public ConcurrentQueue<string> ResultBodies { get; } = new();

    /// <summary>Leases that were given back: lease and reason.</summary>
    public Channel<(string LeaseId, string Reason)> Releases { get; } = Channel.CreateUnbounded<(string, string)>();

    /// <summary>Leases that were granted.</summary>
    public Channel<Lease> Grants { get; } = Channel.CreateUnbounded<Lease>();

    /// <summary>Requests that were refused for their signature, with the reason.</summary>
    public ConcurrentQueue<string> SignatureFaults { get; } = new();

    /// <summary>Starts one.</summary>
    public static async Task<ScriptedCoordinator> StartAsync(string peerId = "coord-scripted")
    {
        var coordinator = new ScriptedCoordinator(peerId);
        coordinator._app.Run(coordinator.HandleAsync);
        await coordinator._app.StartAsync();
        coordinator.Url = coordinator._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return coordinator;
    }

    /// <summary>Enrols a node; gives its one-use token.</summary>
    public string Enrol(string agentId)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));
        lock (_turn)
        {
            _tokens[token] = agentId;
        }

        return token;
    }

    /// <summary>Sets the state of an agent: active, suspended, draining, …</summary>
    public void SetStatus(string agentId, string status) => Change(() => _agents[agentId].Status = status);

    /// <summary>Forgets an agent, as a coordinator with a new store.</summary>
    public void Forget(string agentId) => Change(() => _agents.Remove(agentId));

    /// <summary>Whether an agent's key is bound, and to what.</summary>
    public VerifyingKey? KeyOf(string agentId)
    {
        lock (_turn)
        {
            return _agents.GetValueOrDefault(agentId)?.Key;
        }
    }

    /// <summary>Keeps a blob; gives its digest.</summary>
    public string AddBlob(byte[] content)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(content));
        Blobs[digest] = content;
        return digest;
    }

    /// <summary>Queues a subtask.</summary>
    public void Enqueue(SubtaskOrder order) => Change(() => _queue.Enqueue(order));

    /// <summary>Takes a lease away: the next heartbeat that lists it is told.</summary>
    public void Revoke(string leaseId) => Change(() => _leases[leaseId].State = "revoked");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        try
        {
            await _app.StopAsync(soon.Token);
        }
        catch (OperationCanceledException)
        {
            // A parked pull ends with it.
        }

        await _app.DisposeAsync();
        _key.Dispose();
    }

    private void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_turn)
        {
            change();
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        if (Fault(path) is { } fault)
        {
            if (fault.Status == 0)
            {
                context.Abort();
                return;
            }

            await AnswerAsync(context, fault);
            return;
        }

        using var stream = new MemoryStream();
        await context.Request.Body.CopyToAsync(stream, context.RequestAborted);
        var body = stream.ToArray();
        try
        {
            await RouteAsync(context, path, body);
        }
        catch (Refused refused)
        {
            await AnswerAsync(context, refused.Problem);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The agent went away.
        }
    }

    private Task RouteAsync(HttpContext context, string path, byte[] body) => (context.Request.Method, path.Split('/')) switch
    {
        ("GET", ["", "health", "runtime"]) => JsonAsync(context, "{\"ok\":true}"u8.ToArray()),
        ("GET", ["", "identity"]) => IdentityAsync(context),
        ("GET", ["", "network", "coordinators"]) => JsonAsync(context, Feed()),
        ("POST", ["", "register"]) => RegisterAsync(context, body),
        ("POST", ["", "heartbeat"]) => HeartbeatAsync(context, body),
        ("POST", ["", "pull"]) => PullAsync(context, body),
        ("POST", ["", "result"]) => ResultAsync(context, body),
        ("POST", ["", "leases", var lease, "release"]) => ReleaseAsync(context, lease, body),
        ("PUT", ["", "blobs", var digest]) => PutAsync(context, digest, body),
        ("GET", ["", "blobs", var digest]) => GetAsync(context, digest, body),
        _ => throw new Refused(404, "not_found"),
    };

    /// <summary>What the registry's feed says; a test writes it.</summary>
    public Func<byte[]> Feed { get; set; } = static () => "{\"coordinators\":[]}"u8.ToArray();

    private Task IdentityAsync(HttpContext context)
    {
        var challenge = context.Request.Query["challenge"].ToString();
        var url = ToldUrl ?? Url;
        return JsonAsync(context, JsonSerializer.SerializeToUtf8Bytes(
            new IdentityAnswer
            {
                PeerId = PeerId,
                PublicKeyPem = Key.Pem,
                KeyId = Key.KeyId,
                Vkey = $"{PeerId}+{Key.KeyId}",
                CoordinatorUrl = url,
                NetworkMode = NetworkMode,
                IssuedAtMs = 1,
                Rotations = Rotations,
                Proof = IdentityProof.Sign(challenge, PeerId, url, 1, ProvesWith ?? _key),
            },
            MeshJson.Default.IdentityAnswer));
    }

    private Task RegisterAsync(HttpContext context, byte[] body)
    {
        var request = JsonSerializer.Deserialize(body, MeshJson.Default.RegisterRequest)!;
        if (!VerifyingKey.TryParse(request.PublicKeyPem, out var key))
        {
            throw new Refused(400, "validation_failed");
        }

        Check(context, body, _ => key, request.AgentId!);
        Registrations.Enqueue(request);
        string status = "";
        Change(() =>
        {
            var agent = Bind(request, key);
            if (request.X25519PublicKey is { } x25519)
            {
                agent.EnvelopeKey = X25519Binding.Verify(request.AgentId!, x25519, request.X25519Signature, key) ? x25519 : throw new Refused(400, "validation_failed");
            }

            status = agent.Status;
        });
        return JsonAsync(context, JsonSerializer.SerializeToUtf8Bytes(new RegisterAnswer(true, status, Policy, request.Mode ?? "swarm-only", Key.Pem), MeshJson.Default.RegisterAnswer));
    }

    private ScriptedAgent Bind(RegisterRequest request, VerifyingKey key)
    {
        if (_agents.TryGetValue(request.AgentId!, out var known))
        {
            if (known.Key.Equals(key))
            {
                return known;
            }

            if (request.Rotation is not { } rotation
                || SignedDocument.Verify(DocumentContexts.AgentRotation, Convert.FromBase64String(rotation), known.Key) is not null
                || SignedDocument.Read(Convert.FromBase64String(rotation), MeshJson.Default.AgentRotation) is not { } statement
                || statement.AgentId != request.AgentId || statement.NewPublicKeyPem != key.Pem)
            {
                throw new Refused(409, "agent_key_mismatch");
            }

            known.Key = key;
            return known;
        }

        if (request.RegistrationToken is not { } token)
        {
            throw new Refused(403, "node_not_activated", "registration_token_required");
        }

        return _tokens.Remove(token, out var owner) && owner == request.AgentId
            ? _agents[request.AgentId!] = new() { Key = key }
            : throw new Refused(403, "node_not_activated", "registration_token_invalid");
    }

    private async Task HeartbeatAsync(HttpContext context, byte[] body)
    {
        var request = JsonSerializer.Deserialize(body, MeshJson.Default.HeartbeatRequest)!;
        var agent = Check(context, body, Known, request.AgentId!);
        List<LeaseStanding> standings = [];
        string status;
        lock (_turn)
        {
            status = agent!.Status;
            standings.AddRange((request.Leases ?? []).Select(lease => new LeaseStanding(lease.LeaseId!, 0, _leases.GetValueOrDefault(lease.LeaseId!)?.State ?? "unknown")));
        }

        var answer = status == "blacklisted"
            ? new HeartbeatAnswer { Ok = false, Blacklisted = true, Reason = "scripted" }
            : new HeartbeatAnswer { Ok = true, Status = status, Policy = Policy, Leases = standings, NetworkMode = NetworkMode, Enrolment = Enrolment(request.AgentId!, agent.Key, status) };
        await JsonAsync(context, JsonSerializer.SerializeToUtf8Bytes(answer, MeshJson.Default.HeartbeatAnswer));
        Heartbeats.Writer.TryWrite(request);
    }

    private string Enrolment(string agentId, VerifyingKey key, string status) => Convert.ToBase64String(SignedDocument.Sign(
        DocumentContexts.Enrolment,
        new EnrolmentStatement { AgentId = agentId, PublicKeySha256 = key.SpkiSha256, OwnerAccountId = "acct-owner", Status = status, IssuedAtMs = 1, ExpiresAtMs = 2 },
        MeshJson.Default.EnrolmentStatement,
        _key));

    private async Task PullAsync(HttpContext context, byte[] body)
    {
        var request = JsonSerializer.Deserialize(body, MeshJson.Default.PullRequest)!;
        var agent = Check(context, body, Known, request.AgentId!)!;
        using var time = new CancellationTokenSource(request.WaitMs ?? 0);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(time.Token, context.RequestAborted, _app.Lifetime.ApplicationStopping);
        while (true)
        {
            Task changed;
            List<Assignment> granted = [];
            string status;
            lock (_turn)
            {
                changed = _changed.Task;
                status = agent.Status;
                while (status == "active" && granted.Count < (request.MaxSubtasks ?? 1) && _queue.TryDequeue(out var order))
                {
                    granted.Add(Grant(request.AgentId!, agent, order));
                }
            }

            if (status == "active" && granted.Count == 0 || status == "pending_approval")
            {
                try
                {
                    await changed.WaitAsync(end.Token);
                    continue;
                }
                catch (OperationCanceledException)
                {
                    context.RequestAborted.ThrowIfCancellationRequested();
                }
            }

            var answer = status != "active" ? new PullAnswer { Blocked = true, Reason = status } : new PullAnswer { Assignments = [.. granted.Select(Tamper)], Reason = granted.Count == 0 ? "no_work" : null };
            await JsonAsync(context, JsonSerializer.SerializeToUtf8Bytes(answer, MeshJson.Default.PullAnswer));
            foreach (var lease in granted)
            {
                Grants.Writer.TryWrite(lease.Lease);
            }

            return;
        }
    }

    private Assignment Grant(string agentId, ScriptedAgent agent, SubtaskOrder order)
    {
        // Every blob that the work needs is sealed for this lease.
        var digests = (order.AcceptanceCheck?.Files ?? []).Select(file => file.Sha256).Concat(order.SnapshotDigest is { } snapshot ? [snapshot] : Array.Empty<string>());
        var blobs = new List<SealedBlob>();
        foreach (var digest in digests.Where(Blobs.ContainsKey))
        {
            var (blob, bytes) = BlobSealer.Seal(Blobs[digest]);
            blobs.Add(blob);
            Served[blob.SealedDigest] = bytes;
        }

        var salt = RandomNumberGenerator.GetBytes(16);
        order = order with { InputSalt = Convert.ToBase64String(salt), Blobs = blobs.Count > 0 ? blobs : null };
        var lease = new Lease
        {
            LeaseId = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)),
            SubtaskId = order.Id,
            Attempt = 1,
            Purpose = LeasePurpose.Work,
            AgentId = agentId,
            HomeCoordinatorId = PeerId,
            GrantedAtMs = 1,
            DeadlineMs = 2,
            HardDeadlineMs = 3,
            Price = new(1_000, 10_000, 10_000, 10_000),
            InputHash = Convert.ToHexStringLower(SHA256.HashData([.. salt, .. System.Text.Encoding.UTF8.GetBytes(order.Input)])),
            SnapshotDigest = order.SnapshotDigest,
            CheckDigest = order.AcceptanceCheck is { } check ? Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Write(check, MeshJson.Default.AcceptanceCheck))) : null,
            AuditWindowId = "w1",
            Cv = 0,
        };
        var signed = SignedDocument.Sign(DocumentContexts.Lease, lease, MeshJson.Default.Lease, _key);
        var (envelope, secret) = EnvelopeSealer.Seal(
            JsonSerializer.SerializeToUtf8Bytes(order, MeshJson.Default.SubtaskOrder), agent.EnvelopeKey!, lease.LeaseId, lease.SubtaskId, agentId, new(order.Kind, order.Language, 50, ResourceClass.Cpu, order.TimeoutMs));
        _leases[lease.LeaseId] = new(agentId, envelope.EphemeralPublicKey, secret);
        return new() { Lease = lease, SignedLease = Convert.ToBase64String(signed), Envelope = envelope };
    }

    private async Task ResultAsync(HttpContext context, byte[] body)
    {
        var posted = JsonSerializer.Deserialize(body, MeshJson.Default.ResultReport)!;
        var agent = Check(context, body, Known, posted.AgentId!)!;
        ResultBodies.Enqueue(System.Text.Encoding.UTF8.GetString(body));
        ResultReport report;
        lock (_turn)
        {
            if (!_leases.TryGetValue(posted.LeaseId!, out var lease) || lease.AgentId != posted.AgentId)
            {
                throw new Refused(409, "lease_not_held", "unknown");
            }

            if (lease.ResultDigest is { } before)
            {
                if (before != posted.ResultDigest)
                {
                    throw new Refused(409, "result_conflict");
                }
            }
            else if (lease.State != "held")
            {
                throw new Refused(409, "lease_not_held", lease.State);
            }

            if (posted.EncryptedPayload is null)
            {
                throw new Refused(400, "plaintext_not_allowed");
            }

            report = SealedReply.Open(lease.Secret, lease.EphemeralPublicKey, posted) ?? throw new Refused(400, "envelope_decrypt_failed");
            if (ResultDigest.Of(report) != report.ResultDigest)
            {
                throw new Refused(400, "result_digest_mismatch");
            }

            if (!ReportSignature.Verify(report, agent.Key))
            {
                throw new Refused(400, "report_signature_invalid");
            }

            foreach (var blob in report.Blobs ?? [])
            {
                if (Blobs.TryGetValue(blob.SealedDigest, out var hidden))
                {
                    Blobs[blob.Digest] = BlobSealer.Open(blob, hidden) ?? throw new Refused(400, "envelope_decrypt_failed");
                }
            }

            if (lease.ResultDigest is not null)
            {
                report = report with { Error = "duplicate" };
            }

            lease.ResultDigest = posted.ResultDigest;
        }

        await JsonAsync(context, JsonSerializer.SerializeToUtf8Bytes(new ResultAnswer(true, SubtaskState.Reported, null), MeshJson.Default.ResultAnswer));
        Results.Writer.TryWrite(report);
    }

    private async Task ReleaseAsync(HttpContext context, string leaseId, byte[] body)
    {
        Check(context, body, Known, null);
        Change(() => _leases[leaseId].State = "released");
        await JsonAsync(context, "{\"ok\":true}"u8.ToArray());
        Releases.Writer.TryWrite((leaseId, JsonSerializer.Deserialize(body, MeshJson.Default.ReleaseRequest)!.Reason!));
    }

    private Task PutAsync(HttpContext context, string digest, byte[] body)
    {
        Check(context, body, Known, null);
        if (Convert.ToHexStringLower(SHA256.HashData(body)) != digest)
        {
            throw new Refused(400, "blob_digest_mismatch");
        }

        Blobs[digest] = body;
        return JsonAsync(context, "{\"ok\":true}"u8.ToArray());
    }

    private Task GetAsync(HttpContext context, string digest, byte[] body)
    {
        Check(context, body, Known, null);
        return context.Response.Body.WriteAsync(Served.TryGetValue(digest, out var bytes) || Blobs.TryGetValue(digest, out bytes) ? bytes : throw new Refused(404, "blob_not_found")).AsTask();
    }

    private ScriptedAgent? Known(string agentId)
    {
        lock (_turn)
        {
            return _agents.GetValueOrDefault(agentId);
        }
    }

    private ScriptedAgent? Check(HttpContext context, byte[] body, Func<string, ScriptedAgent?> find, string? agentId)
    {
        ScriptedAgent? found = null;
        Check(context, body, id => (found = find(id))?.Key, agentId);
        return found;
    }

    /// <summary>The checks of coordinator-and-mesh 2.2 that concern the signature, in their order.</summary>
    private void Check(HttpContext context, byte[] body, Func<string, VerifyingKey?> find, string? agentId)
    {
        var headers = context.Request.Headers;
        if (SignatureHeaders.ReadInputs(headers[SignatureHeaders.Input]) is not [{ Tag: RequestSignatureBase.Tag, KeyId: ['a', 'g', 'e', 'n', 't', ':', .. var id], Nonce: { } nonce, Created: { } created } input]
            || !RequestSignatureBase.Mandatory.All(input.Covers))
        {
            throw Wrong("signature_missing");
        }

        if (find(id) is not { } key)
        {
            throw new Refused(401, "mesh_unauthorized", "agent_not_registered");
        }

        if (Math.Abs(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - created) > 120)
        {
            throw Wrong("clock_skew");
        }

        if (!ContentDigest.Matches(headers[ContentDigest.Header], body))
        {
            throw Wrong("digest_mismatch");
        }

        var signature = new byte[64];
        var target = RequestTarget.Of(context.Request.Method, context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget, "http", context.Request.Host.Value!);
        if (!SignatureHeaders.TryReadSignature(headers[SignatureHeaders.Signature], input.Label, signature)
            || RequestSignatureBase.Build(target, input, name => headers[name]) is not { } text
            || !key.Verify(text, signature))
        {
            throw Wrong("signature_mismatch");
        }

        if (!nonce.StartsWith(PeerId + ".", StringComparison.Ordinal))
        {
            throw Wrong("nonce_audience");
        }

        lock (_turn)
        {
            if (!_nonces.Add(id + " " + nonce))
            {
                throw Wrong("nonce_replayed");
            }
        }

        if (agentId is not null && agentId != id)
        {
            throw new Refused(401, "agent_id_mismatch");
        }
    }

    private Refused Wrong(string reason)
    {
        SignatureFaults.Enqueue(reason);
        return new(401, "signature_invalid", reason);
    }

    private static Task JsonAsync(HttpContext context, byte[] body)
    {
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private static Task AnswerAsync(HttpContext context, Problem problem)
    {
        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = "application/problem+json";
        return context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(problem, MeshJson.Default.Problem), context.RequestAborted).AsTask();
    }

    /// <summary>A problem as a test injects it.</summary>
    public static Problem Problem(int status, string error, string? reason = null) => new() { Status = status, Title = "scripted", Error = error, Reason = reason, Detail = "Scripted." };

    private sealed class Refused(int status, string error, string? reason = null) : Exception(error)
    {
        public Problem Problem { get; } = ScriptedCoordinator.Problem(status, error, reason);
    }

    private sealed class ScriptedAgent
    {
        public required VerifyingKey Key { get; set; }

        public string? EnvelopeKey { get; set; }

        public string Status { get; set; } = "pending_approval";
    }

    private sealed record ScriptedLease(string AgentId, string EphemeralPublicKey, byte[] Secret)
    {
        public string State { get; set; } = "held";

        public string? ResultDigest { get; set; }
    }
}
