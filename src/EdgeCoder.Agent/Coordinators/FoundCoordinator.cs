using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Rotations;

namespace EdgeCoder.Agent.Coordinators;

/// <summary>A coordinator that proved its key.</summary>
/// <param name="PeerId">Its id; nonces of requests to it begin with it.</param>
/// <param name="Url">Its address in its one form.</param>
/// <param name="Key">Its key.</param>
/// <param name="NetworkMode"><c>public_mesh</c> or <c>enterprise_overlay</c>.</param>
public sealed record FoundCoordinator(string PeerId, string Url, VerifyingKey Key, string NetworkMode)
{
    /// <summary>How it came to its key, from its first on; null where it does not say.</summary>
    public KeyChain? Chain { get; init; }

    /// <summary>Whether it has signed a document, with its key or with one before it that counted at a moment, in milliseconds since 1970.</summary>
    public bool HasSigned(string context, ReadOnlySpan<byte> signed, long atMs)
    {
        if (SignedDocument.Verify(context, signed, Key) is null)
        {
            return true;
        }

        foreach (var period in Chain?.Periods ?? [])
        {
            if (period.CountsAt(atMs) && SignedDocument.Verify(context, signed, period.Key) is null)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>What an agent knows of the coordinators it worked with.</summary>
/// <param name="Keys">SHA-256 of the SPKI key by peer id: pinned.</param>
/// <param name="NetworkMode">The mode it worked in; null before the first registration.</param>
/// <param name="IsBound">Whether its key is bound somewhere already; then an unknown key of a bootstrap address is not believed.</param>
public sealed record CoordinatorPins(IReadOnlyDictionary<string, string> Keys, string? NetworkMode, bool IsBound);

/// <summary>An address that was tried and did not serve.</summary>
/// <param name="Url">The address.</param>
/// <param name="Why">For a person: what was wrong.</param>
public sealed record RefusedCandidate(string Url, string Why);

/// <summary>No candidate served.</summary>
/// <param name="refused">Each one, with the reason.</param>
public sealed class NoCoordinatorException(IReadOnlyList<RefusedCandidate> refused) : Exception(
    refused.Count == 0
        ? "No coordinator is known. Set COORDINATOR_URL, or join with a code: edgecoder worker join <code>"
        : "No coordinator answered. " + string.Join(" ", refused.Select(candidate => $"{candidate.Url}: {candidate.Why}")))
{
    /// <summary>Each one, with the reason.</summary>
    public IReadOnlyList<RefusedCandidate> Refused { get; } = refused;
}
