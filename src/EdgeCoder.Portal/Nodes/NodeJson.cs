using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Portal.Nodes;

/// <summary>Nodes as answers have them. None has a token or its hash.</summary>
internal static class NodeJson
{
    /// <summary>Characters of a fingerprint: what a person can compare.</summary>
    private const int FingerprintCharacters = 16;

    /// <summary>The first 64 bits of the key's hash, as the worker prints them; null without a key.</summary>
    public static string? Fingerprint(NodeRow row) => (row.SeenKeySha256 ?? row.KeySha256) is { Length: >= FingerprintCharacters } key ? "SHA256:" + key[..FingerprintCharacters] : null;

    /// <summary>For <c>GET /me</c>.</summary>
    public static JsonObject Short(OwnedNode node) => new()
    {
        ["nodeId"] = node.Row.NodeId,
        ["nodeKind"] = EnumText.Of(node.Row.Kind),
        ["active"] = node.Active,
        ["emailVerified"] = node.EmailVerified,
        ["nodeApproved"] = node.Row.Approved != 0,
    };

    /// <summary>For its owner.</summary>
    public static JsonObject Own(OwnedNode node, long nowMs)
    {
        var json = Short(node);
        json["deviceId"] = node.Row.DeviceId;
        json["coordinatorId"] = node.Row.CoordinatorId;
        json["status"] = EnumText.Of(node.Row.Status);
        if (node.Blocked(nowMs) is { } blocked)
        {
            json["blockedReason"] = blocked;
        }

        if (Fingerprint(node.Row) is { } fingerprint)
        {
            json["keyFingerprint"] = fingerprint;
        }

        json["reason"] = node.Row.Reason;
        json["rewards"] = EnumText.Of(node.Row.Rewards);
        json["tokenExpiresAtMs"] = node.Row.TokenUsedAtMs is null ? node.Row.TokenExpiresAtMs : null;
        json["sourceIp"] = node.Row.SourceIp;
        json["lastSeenMs"] = node.Row.LastSeenMs;
        json["createdAtMs"] = node.Row.CreatedAtMs;
        json["updatedAtMs"] = node.Row.UpdatedAtMs;
        return json;
    }

    /// <summary>For services: without the owner's address.</summary>
    public static JsonObject ForServices(OwnedNode node)
    {
        var json = Short(node);
        json["ownerAccountId"] = "acct-" + node.Row.OwnerId;
        json["status"] = EnumText.Of(node.Row.Status);
        json["sourceIp"] = node.Row.SourceIp;
        json["countryCode"] = null;
        json["vpnDetected"] = false;
        json["lastSeenMs"] = node.Row.LastSeenMs;
        return json;
    }

    /// <summary>The answer to an enrolment: the only one with a token.</summary>
    public static JsonObject Enrolled(EnrolledNode node) => new()
    {
        ["ok"] = true,
        ["nodeId"] = node.Row.NodeId,
        ["deviceId"] = node.Row.DeviceId,
        ["nodeKind"] = EnumText.Of(node.Row.Kind),
        ["emailVerified"] = node.EmailVerified,
        ["nodeApproved"] = node.Row.Approved != 0,
        ["active"] = node.Row.State.IsActive(node.EmailVerified),
        ["registrationToken"] = node.Token,
        ["joinCode"] = node.JoinCode,
        ["expiresAtMs"] = node.Row.TokenExpiresAtMs,
    };
}
