using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.TestKit.Models;

/// <summary>Speaks the OpenAI chat API below <c>/v1</c> as llama-server, LM Studio and vLLM do: server-sent events, usage in a last chunk without choices, <c>[DONE]</c>.</summary>
public sealed class ScriptedOpenAI : ScriptedServer
{
    private int _calls;

    private ScriptedOpenAI()
    {
    }

    /// <summary>Its models.</summary>
    public List<ScriptedModel> Models { get; } = [];

    /// <summary>The key that it wants; null for none.</summary>
    public string? ApiKey { get; set; }

    /// <summary>
    /// What the list says of a model in its member <c>edgecoder</c>; null: nothing. With it the server stands for the inference service, which gives the first
    /// model to who names none.
    /// </summary>
    public Func<ScriptedModel, object>? Facts { get; set; }

    /// <summary>Base address for a client.</summary>
    public Uri BaseAddress => new(Address, "/v1");

    /// <summary>Starts a server with these models.</summary>
    public static async Task<ScriptedOpenAI> StartAsync(params ScriptedModel[] models)
    {
        var server = new ScriptedOpenAI();
        server.Models.AddRange(models);
        await server.ListenAsync();
        return server;
    }

    /// <inheritdoc/>
    protected override Task HandleAsync(HttpContext context, ServedRequest request)
    {
        if (ApiKey is { } key && request.Headers.GetValueOrDefault("Authorization") != $"Bearer {key}")
        {
            return JsonAsync(context, 401, Error("Incorrect API key provided", "invalid_api_key"));
        }

        return (request.Method, request.Path) switch
        {
            ("GET", "/v1/models") => JsonAsync(context, 200, new
            {
                @object = "list",
                data = Models.Select(model => Facts is null
                    ? (object)new { id = model.Id, @object = "model", created = 1_700_000_000, owned_by = "test" }
                    : new { id = model.Id, @object = "model", created = 1_700_000_000, owned_by = "test", edgecoder = Facts(model) }),
            }),
            ("POST", "/v1/chat/completions") => ChatAsync(context, request.Body),
            ("POST", "/v1/embeddings") => EmbedAsync(context, request.Body),
            _ => JsonAsync(context, 404, Error("Not found", "not_found")),
        };
    }

    private static Task EmbedAsync(HttpContext context, JsonElement body)
    {
        var texts = body.GetProperty("input").EnumerateArray().Select(text => text.GetString()!).ToList();
        var tokens = texts.Sum(text => ScriptedModel.Tokenize(text).Count);
        return JsonAsync(context, 200, new
        {
            @object = "list",
            data = texts.Select((text, index) => new { @object = "embedding", index, embedding = ScriptedModel.Embed(text) }).Reverse(),
            usage = new { prompt_tokens = tokens, total_tokens = tokens },
        });
    }

