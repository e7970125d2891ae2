using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Bodies;
using EdgeCoder.IdeProvider.LocalRuns;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.IdeProvider.Agentic;

/// <summary>Body of <c>POST /v1/ide/project</c>.</summary>
internal sealed record ProjectBody
{
    /// <summary>Absolute path of a directory of this machine.</summary>
    public string? ProjectRoot { get; init; }
}

/// <summary>Body of <c>POST /v1/ide/chat</c>.</summary>
internal sealed record AgentChatBody
{
    /// <summary>The conversation; the last message is the request.</summary>
    public IReadOnlyList<AgentChatMessage>? Messages { get; init; }

    /// <summary>Exact id of a model of this machine, <c>edgecoder-auto</c> or <c>edgecoder-local</c>.</summary>
    public string? Model { get; init; }

    /// <summary>The root, instead of the one that was set.</summary>
    public string? ProjectRoot { get; init; }

    /// <summary>Taken and dropped: no tool here talks to GitHub.</summary>
    public string? GithubToken { get; init; }

    /// <summary>Session to go on with.</summary>
    public string? SessionId { get; init; }

    /// <summary><c>read-only</c>, <c>workspace-write</c> or <c>full</c>.</summary>
    public string? Mode { get; init; }

    /// <summary><c>local</c>, <c>team</c> or <c>mesh</c>.</summary>
    public string? DataClass { get; init; }
}

/// <summary>A message.</summary>
internal sealed record AgentChatMessage
{
    /// <summary><c>system</c>, <c>developer</c>, <c>user</c> or <c>assistant</c>.</summary>
    public string? Role { get; init; }

    /// <summary>Text, or a list of text parts.</summary>
    public JsonElement Content { get; init; }
}

/// <summary>Body of <c>POST /v1/ide/tool-approval</c>.</summary>
internal sealed record ApprovalBody
{
    /// <summary>Id of the question.</summary>
    public string? Id { get; init; }

    /// <summary>The answer.</summary>
    public bool? Approved { get; init; }

    /// <summary><c>once</c> (default), <c>session</c> or <c>always</c>.</summary>
    public string? Scope { get; init; }

    /// <summary>The rule that <c>session</c> and <c>always</c> add, word for word as it was shown.</summary>
    public string? Rule { get; init; }

    /// <summary>Hash of the action that was shown.</summary>
    public string? ActionHash { get; init; }
}

/// <summary>Body of <c>POST /v1/ide/sessions/{id}/apply</c>; the other reviews take the whole change.</summary>
internal sealed record ReviewBody
{
    /// <summary>What is kept of the change; absent: all of it.</summary>
    public IReadOnlyList<KeptFile>? Files { get; init; }
}

/// <summary>What is kept of a file.</summary>
internal sealed record KeptFile
{
    /// <summary>The file, relative to the root.</summary>
    public string? Path { get; init; }

    /// <summary>Numbers of its hunks, from 0; absent: all.</summary>
    public IReadOnlyList<int>? Hunks { get; init; }

    /// <summary>The whole new text, where the person edited it.</summary>
    public string? Edited { get; init; }

    /// <summary>As a review takes it. Throws <see cref="Refusal"/> 400.</summary>
    public EdgeCoder.Agent.Workspaces.ReviewedFile Kept(int at) => Path is { Length: > 0 }
        ? new(Path, Hunks, Edited is null ? null : System.Text.Encoding.UTF8.GetBytes(Edited))
        : throw Refusal.Invalid([new EdgeCoder.Protocol.Problems.FieldIssue($"files[{at}].path", "the file is expected")]);
}

/// <summary>How the bodies of agentic routes are read.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ProjectBody))]
[JsonSerializable(typeof(AgentChatBody))]
[JsonSerializable(typeof(ApprovalBody))]
[JsonSerializable(typeof(ReviewBody))]
[JsonSerializable(typeof(RunBody))]
[JsonSerializable(typeof(SessionOwner))]
internal sealed partial class AgenticJson : JsonSerializerContext
{
    /// <summary>Receives a body and reads it. Throws <see cref="Refusal"/> 400, 413 or 415; the text of the body is never repeated.</summary>
    public static async Task<T> ReadAsync<T>(HttpContext context, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        var bytes = await BodyReceiver.ReceiveAsync(context).ConfigureAwait(false);
        if (bytes.IsEmpty)
        {
            throw new Refusal(400, "empty_body", "This route takes a JSON body. Send one.");
        }

        try
        {
            return JsonSerializer.Deserialize(bytes.Span, type) ?? throw new JsonException();
        }
        catch (JsonException fault)
        {
            throw new Refusal(400, "invalid_json", $"The body is not the JSON that this route takes{(fault.Path is { Length: > 1 and < 200 } path ? $", at {path}" : "")}.");
        }
    }
}
