using System.Text.Json;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Service;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Chats;
using EdgeCoder.Protocol.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Inference.Chat;

/// <summary><c>POST /chat</c>: server-sent events of a model's words (agent-executor-models 5).</summary>
internal static class ChatEndpoints
{
    private const int MostMessages = 1_000;

    /// <summary>Maps it. A client that goes away stops the model.</summary>
    public static void MapChat(this IEndpointRouteBuilder routes)
    {
        var reaches = routes.ServiceProvider.GetRequiredService<ReachModels>();
        routes.MapGuarded("POST", "/chat", InferenceRule.WithToken, async context =>
        {
            var request = JsonBody.Read(context, InferenceJson.Default.ChatRequest);
            Check(request);
            var models = reaches.Of(Reach(context));
            try
            {
                var selected = await models.OpenAsync(new() { Model = request.Model, Role = ModelRole.Coder }, context.RequestAborted).ConfigureAwait(false);
                try
                {
                    await StreamAsync(context, selected, request).ConfigureAwait(false);
                }
                finally
                {
                    await models.ReturnAsync(selected).ConfigureAwait(false);
                }
            }
            catch (ModelException fault) when (!context.Response.HasStarted)
            {
                await RefuseAsync(context, request, fault).ConfigureAwait(false);
            }
        });
    }

    // Here nothing said is the team: this route is for callers that have been let in by the coordinator. Who says this-machine must not be taken further.
    private static RequestedReach Reach(HttpContext context) => context.Request.Headers[ReachHeader.Name].ToString() switch
    {
        "" => RequestedReach.Team,
        var text => ReachHeader.Read(text) ?? throw new Refusal(400, "invalid_request", $"The header {ReachHeader.Name} must be this-machine or team."),
    };

    // 1. Nothing is sent before the model's first word, so that its absence can still be a status. 2. The words. 3. [DONE], only after a whole answer.
    private static async Task StreamAsync(HttpContext context, SelectedModel selected, ChatRequest request)
    {
        var messages = request.Messages!.Select(turn => new ChatMessage(RoleOf(turn.Role!), turn.Content));
        var options = new ChatOptions { Temperature = request.Temperature, MaxOutputTokens = request.MaxTokens };
        UsageDetails? usage = null;
        try
        {
            await foreach (var update in selected.Model.Client.GetStreamingResponseAsync(messages, options, context.RequestAborted).ConfigureAwait(false))
            {
                usage = update.Contents.OfType<UsageContent>().LastOrDefault()?.Details ?? usage;
                if (update.Text.Length > 0)
                {
                    await SendAsync(context, JsonSerializer.SerializeToUtf8Bytes(new ChatPiece(update.Text), InferenceJson.Default.ChatPiece)).ConfigureAwait(false);
                }
            }

            if (request.IncludeUsage == true)
            {
                await SendAsync(context, JsonSerializer.SerializeToUtf8Bytes(new ChatCount(new(usage?.InputTokenCount, usage?.OutputTokenCount)), InferenceJson.Default.ChatCount)).ConfigureAwait(false);
            }

            await SendAsync(context, "[DONE]"u8.ToArray()).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception fault)
        {
            var known = fault as ModelException ?? new ModelException("model_unavailable", $"The model {selected.Model.Identity.Id} stopped answering.", inner: fault);
            if (!context.Response.HasStarted)
            {
                throw known;
            }

            await SendAsync(context, JsonSerializer.SerializeToUtf8Bytes(new ChatBroken(new(known.Code, known.Message)), InferenceJson.Default.ChatBroken)).ConfigureAwait(false);
        }
    }

    private static async Task SendAsync(HttpContext context, byte[] data)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
        }

        await context.Response.Body.WriteAsync((byte[])[.. "data: "u8, .. data, .. "\n\n"u8], context.RequestAborted).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    private static Task RefuseAsync(HttpContext context, ChatRequest request, ModelException fault)
    {
        if (fault.Code is "model_not_found")
        {
            throw new Refusal(404, fault.Code, fault.Hint is null ? fault.Message : $"{fault.Message} {fault.Hint}");
        }

        if (fault.Code is "context_length_exceeded" or "unsupported_option")
        {
            throw new Refusal(400, fault.Code, fault.Hint is null ? fault.Message : $"{fault.Message} {fault.Hint}");
        }

        var error = fault.Code is "no_model_available" ? fault.Code : fault.Message.Contains("Ollama", StringComparison.OrdinalIgnoreCase) ? "ollama_unavailable" : "model_unavailable";
        var answer = new ChatUnavailable(error, request.Model, fault.Hint is null ? fault.Message : $"{fault.Message} {fault.Hint}");
        return OverviewEndpoints.Json(context, JsonSerializer.SerializeToUtf8Bytes(answer, InferenceJson.Default.ChatUnavailable), 502);
    }

    private static void Check(ChatRequest request)
    {
        var issues = new List<FieldIssue>();
        if (request.Messages is not { Count: >= 1 and <= MostMessages })
        {
            issues.Add(new("messages", $"1 to {MostMessages} messages"));
        }

        for (var i = 0; i < (request.Messages?.Count ?? 0) && issues.Count < 20; i++)
        {
            if (request.Messages![i] is not { Role: "system" or "user" or "assistant", Content: not null })
            {
                issues.Add(new($"messages[{i}]", "role system, user or assistant, and content"));
            }
        }

        if (request.Temperature is { } temperature && !(temperature is >= 0 and <= 2))
        {
            issues.Add(new("temperature", "0 to 2"));
        }

        if (request.MaxTokens is < 1)
        {
            issues.Add(new("max_tokens", "at least 1"));
        }

        if (issues.Count > 0)
        {
            throw Refusal.Invalid(issues);
        }
    }

    private static ChatRole RoleOf(string role) => role switch
    {
        "system" => ChatRole.System,
        "assistant" => ChatRole.Assistant,
        _ => ChatRole.User,
    };
}
