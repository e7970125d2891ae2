using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Providers;

/// <summary><c>POST /api/generate</c> of Ollama: a text gone on with as it is, or a gap filled by the model's own template.</summary>
internal static class OllamaCompletion
{
    /// <summary>The completer of one model. <paramref name="fillsGaps"/> is what the server says of it.</summary>
    public static TextCompleter Create(HttpClient http, string model, int window, bool fillsGaps) => (request, cancellationToken) => request.Suffix is null || fillsGaps
        ? RunAsync(http, Call(model, window, request), model, cancellationToken)
        : throw new ModelException("fim_unsupported", $"{model} cannot fill gaps, says its server.", "Use one that can, for instance qwen2.5-coder:1.5b-base, or leave the suffix out.");

    // Without a gap the prompt is raw: a template would make a conversation of it.
    private static OllamaGenerateCall Call(string model, int window, TextRequest request) => new(
        model, request.Prompt, request.Suffix, Raw: request.Suffix is null, Stream: true, Truncate: false, Shift: false,
        new(window, request.MaxTokens, request.Temperature, request.TopP, request.Seed, request.Stop.Count == 0 ? null : request.Stop));

    private static async IAsyncEnumerable<ChatResponseUpdate> RunAsync(HttpClient http, OllamaGenerateCall call, string model, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/generate") { Content = JsonContent.Create(call, OllamaGenerateJson.Default.OllamaGenerateCall) };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
        while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            if (line.Length == 0)
            {
                continue;
            }

            var record = Parse(line, model);
            if (!string.IsNullOrEmpty(record.Response))
            {
                yield return new(ChatRole.Assistant, record.Response);
            }

            if (record.Done)
            {
                yield return new(ChatRole.Assistant, [new UsageContent(new() { InputTokenCount = record.PromptEvalCount, OutputTokenCount = record.EvalCount })])
                {
                    FinishReason = record.DoneReason == "length" ? ChatFinishReason.Length : ChatFinishReason.Stop,
                };
                yield break;
            }
        }

        throw new ModelException("stream_interrupted", $"The answer of {model} ended without its last record.", "Try again; see the model server's log.");
    }

    private static OllamaGenerateRecord Parse(string line, string model)
    {
        try
        {
            return JsonSerializer.Deserialize(line, OllamaGenerateJson.Default.OllamaGenerateRecord) ?? throw new JsonException();
        }
        catch (JsonException fault)
        {
            throw new ModelException("model_error", $"The server of {model} answered with a line that is no record.", "See the server's own log.", fault);
        }
    }
}

internal sealed record OllamaGenerateCall(string Model, string Prompt, string? Suffix, bool Raw, bool Stream, bool Truncate, bool Shift, OllamaGenerateOptions Options);

internal sealed record OllamaGenerateOptions(int NumCtx, int NumPredict, float? Temperature, float? TopP, long? Seed, IReadOnlyList<string>? Stop);

internal sealed record OllamaGenerateRecord(string? Response, bool Done, string? DoneReason, long? PromptEvalCount, long? EvalCount);

/// <summary>JSON of that route.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OllamaGenerateCall))]
[JsonSerializable(typeof(OllamaGenerateRecord))]
internal sealed partial class OllamaGenerateJson : JsonSerializerContext;
