using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.TestKit.Models;

/// <summary>Speaks Ollama's API (docs/api.md of ollama/ollama) as the real server does: NDJSON, errors as a line of the stream, status 404 for unknown models.</summary>
public sealed class ScriptedOllama : ScriptedServer
{
    private ScriptedOllama()
    {
    }

    /// <summary>Its models.</summary>
    public List<ScriptedModel> Models { get; } = [];

    /// <summary>Version it claims.</summary>
    public string Version { get; set; } = "0.12.6";

    /// <summary>The list of models is answered only after this.</summary>
    public Task TagsWaitFor { get; set; } = Task.CompletedTask;

    /// <summary>Records of the answer to <c>/api/pull</c>, in order; afterwards the model is there when the last is <c>success</c>.</summary>
    public List<object> PullRecords { get; } = [];

    /// <summary>Starts a server with these models.</summary>
    public static async Task<ScriptedOllama> StartAsync(params ScriptedModel[] models)
    {
        var server = new ScriptedOllama();
        server.Models.AddRange(models);
        await server.ListenAsync();
        return server;
    }

    /// <inheritdoc/>
    protected override Task HandleAsync(HttpContext context, ServedRequest request) => (request.Method, request.Path) switch
    {
        ("GET", "/api/version") => JsonAsync(context, 200, new { version = Version }),
        ("GET", "/api/tags") => TagsAsync(context),
        ("POST", "/api/show") => WithModelAsync(context, request, model => JsonAsync(context, 200, Show(model))),
        ("POST", "/api/chat") => WithModelAsync(context, request, model => ChatAsync(context, request.Body, model)),
        ("POST", "/api/generate") => WithModelAsync(context, request, model => GenerateAsync(context, request.Body, model)),
        ("POST", "/api/embed") => WithModelAsync(context, request, _ => EmbedAsync(context, request.Body)),
        ("POST", "/api/pull") => PullAsync(context, request.Body),
        ("DELETE", "/api/delete") => WithModelAsync(context, request, model =>
        {
            Models.Remove(model);
            return JsonAsync(context, 200, new { });
        }),
        _ => JsonAsync(context, 404, new { error = "404 page not found" }),
    };

    private Task WithModelAsync(HttpContext context, ServedRequest request, Func<ScriptedModel, Task> handle)
    {
        var asked = request.Body.GetProperty("model").GetString()!;
        var model = Models.Find(model => model.Id == asked || model.Id == asked + ":latest");
        return model is null ? JsonAsync(context, 404, new { error = $"model '{asked}' not found" }) : handle(model);
    }

    private async Task TagsAsync(HttpContext context)
    {
        await TagsWaitFor.WaitAsync(context.RequestAborted);
        await JsonAsync(context, 200, new { models = Models.Select(Tag) });
    }

    private static object Tag(ScriptedModel model) => new
    {
        name = model.Id,
        model = model.Id,
        modified_at = "2025-10-01T10:00:00.123456789+02:00",
        size = model.SizeBytes,
        digest = model.Digest,
        remote_model = model.RemoteHost is null ? null : model.Id,
        remote_host = model.RemoteHost,
        details = new { parent_model = "", format = "gguf", family = "qwen2", families = new[] { "qwen2" }, parameter_size = "1.5B", quantization_level = "Q4_K_M" },
    };

    private static object Show(ScriptedModel model) => new
    {
        details = new { format = "gguf", family = "qwen2", parameter_size = "1.5B", quantization_level = "Q4_K_M" },
        model_info = new Dictionary<string, object> { ["general.architecture"] = "qwen2", ["qwen2.context_length"] = 32768 },
        capabilities = model.Capabilities,
        remote_model = model.RemoteHost is null ? null : model.Id,
        remote_host = model.RemoteHost,
    };

    // A text gone on with; what the model answers depends on what is left of it, as in a conversation.
    private async Task GenerateAsync(HttpContext context, JsonElement body, ScriptedModel model)
    {
        if (await FailBeforeAnswerAsync(context, model.Fault, message => new { error = message }))
        {
            return;
        }

        var suffix = body.TryGetProperty("suffix", out var behind) ? behind.GetString() : null;
        var options = body.GetProperty("options");
        if (model.Read(body.GetProperty("prompt").GetString() + suffix, Int(options, "num_ctx")) is not { } reading)
        {
            await JsonAsync(context, 400, new { error = "the input length exceeds the context length" });
            return;
        }

        var answer = ScriptedModel.Tokenize(model.Answer(reading.Text));
        var said = answer.Take(Int(options, "num_predict") is >= 0 and var most ? most : int.MaxValue).ToList();
        context.Response.ContentType = "application/x-ndjson";
        foreach (var piece in said.Index())
        {
            if (await FailAtPieceAsync(context, model.Fault, piece.Index, message => Line(new { error = message })))
            {
                return;
            }

            await WriteAsync(context, Line(new { model = model.Id, response = piece.Item, done = false }));
        }

        await WriteAsync(context, Line(new { model = model.Id, response = "", done = true, done_reason = said.Count < answer.Count ? "length" : "stop", prompt_eval_count = model.Reports == CountReport.Sent ? reading.Sent : reading.Read, eval_count = said.Count }));
    }

