using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Signatures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Hosting.Signatures;

/// <summary>
/// The nine checks of a signed request (coordinator-and-mesh 2.2), in order: 1 failures of the address; 2 one signature, complete; 3 key; 4 time; 5 digest;
/// 6 signature; 7 nonce; 8 the agent's limit; 9 agent ids. What fails before 6 passes is charged to the address and never to the agent that is named.
/// </summary>
internal sealed partial class SignatureCheck
{
    private const string AgentPrefix = "agent:";
    private const string PeerPrefix = "peer:";
    private const int NonceDigestSize = 16;

    private static readonly TimeSpan FailureWindow = TimeSpan.FromMinutes(1);

    private readonly SignatureAudience _audience;
    private readonly SignatureOptions _options;
    private readonly IAgentKeys _agents;
    private readonly IPeerKeys _peers;
    private readonly INonces _nonces;
    private readonly ILiveLeases? _leases;
    private readonly TimeProvider _time;
    private readonly ILogger<SignatureCheck> _log;
    private readonly SlidingWindows _failures;
    private readonly SlidingWindows _requests;

    public SignatureCheck(
        SignatureAudience audience, SignatureOptions options, IAgentKeys agents, IPeerKeys peers, INonces nonces, TimeProvider time, ILogger<SignatureCheck> log, ILiveLeases? leases = null)
    {
        options.Check();
        (_audience, _options, _agents, _peers, _nonces, _leases, _time, _log) = (audience, options, agents, peers, nonces, leases, time, log);
        _failures = new(options.FailureLimit, FailureWindow, time);
        _requests = new(options.AgentLimit, options.AgentWindow, time);
    }

    /// <summary>Whether a request brings a signature, good or not.</summary>
    public static bool IsSigned(HttpRequest request) => request.Headers.ContainsKey(SignatureHeaders.Input) || request.Headers.ContainsKey(SignatureHeaders.Signature);

