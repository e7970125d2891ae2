using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Protocol.Identifiers;

namespace EdgeCoder.Agent.Workers;

/// <summary>What <c>edgecoder worker join</c> takes: <c>ec1_</c> and base64url of <c>{u,n,t}</c>.</summary>
/// <param name="Url">Address of the coordinator.</param>
/// <param name="AgentId">The enrolled node.</param>
/// <param name="Token">One-use registration token.</param>
public sealed record JoinCode(string Url, string AgentId, string Token)
{
    private const string Prefix = "ec1_";
    private const int MostCharacters = 2_048;

    /// <summary>Reads a code. Throws <see cref="WorkerException"/> <c>join_code_invalid</c>; the message does not repeat the code, which holds a secret.</summary>
    public static JoinCode Parse(string text)
    {
        text = text.Trim();
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text.Length > MostCharacters)
        {
            throw Invalid($"It begins with {Prefix}.");
        }

        JoinCodeContent? content;
        try
        {
            content = JsonSerializer.Deserialize(Base64Url.DecodeFromChars(text.AsSpan(Prefix.Length)), JoinCodeJson.Default.JoinCodeContent);
        }
        catch (Exception fault) when (fault is FormatException or JsonException)
        {
            throw Invalid("It is not whole.");
        }

        if (!CoordinatorUrl.TryNormalise(content?.U, out var url))
        {
            throw Invalid("Its address must be https, or http of this machine.");
        }

        return ClientId.IsValid(content!.N) && content.T is { Length: >= 10 and <= 256 } token ? new(url, content.N!, token) : throw Invalid("It is not whole.");
    }

    /// <summary>The code as text.</summary>
    public override string ToString() => Prefix + Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new JoinCodeContent(Url, AgentId, Token), JoinCodeJson.Default.JoinCodeContent));

    private static WorkerException Invalid(string why) =>
        new("join_code_invalid", $"This is not a join code. {why}", "Copy the whole code that the portal showed or `edgecoder node enroll` printed, or ask for a new one.");
}

/// <summary>What the code holds.</summary>
internal sealed record JoinCodeContent(string? U, string? N, string? T);

/// <summary>How it is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JoinCodeContent))]
internal sealed partial class JoinCodeJson : JsonSerializerContext;