    private static Task EmbedAsync(HttpContext context, JsonElement body)
    {
        var texts = body.GetProperty("input").EnumerateArray().Select(text => text.GetString()!).ToList();
        return JsonAsync(context, 200, new { embeddings = texts.Select(ScriptedModel.Embed), prompt_eval_count = texts.Sum(text => ScriptedModel.Tokenize(text).Count) });
    }

    private async Task ChatAsync(HttpContext context, JsonElement body, ScriptedModel model)
    {
        if (await FailBeforeAnswerAsync(context, model.Fault, message => new { error = message }))
        {
            return;
        }

        var prompt = string.Concat(body.GetProperty("messages").EnumerateArray().Select(message =>
            $"<|{message.GetProperty("role").GetString()}|>{(message.TryGetProperty("content", out var content) ? content.GetString() : "")}\n"));
        var options = body.TryGetProperty("options", out var given) ? given : default;
        var reading = model.Read(prompt, Int(options, "num_ctx"));
        if (reading is null)
        {
            await JsonAsync(context, 400, new { error = "the input length exceeds the context length" });
            return;
        }

        var turn = model.IsScripted(reading.Text) ? model.NextTurn() : null;
        var answer = ScriptedModel.Tokenize(turn?.Text ?? model.Answer(reading.Text));
        var calls = (turn?.Calls ?? []).Select((call, index) => new { function = new { index, name = call.Tool, arguments = JsonElement.Parse(call.Arguments) } }).ToList();
        var limit = Int(options, "num_predict") is >= 0 and var most ? most : int.MaxValue;
        var said = answer.Take(limit).ToList();
        var last = new Dictionary<string, object>
        {
            ["model"] = model.Id,
            ["created_at"] = "2025-10-01T10:00:00.123456Z",
            ["message"] = new { role = "assistant", content = "" },
            ["done"] = true,
            ["done_reason"] = said.Count < answer.Count ? "length" : "stop",
            ["total_duration"] = 2_000_000_000L,
            ["load_duration"] = 100_000_000L,
            ["prompt_eval_duration"] = 900_000_000L,
            ["eval_count"] = said.Count,
            ["eval_duration"] = 1_000_000_000L,
        };
        if (model.Reports != CountReport.Nothing)
        {
            last["prompt_eval_count"] = model.Reports == CountReport.Read ? reading.Read : reading.Sent;
        }

        if (body.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.False)
        {
            last["message"] = calls.Count == 0 ? new { role = "assistant", content = string.Concat(said) } : new { role = "assistant", content = string.Concat(said), tool_calls = calls };
            await JsonAsync(context, 200, last);
            return;
        }

        context.Response.ContentType = "application/x-ndjson";
        for (var i = 0; i <= said.Count; i++)
        {
            if (i == said.Count && calls.Count > 0)
            {
                await WriteAsync(context, Line(new { model = model.Id, created_at = "2025-10-01T10:00:00.123456Z", message = new { role = "assistant", content = "", tool_calls = calls }, done = false }));
            }

            if (await FailAtPieceAsync(context, model.Fault, i, message => Line(new { error = message })))
            {
                return;
            }

            await WriteAsync(context, i == said.Count ? Line(last) : Line(new
            {
                model = model.Id,
                created_at = "2025-10-01T10:00:00.123456Z",
                message = new { role = "assistant", content = said[i] },
                done = false,
            }));
        }
    }

    private async Task PullAsync(HttpContext context, JsonElement body)
    {
        context.Response.ContentType = "application/x-ndjson";
        foreach (var record in PullRecords)
        {
            await WriteAsync(context, Line(record));
        }

        if (PullRecords.Count > 0 && JsonSerializer.Serialize(PullRecords[^1]).Contains("success", StringComparison.Ordinal))
        {
            Models.Add(new() { Id = body.GetProperty("model").GetString()! });
        }
    }

    private static int? Int(JsonElement options, string name) =>
        options.ValueKind == JsonValueKind.Object && options.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : null;

    // Real Ollama writes UTF-8 as it is, not escaped.
    private static string Line(object record) => JsonSerializer.Serialize(record, Unescaped) + "\n";

    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