    /// <summary>Runs the checks and gives who signed. Throws <see cref="Refusal"/>.</summary>
    public async ValueTask<Caller> CheckAsync(HttpContext context, CallerRule rule, CancellationToken cancellationToken)
    {
        // 1
        var address = ClientAddress.LimitKey(context);
        if (!_failures.HasRoom(address, out var seconds))
        {
            throw SignatureRefusals.TooManyFailures(seconds);
        }

        Signer signer;
        RequestSignature signature;
        try
        {
            (signer, signature) = await VerifyAsync(context, rule, cancellationToken).ConfigureAwait(false);
        }
        catch (SignatureFaultException fault)
        {
            throw Failed(Translated(fault), address);
        }
        catch (Refusal refusal) when (refusal.Status == 401)
        {
            Failed(refusal, address);
            throw;
        }

        await TakeNonceAsync(context, signer, signature, cancellationToken).ConfigureAwait(false);
        if (signer.IsAgent)
        {
            await CountAsync(context, signer, address, cancellationToken).ConfigureAwait(false);
            RefuseOtherAgents(context, signer);
        }

        return await CallerOfAsync(signer, rule, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Checks 2 to 6.</summary>
    private async ValueTask<(Signer Signer, RequestSignature Signature)> VerifyAsync(HttpContext context, CallerRule rule, CancellationToken cancellationToken)
    {
        // 2
        var signature = RequestSignature.Read(context);
        var streamed = context.GetEndpoint()?.Metadata.GetMetadata<StreamedBody>() is not null;
        var body = streamed ? null : await BodyReceiver.ReceiveAsync(context).ConfigureAwait(false);
        var content = SignedBody.Read(body is null ? default : body.Bytes.Span);

        // 3
        var signer = await SignerAsync(context, signature, rule, content, cancellationToken).ConfigureAwait(false);

        // 4
        signature.RequireTimely(_time.GetUtcNow(), _options.MaxSkew);

        // 5: a streamed body is hashed by its route against the path, so the signed digest must be the path's (StreamedBody). Without a body: that of nothing.
        if (body is null)
        {
            var path = context.Request.Path.Value.AsSpan();
            signature.RequireDigest(path[(path.LastIndexOf('/') + 1)..]);
        }
        else
        {
            signature.RequireDigestOf(body.Bytes.Span);
        }

        // 6
        signature.RequireSignedBy(signer.Key);
        return (signer, signature);
    }

    private Refusal Failed(Refusal refusal, string address)
    {
        _failures.TryAdd(address, out _);
        LogRefused(refusal.Reason ?? refusal.Error, address);
        return refusal;
    }

    private Refusal Translated(SignatureFaultException fault) => fault.Fault switch
    {
        SignatureFault.Missing => SignatureRefusals.Missing(),
        SignatureFault.Incomplete => SignatureRefusals.Incomplete(fault.What ?? "a component"),
        SignatureFault.TimeUnreadable or SignatureFault.ClockSkew => SignatureRefusals.ClockSkew(_time.GetUtcNow()),
        SignatureFault.DigestMismatch => SignatureRefusals.DigestMismatch(),
        SignatureFault.SignatureMismatch => SignatureRefusals.SignatureMismatch(),
        SignatureFault.OtherAudience => SignatureRefusals.NonceAudience(_audience.PeerId),
        _ => throw new InvalidOperationException($"{fault.Fault} has no refusal."),
    };

    private async ValueTask<Signer> SignerAsync(HttpContext context, RequestSignature signature, CallerRule rule, SignedBody content, CancellationToken cancellationToken)
    {
        var keyId = signature.KeyId;
        var inBody = context.GetEndpoint()?.Metadata.GetMetadata<KeyInBody>() is not null;
        if (keyId.StartsWith(AgentPrefix, StringComparison.Ordinal) && (rule.Kinds & (CallerKinds.Agent | CallerKinds.Submitter)) != 0)
        {
            var id = keyId[AgentPrefix.Length..];
            var key = inBody ? KeyOf(content, content.Actors, id) : ClientId.IsValid(id) ? await _agents.FindAsync(id, cancellationToken).ConfigureAwait(false) : null;
            return key is null ? throw (inBody ? SignatureRefusals.UnknownKey() : SignatureRefusals.AgentNotRegistered()) : new(true, id, key, content, inBody);
        }

        if (keyId.StartsWith(PeerPrefix, StringComparison.Ordinal) && rule.Kinds.HasFlag(CallerKinds.Peer))
        {
            var id = keyId[PeerPrefix.Length..];
            IReadOnlyList<VerifyingKey> keys = inBody ? KeyOf(content, content.Peers, id) is { } own ? [own] : [] : ClientId.IsValid(id) ? await _peers.FindAsync(id, cancellationToken).ConfigureAwait(false) : [];
            return keys.Count == 0 ? throw SignatureRefusals.UnknownKey() : new(false, id, keys.FirstOrDefault(signature.IsSignedBy) ?? keys[0], content, inBody);
        }

        throw SignatureRefusals.UnknownKey();
    }

    private static VerifyingKey? KeyOf(SignedBody content, List<string> ids, string id) =>
        ClientId.IsValid(id) && content.Keys is [var pem] && ids is [var named] && named == id && VerifyingKey.TryParse(pem, out var key) ? key : null;

    /// <summary>Check 7.</summary>
    private async ValueTask TakeNonceAsync(HttpContext context, Signer signer, RequestSignature signature, CancellationToken cancellationToken)
    {
        try
        {
            signature.RequireAudience(_audience.PeerId);
        }
        catch (SignatureFaultException fault)
        {
            throw Translated(fault);
        }

        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{signature.KeyId}\n{signer.Key.KeyId}\n{signature.Nonce}")).AsSpan(0, NonceDigestSize).ToArray();
        var nowMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var (createdMs, expiresAtMs) = (signature.CreatedMs, nowMs + (long)_options.NonceTime.TotalMilliseconds);
        if (context.GetEndpoint()?.Metadata.GetMetadata<NonceWithChanges>() is not null && _nonces.TryClaim(digest, createdMs, expiresAtMs) is { } condition)
        {
            context.Features.Set(new NonceClaim(condition, () => LogReplayed(signer.Id)));
            return;
        }

        if (!await _nonces.TryTakeAsync(digest, createdMs, expiresAtMs, cancellationToken).ConfigureAwait(false))
        {
            LogReplayed(signer.Id);
            throw SignatureRefusals.NonceReplayed();
        }
    }

    /// <summary>Check 8.</summary>
    private async ValueTask CountAsync(HttpContext context, Signer signer, string address, CancellationToken cancellationToken)
    {
        if (ClientAddress.IsLoopback(context))
        {
            return;
        }

        // A registration is signed by whoever wrote it: it counts for its sender, so that strangers cannot use up the limit of an agent that they name.
        var key = signer.KeyInBody ? $"register {address}" : signer.Id;
        var leases = LeasesOf(context, signer.Content);
        if (_leases is not null && leases.Count > 0 && await _leases.HoldsAnyAsync(signer.Id, leases, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        if (!_requests.TryAdd(key, out var seconds))
        {
            throw SignatureRefusals.AgentRate(seconds);
        }

        context.Features.Set(new CountedRequest(() => _requests.TakeBack(key)));
    }

    private static List<string> LeasesOf(HttpContext context, SignedBody content)
    {
        if (context.GetRouteValue("leaseId") is string lease)
        {
            content.Leases.Add(lease);
        }

        return content.Leases;
    }

    /// <summary>Check 9.</summary>
    private static void RefuseOtherAgents(HttpContext context, Signer signer)
    {
        var namesAnother = signer.Content.Actors.Exists(actor => actor != signer.Id) && context.GetEndpoint()?.Metadata.GetMetadata<SubjectInBody>() is null;
        if ((context.GetRouteValue("agentId") is string inPath && inPath != signer.Id) || namesAnother)
        {
            throw SignatureRefusals.AgentMismatch();
        }
    }

    private async ValueTask<Caller> CallerOfAsync(Signer signer, CallerRule rule, CancellationToken cancellationToken)
    {
        if (!signer.IsAgent)
        {
            return new() { Kind = CallerKinds.Peer, Name = signer.Id };
        }

        // An agent submits for its owner's account (2.3, U); only routes of submitters need to know it.
        var accounts = rule.Kinds.HasFlag(CallerKinds.Submitter) ? await _agents.AccountsAsync(signer.Id, cancellationToken).ConfigureAwait(false) : [];
        return new() { Kind = rule.Kinds.HasFlag(CallerKinds.Agent) ? CallerKinds.Agent : CallerKinds.Submitter, Name = signer.Id, Accounts = accounts };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A signed request from {Address} was refused: {Reason}")]
    private partial void LogRefused(string reason, string address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A request of {Signer} came a second time")]
    private partial void LogReplayed(string signer);

    private sealed record Signer(bool IsAgent, string Id, VerifyingKey Key, SignedBody Content, bool KeyInBody);
}

/// <summary>The id to which requests are addressed: what nonces begin with.</summary>
/// <param name="PeerId">The coordinator's own; another role's name.</param>
public sealed record SignatureAudience(string PeerId);
