using System.Globalization;
using EdgeCoder.Hosting.Problems;

namespace EdgeCoder.Hosting.Signatures;

/// <summary>Refusals of the nine checks, each with what to do next.</summary>
internal static class SignatureRefusals
{
    public static Refusal TooManyFailures(int seconds) =>
        new(429, "rate_limited", "Too many requests from this address could not be verified. Check the key, the clock and the coordinator that is addressed.") { RetryAfter = seconds };

    public static Refusal Missing() => Invalid("signature_missing", "Sign the request (RFC 9421): exactly one signature with tag=\"edgecoder\".");

    public static Refusal Incomplete(string what) => Invalid("component_missing", $"The signature lacks or has what is not taken here: {what}. It covers @method, @path, @query and content-digest, with created, nonce, keyid and tag.");

    public static Refusal AgentNotRegistered() =>
        new(401, "mesh_unauthorized", "No key is bound to this agent id here. Register the agent first.") { Reason = "agent_not_registered" };

    public static Refusal UnknownKey() => Invalid("unknown_key", "No approved key is known for this keyid. Register, and ask an operator for approval.");

    public static Refusal ClockSkew(DateTimeOffset now) => Invalid(
        "clock_skew",
        string.Create(CultureInfo.InvariantCulture, $"The signature's time is no integer of seconds near the server's, which is {now.ToUnixTimeSeconds()} ({now.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}). Set the clock."));

    public static Refusal DigestMismatch() => Invalid("digest_mismatch", "Content-Digest is not the SHA-256 of the body that arrived. Compute it over exactly the bytes that are sent.");

    public static Refusal SignatureMismatch() => Invalid("signature_mismatch", "The signature does not fit the request and the key. Sign method, path and query as they are sent; proxies must not rewrite them.");

    public static Refusal NonceAudience(string peerId) => Invalid("nonce_audience", $"The nonce is not made for this coordinator. It begins with {peerId} and a dot.");

    public static Refusal NonceReplayed() => Invalid("nonce_replayed", "This request was received before. Sign each request anew, with a fresh nonce.");

    public static Refusal AgentRate(int seconds) => new(429, "agent_rate_limited", "This agent asks too often. Wait with pull and waitMs instead of asking again.") { RetryAfter = seconds };

    public static Refusal AgentMismatch() => new(401, "agent_id_mismatch", "The request names another agent than the one that signed it. An agent acts only for itself.");

    private static Refusal Invalid(string reason, string detail) => new(401, "signature_invalid", detail) { Reason = reason };
}
