using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Embeddings;

/// <summary>Embeddings of model servers. What they answer is checked: as many vectors as texts, none empty, of the length that was asked for.</summary>
internal static class ServerEmbeddings
{
    /// <summary><c>POST /api/embed</c> of Ollama, told not to cut a text in silence.</summary>
    public static async Task<EmbeddingAnswer> OfOllamaAsync(HttpClient http, string model, EmbeddingRequest request, CancellationToken cancellationToken)
    {
        var body = new OllamaEmbedCall(model, request.Texts, Truncate: false, request.Dimensions);
        using var call = new HttpRequestMessage(HttpMethod.Post, "api/embed") { Content = JsonContent.Create(body, EmbeddingJson.Default.OllamaEmbedCall) };
        var answer = await JsonCalls.SendAsync(http, call, EmbeddingJson.Default.OllamaEmbedAnswer, cancellationToken).ConfigureAwait(false);
        return Checked(model, request, new(answer.Embeddings ?? [], answer.PromptEvalCount));
    }

    /// <summary><c>POST embeddings</c> of a server that speaks the OpenAI API.</summary>
    public static async Task<EmbeddingAnswer> OfOpenAIAsync(HttpClient http, string key, string model, EmbeddingRequest request, CancellationToken cancellationToken)
    {
        var body = new OpenAIEmbedCall(model, request.Texts, request.Dimensions, "float");
        using var call = new HttpRequestMessage(HttpMethod.Post, "embeddings") { Content = JsonContent.Create(body, EmbeddingJson.Default.OpenAIEmbedCall) };
        call.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        var answer = await JsonCalls.SendAsync(http, call, EmbeddingJson.Default.OpenAIEmbedAnswer, cancellationToken).ConfigureAwait(false);
        return Checked(model, request, new([.. (answer.Data ?? []).OrderBy(entry => entry.Index).Select(entry => entry.Embedding ?? [])], answer.Usage?.PromptTokens ?? 0));
    }

    private static EmbeddingAnswer Checked(string model, EmbeddingRequest request, EmbeddingAnswer answer) =>
        answer.Vectors.Count != request.Texts.Count || answer.Vectors.Any(vector => vector.Length == 0 || vector.Length != answer.Vectors[0].Length)
            ? throw new ModelException("model_error", $"{model} gave {answer.Vectors.Count} embeddings for {request.Texts.Count} texts, or some of another length.", "See the server's own log.")
        : request.Dimensions is { } asked && answer.Vectors[0].Length != asked
            ? throw new ModelException("unsupported_option", $"{model} has {answer.Vectors[0].Length} dimensions and cannot be asked for {asked}.", "Leave dimensions out.")
        : answer;
}

internal sealed record OllamaEmbedCall(string Model, IReadOnlyList<string> Input, bool Truncate, int? Dimensions);

internal sealed record OllamaEmbedAnswer(IReadOnlyList<float[]>? Embeddings, long PromptEvalCount);

internal sealed record OpenAIEmbedCall(string Model, IReadOnlyList<string> Input, int? Dimensions, string EncodingFormat);

internal sealed record OpenAIEmbedAnswer(IReadOnlyList<OpenAIEmbedding>? Data, OpenAIEmbedUsage? Usage);

internal sealed record OpenAIEmbedding(int Index, float[]? Embedding);

internal sealed record OpenAIEmbedUsage(long PromptTokens);

/// <summary>JSON of the servers' embedding routes.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OllamaEmbedCall))]
[JsonSerializable(typeof(OllamaEmbedAnswer))]
[JsonSerializable(typeof(OpenAIEmbedCall))]
[JsonSerializable(typeof(OpenAIEmbedAnswer))]
internal sealed partial class EmbeddingJson : JsonSerializerContext;
