using System.Buffers.Text;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Rotations;

namespace EdgeCoder.Agent.Coordinators;

/// <summary>Where an address came from.</summary>
internal enum CandidateSource
{
    /// <summary>The registry.</summary>
    Feed,

    /// <summary>It answered before.</summary>
    Cache,

    /// <summary>Configured.</summary>
    Bootstrap,
}

/// <summary>An address to be checked.</summary>
/// <param name="Url">In its one form.</param>
/// <param name="PeerId">Who should be there; null when nobody said.</param>
/// <param name="PublicKeySha256">The key it should have; null when nobody said.</param>
/// <param name="Source">Where it came from.</param>
internal sealed record Candidate(string Url, string? PeerId, string? PublicKeySha256, CandidateSource Source);

/// <summary>
/// Whether an address is the coordinator it should be (coordinator-and-mesh 10): <c>/health/runtime</c> answers within 5 s; <c>/identity</c> proves its key
/// over a fresh challenge within 8 s; the address, the network mode and the key are the expected ones.
/// </summary>
internal sealed class CandidateCheck(HttpClient http, TimeProvider time)
{
    private const int MostBytes = 64 << 10;

    private static readonly TimeSpan HealthTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IdentityTime = TimeSpan.FromSeconds(8);

    /// <summary>The coordinator, or what is wrong with it.</summary>
    public async Task<(FoundCoordinator? Found, string? Why)> CheckAsync(Candidate candidate, CoordinatorPins pins, CancellationToken cancellationToken)
    {
        try
        {
            // 1. It is well.
            using (var health = await SendAsync($"{candidate.Url}/health/runtime", HealthTime, cancellationToken).ConfigureAwait(false))
            {
                if (!health.IsSuccessStatusCode)
                {
                    return (null, $"it is not well (status {(int)health.StatusCode}).");
                }
            }

            // 2. It proves its key over a challenge that nobody could foresee.
            var challenge = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
            IdentityAnswer? identity;
            using (var answer = await SendAsync($"{candidate.Url}/identity?challenge={challenge}", IdentityTime, cancellationToken).ConfigureAwait(false))
            {
                if (!answer.IsSuccessStatusCode)
                {
                    return (null, $"it does not tell who it is (status {(int)answer.StatusCode}).");
                }

                identity = await answer.Content.ReadFromJsonAsync(MeshJson.Default.IdentityAnswer, cancellationToken).ConfigureAwait(false);
            }

            return Judge(candidate, pins, challenge, identity);
        }
        catch (JsonException)
        {
            return (null, "its answer is not that of a coordinator.");
        }
        catch (Exception fault) when (fault is HttpRequestException or TimeoutException or IOException || fault is OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return (null, "nobody answers there.");
        }
    }

    /// <summary>Judges an identity. Pure but for the signature.</summary>
    internal static (FoundCoordinator? Found, string? Why) Judge(Candidate candidate, CoordinatorPins pins, string challenge, IdentityAnswer? identity)
    {
        if (identity is not { PeerId: { } peerId, CoordinatorUrl: { } told, NetworkMode: { } mode } || !ClientId.IsValid(peerId) || !VerifyingKey.TryParse(identity.PublicKeyPem, out var key))
        {
            return (null, "its identity is not complete.");
        }

        if (!IdentityProof.Verify(challenge, identity))
        {
            return (null, "it does not prove its key.");
        }

        if (!CoordinatorUrl.TryNormalise(told, out var url) || url != candidate.Url)
        {
            return (null, $"it calls itself {told}. Use that address, or correct its COORDINATOR_PUBLIC_URL.");
        }

        if (candidate.PeerId is { } expected && expected != peerId)
        {
            return (null, $"it is {peerId} and not {expected}.");
        }

        if (pins.NetworkMode is { } network && network != mode)
        {
            return (null, $"its network is {mode}; this agent works in {network}.");
        }

        // Statements that are no chain to the key that was proven say nothing.
        var chain = KeyChain.TryRead(peerId, identity.Rotations ?? [], out var read) is null && read!.Newest.Equals(key) ? read : null;
        return WhyNot(candidate, pins, peerId, key, chain) is { } why ? (null, why) : (new(peerId, candidate.Url, key, mode) { Chain = chain }, null);
    }

    private static string? WhyNot(Candidate candidate, CoordinatorPins pins, string peerId, VerifyingKey key, KeyChain? chain)
    {
        // 3. The pinned key, or one that it leads to by statements of both (economy-and-ledger 16.2); else that of feed or cache; an unknown key of a configured address serves a first registration only.
        if ((pins.Keys.GetValueOrDefault(peerId) ?? candidate.PublicKeySha256) is { } pinned)
        {
            return IsPinned(key) || chain?.Periods.Any(period => IsPinned(period.Key)) == true
                ? null
                : $"the key of {peerId} is not the one that is known, and no statement of that one leads to it. If it was lost and replaced, join again with a new code.";

            bool IsPinned(VerifyingKey one) => string.Equals(pinned, one.SpkiSha256, StringComparison.OrdinalIgnoreCase);
        }

        return candidate.Source == CandidateSource.Bootstrap && !pins.IsBound
            ? null
            : $"the key of {peerId} is not known. Join it with a code: edgecoder worker join <code>";
    }

    private async Task<HttpResponseMessage> SendAsync(string url, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
        try
        {
            await answer.Content.LoadIntoBufferAsync(MostBytes, either.Token).ConfigureAwait(false);
            return answer;
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }
}
