using System.Text.Json;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Web;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.IdeProvider.Problems;

/// <summary>An error as clients of the OpenAI API know it: <c>{"error":{"message","type","code","param"}}</c> (agent-executor-models 6.1).</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">Stable code.</param>
/// <param name="Message">For a person: what is wrong and what to do next.</param>
/// <param name="Param">Member of the request that is wrong.</param>
/// <param name="TaskId">Task of the swarm that was given away for the request.</param>
internal sealed record OpenAIError(int Status, string Code, string Message, string? Param = null, string? TaskId = null)
{
    /// <summary>What a fault means to a caller.</summary>
    public static OpenAIError Of(Exception fault)
    {
        if (fault is Refusal refusal)
        {
            return new(refusal.Status, refusal.Error, refusal.Message, refusal.Issues is { Count: > 0 } issues ? issues[0].Path : null, refusal.TaskId);
        }

        var problem = ProblemTranslation.Explain(fault);
        return new(problem.Status, problem.Error, problem.Detail ?? problem.Title ?? "");
    }

    /// <summary>The document.</summary>
    public byte[] ToUtf8()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("error");
            writer.WriteString("message", Message);
            writer.WriteString("type", Status switch { 401 => "authentication_error", 403 => "permission_error", 429 => "rate_limit_error", < 500 => "invalid_request_error", _ => "server_error" });
            writer.WriteString("code", Code);
            writer.WriteString("param", Param);
            if (TaskId is not null)
            {
                writer.WriteString("taskId", TaskId);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>Writes it as the whole answer.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        var body = ToUtf8();
        context.Response.StatusCode = Status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }
}