    private async Task ChatAsync(HttpContext context, JsonElement body)
    {
        var asked = body.GetProperty("model").GetString();
        var model = asked?.Length == 0 && Facts is not null ? Models[0] : Models.Find(model => model.Id == asked);
        if (model is null)
        {
            await JsonAsync(context, 404, Error($"The model `{asked}` does not exist", "model_not_found"));
            return;
        }

        if (await FailBeforeAnswerAsync(context, model.Fault, message => Error(message, "server_error")))
        {
            return;
        }

        var prompt = string.Concat(body.GetProperty("messages").EnumerateArray().Select(message => $"<|{message.GetProperty("role").GetString()}|>{Text(message)}\n"));
        var reading = model.Read(prompt, askedWindow: null);
        if (reading is null)
        {
            await JsonAsync(context, 400, Error($"This model's maximum context length is {model.Window} tokens.", "context_length_exceeded"));
            return;
        }

        var turn = model.Acts?.Invoke(body) ?? model.NextTurn();
        var fault = turn?.Fault ?? model.Fault;
        var answer = ScriptedModel.Tokenize(turn?.Text ?? model.Answer(reading.Text));
        var said = answer.Take(Limit(body)).ToList();
        var calls = (turn?.Calls ?? []).Select((call, index) => new { index, id = $"call_{Interlocked.Increment(ref _calls)}", type = "function", function = new { name = call.Tool, arguments = call.Arguments } }).ToList();
        var finish = said.Count < answer.Count ? "length" : calls.Count > 0 ? "tool_calls" : "stop";
        var read = model.Reports == CountReport.Sent ? reading.Sent : reading.Read;
        object? usage = model.Reports == CountReport.Nothing
            ? null
            : new { prompt_tokens = read, completion_tokens = said.Count, total_tokens = read + said.Count, prompt_tokens_details = new { cached_tokens = 0 } };
        if (!body.TryGetProperty("stream", out var stream) || !stream.GetBoolean())
        {
            await JsonAsync(context, 200, new
            {
                id = "chatcmpl-1",
                @object = "chat.completion",
                created = 1_700_000_000,
                model = model.Id,
                choices = new[] { new { index = 0, message = Message(string.Concat(said), calls), logprobs = (object?)null, finish_reason = finish } },
                usage,
            });
            return;
        }

        var counts = usage is not null && body.TryGetProperty("stream_options", out var options) && options.GetProperty("include_usage").GetBoolean();
        string Chunk(object delta, string? finish) => counts ? Event(WithNoUsage(model, delta, finish)) : Event(Without(model, delta, finish));
        context.Response.ContentType = "text/event-stream";
        await WriteAsync(context, Chunk(new { role = "assistant", content = "" }, null));
        for (var i = 0; i <= said.Count; i++)
        {
            if (await FailAtPieceAsync(context, fault, i, message => Event(Error(message, "server_error"))))
            {
                return;
            }

            if (i == said.Count && calls.Count > 0)
            {
                await WriteAsync(context, Chunk(new { tool_calls = calls }, null));
            }

            await WriteAsync(context, i == said.Count ? Chunk(new { }, finish) : Chunk(new { content = said[i] }, null));
        }

        if (counts)
        {
            await WriteAsync(context, Event(new
            {
                id = "chatcmpl-1", @object = "chat.completion.chunk", created = 1_700_000_000, model = model.Id, choices = Array.Empty<object>(), usage,
            }));
        }

        await WriteAsync(context, "data: [DONE]\n\n");
    }

    private static object Message<T>(string content, List<T> calls) => calls.Count == 0
        ? new { role = "assistant", content, refusal = (string?)null }
        : new { role = "assistant", content, refusal = (string?)null, tool_calls = calls };

    private static string Text(JsonElement message) => message.TryGetProperty("content", out var content)
        ? content.ValueKind switch
        {
            JsonValueKind.String => content.GetString()!,
            JsonValueKind.Array => string.Concat(content.EnumerateArray().Select(part => part.GetProperty("text").GetString())),
            _ => "",
        }
        : "";

    private static int Limit(JsonElement body) =>
        body.TryGetProperty("max_completion_tokens", out var limit) || body.TryGetProperty("max_tokens", out limit) ? limit.GetInt32() : int.MaxValue;

    // Where counts were asked for, every piece but the last says that it has none.
    private static object WithNoUsage(ScriptedModel model, object delta, string? finish) =>
        new { id = "chatcmpl-1", @object = "chat.completion.chunk", created = 1_700_000_000, model = model.Id, choices = Choices(delta, finish), usage = (object?)null };

    private static object Without(ScriptedModel model, object delta, string? finish) =>
        new { id = "chatcmpl-1", @object = "chat.completion.chunk", created = 1_700_000_000, model = model.Id, choices = Choices(delta, finish) };

    private static object[] Choices(object delta, string? finish) => [new { index = 0, delta, logprobs = (object?)null, finish_reason = finish }];

    private static object Error(string message, string code) => new { error = new { message, type = "invalid_request_error", code } };

    private static string Event(object record) => $"data: {JsonSerializer.Serialize(record, Unescaped)}\n\n";

    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
