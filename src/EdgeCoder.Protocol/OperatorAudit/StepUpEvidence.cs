using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Protocol.Canonical;

namespace EdgeCoder.Protocol.OperatorAudit;

/// <summary>What is wrong with an evidence.</summary>
public enum StepUpFault
{
    /// <summary>It is no evidence.</summary>
    EvidenceInvalid,

    /// <summary>The action is not in its canonical form, or of another actor.</summary>
    ActionInvalid,

    /// <summary>The assertion is over another challenge than this action's.</summary>
    ChallengeMismatch,

    /// <summary>The assertion is for another relying party.</summary>
    RelyingPartyMismatch,

    /// <summary>The authenticator did not verify the person.</summary>
    PersonNotVerified,

    /// <summary>The key is of a kind that is not known here.</summary>
    KeyUnsupported,

    /// <summary>The signature is not this key's.</summary>
    SignatureInvalid,
}

/// <summary>What a check found.</summary>
/// <param name="Fault">The first thing that is wrong; null when nothing is.</param>
/// <param name="Actor">Who confirmed.</param>
/// <param name="Action">Canonical bytes that were confirmed, as text.</param>
/// <param name="KeySha256">SHA-256 of the key, as the audit log's row <c>passkey.added</c> has it.</param>
public sealed record StepUpVerdict(StepUpFault? Fault, string? Actor, string? Action, string? KeySha256);

/// <summary>
/// A passkey's assertion over one action, kept so that it can be checked without the portal (portal-and-control-plane 7): <c>{format,id,actor,atMs,rpId,canonicalAction,nonce,clientData,authenticatorData,signature,
/// publicKey}</c>, bytes as base64url. The challenge is SHA-256("edgecoder-step-up-v1" ‖ 0x00 ‖ nonce32 ‖ SHA-256(canonicalAction)).
/// </summary>
public static class StepUpEvidence
{
    /// <summary>Its format.</summary>
    public const string Format = "edgecoder-step-up-evidence-v1";

    private static readonly byte[] Label = "edgecoder-step-up-v1\0"u8.ToArray();

    /// <summary>The challenge of canonical bytes.</summary>
    public static byte[] Challenge(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> canonicalAction) => SHA256.HashData([.. Label, .. nonce, .. SHA256.HashData(canonicalAction)]);

    /// <summary>
    /// Checks one: 1. the action's form and actor; 2. the client data (WebAuthn Level 3, 7.2, steps 10 to 13); 3. relying party and flags (steps 14 to 16); 4. the signature over authenticator data and hash of the client data (step 21).
    /// </summary>
    public static StepUpVerdict Check(ReadOnlySpan<byte> json)
    {
        if (Read(json) is not { } evidence || Text(evidence, "format") != Format || Text(evidence, "actor") is not { } actor || Text(evidence, "rpId") is not { } party
            || Bytes(evidence, "canonicalAction") is not { } action || Bytes(evidence, "nonce") is not { Length: 32 } nonce || Bytes(evidence, "clientData") is not { } client
            || Bytes(evidence, "authenticatorData") is not { } data || Bytes(evidence, "signature") is not { } signature || Bytes(evidence, "publicKey") is not { } key)
        {
            return new(StepUpFault.EvidenceInvalid, null, null, null);
        }

        return new(
            FaultOf(actor, party, action, nonce, client, data) ?? (CoseKey.Verify(key, [.. data, .. SHA256.HashData(client)], signature) switch { true => null, false => StepUpFault.SignatureInvalid, null => StepUpFault.KeyUnsupported }),
            actor, Encoding.UTF8.GetString(action), Convert.ToHexStringLower(SHA256.HashData(key)));
    }

    private static StepUpFault? FaultOf(string actor, string party, byte[] action, byte[] nonce, byte[] client, byte[] data)
    {
        // 1.
        if (!CanonicalJson.IsCanonical(action) || Read(action) is not { } said || Text(said, "actor") != actor || Text(said, "action") is null)
        {
            return StepUpFault.ActionInvalid;
        }

        // 2.
        if (Read(client) is not { } browser || Text(browser, "type") != "webauthn.get" || Text(browser, "challenge") != Base64Url.EncodeToString(Challenge(nonce, action)))
        {
            return StepUpFault.ChallengeMismatch;
        }

        // 3. 32 bytes hash of the party, flags: 0x01 present, 0x04 verified, 4 bytes counter.
        var own = Uri.TryCreate(Text(browser, "origin"), UriKind.Absolute, out var origin) && (origin.Host == party || origin.Host.EndsWith("." + party, StringComparison.Ordinal));
        if (!own || (browser["crossOrigin"] is JsonValue cross && cross.TryGetValue<bool>(out var foreign) && foreign) || data.Length < 37 || !data.AsSpan(0, 32).SequenceEqual(SHA256.HashData(Encoding.UTF8.GetBytes(party))))
        {
            return StepUpFault.RelyingPartyMismatch;
        }

        return (data[32] & 0x05) == 0x05 ? null : StepUpFault.PersonNotVerified;
    }

    private static JsonObject? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: new() { AllowDuplicateProperties = false, MaxDepth = 16 }) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonObject from, string name) => from[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static byte[]? Bytes(JsonObject from, string name) => Text(from, name) is { } text && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;
}
