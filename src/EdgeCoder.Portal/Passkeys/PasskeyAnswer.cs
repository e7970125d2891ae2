using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeCoder.Portal.Passkeys;

/// <summary>
/// What a browser or an application answers to a challenge. Its binary members come as base64 or base64url, padded or not; the framework's handler takes one form
/// (portal-and-control-plane 7).
/// </summary>
internal static class PasskeyAnswer
{
    private static readonly string[] Members = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

    /// <summary>The answer in the handler's form; null when it is none. The credential's id is <paramref name="credentialId"/>, else <c>id</c>, else <c>rawId</c>.</summary>
    public static (string Json, string? CredentialId)? Normalise(string? response, string? credentialId)
    {
        try
        {
            if (string.IsNullOrEmpty(response) || JsonNode.Parse(response) is not JsonObject answer)
            {
                return null;
            }

            var id = First(credentialId, Text(answer, "id"), Text(answer, "rawId"));
            if (id is not null)
            {
                answer["id"] = id;
                answer["rawId"] = id;
            }

            if (answer["response"] is JsonObject inner)
            {
                foreach (var member in Members)
                {
                    if (Text(inner, member) is { } text)
                    {
                        inner[member] = Plain(text);
                    }
                }
            }

            answer["clientExtensionResults"] ??= new JsonObject();
            answer["type"] ??= "public-key";
            return (answer.ToJsonString(), id);
        }
        catch (Exception fault) when (fault is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Client data, authenticator data and signature of an answer that was checked.</summary>
    public static (byte[] ClientData, byte[] AuthenticatorData, byte[] Signature) Evidence(string response)
    {
        var inner = JsonNode.Parse(response)!["response"]!;
        return (Bytes("clientDataJSON"), Bytes("authenticatorData"), Bytes("signature"));

        byte[] Bytes(string name) => Base64Url.DecodeFromChars(Plain(inner[name]!.GetValue<string>()));
    }

    /// <summary>base64url without padding of either form. Throws <see cref="FormatException"/>.</summary>
    public static string Plain(string text)
    {
        var plain = text.Trim().TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return Base64Url.EncodeToString(Base64Url.DecodeFromChars(plain));
    }

    private static string? First(params string?[] texts) => texts.FirstOrDefault(text => !string.IsNullOrEmpty(text)) is { } text ? Plain(text) : null;

    private static string? Text(JsonObject node, string name) => node[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
