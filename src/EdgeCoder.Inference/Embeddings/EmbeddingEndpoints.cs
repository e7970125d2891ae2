using System.Runtime.InteropServices;
using System.Text.Json;
using EdgeCoder.Inference.Completions;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Service;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Inference.Embeddings;

/// <summary><c>POST /v1/embeddings</c> (agent-executor-models 6.4).</summary>
internal static class EmbeddingEndpoints
{
    private const int MostTexts = 2048;

    /// <summary>Maps it.</summary>
    public static void MapEmbeddings(this IEndpointRouteBuilder routes)
    {
        var models = routes.ServiceProvider.GetRequiredService<ReachModels>();
        routes.MapGuarded("POST", "/v1/embeddings", InferenceRule.WithTokenAndLongBody, context =>
            ApiRoutes.RunAsync(context, (_, reach) => AnswerAsync(context, models.Of(reach).Hub, reach)));
    }

    private static async Task AnswerAsync(HttpContext context, ModelHub hub, RequestedReach reach)
    {
        string? model;
        EmbeddingRequest request;
        bool base64;
        using (var body = RequestBody.Parse(context))
        {
            (model, request, base64) = (body.RootElement.Text("model") is { Length: > 0 } named ? named : null, Read(body.RootElement), IsBase64(body.RootElement));
        }

        InstalledModel used;
        EmbeddingAnswer answer;
        try
        {
            (used, answer) = await hub.EmbedAsync(model, request, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception fault) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw ModelFaults.OfOpening(fault, reach);
        }

        new AnswerMarks
        {
            Route = used.Provider.Split('/')[0],
            Model = used.ModelId,
            Digest = used.Digest,
            RanOn = used.Reach switch { ModelReach.ThisMachine => "this-machine", ModelReach.Team => "team", _ => "cloud" },
        }.Write(context);
        await WriteAsync(context, used.ModelId, answer, base64).ConfigureAwait(false);
    }

    private static EmbeddingRequest Read(JsonElement body)
    {
        var input = body.Member("input");
        IReadOnlyList<string?> texts = input switch
        {
            { ValueKind: JsonValueKind.String } text => [text.GetString()],
            { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() is > 0 and <= MostTexts => [.. list.EnumerateArray().Select(item => item.ValueKind switch
            {
                JsonValueKind.String => item.GetString(),
                // Numbers of tokens mean something in one vocabulary only, and nobody here knows whose they are.
                JsonValueKind.Number or JsonValueKind.Array => throw ApiFault.Unsupported("input", "texts are embedded, not tokens of a vocabulary that may be another model's"),
                _ => null,
            })],
            _ => [null],
        };
        return texts.Any(string.IsNullOrEmpty)
            ? throw ApiFault.Invalid("input", $"a text or a list of 1 to {MostTexts} texts is expected, none of them empty")
            : new([.. texts.OfType<string>()], (int?)body.Whole("dimensions", 1, 65_536));
    }

    private static bool IsBase64(JsonElement body) => body.Text("encoding_format") switch
    {
        null or "float" => false,
        "base64" => true,
        _ => throw ApiFault.Invalid("encoding_format", "float or base64 is expected"),
    };

    private static async Task WriteAsync(HttpContext context, string model, EmbeddingAnswer answer, bool base64)
    {
        context.Response.ContentType = "application/json";
        using (var json = new Utf8JsonWriter(context.Response.BodyWriter))
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "list"u8);
            json.WriteStartArray("data"u8);
            for (var i = 0; i < answer.Vectors.Count; i++)
            {
                json.WriteStartObject();
                json.WriteString("object"u8, "embedding"u8);
                json.WriteNumber("index"u8, i);
                Vector(json, answer.Vectors[i], base64);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("model"u8, model);
            json.WriteStartObject("usage"u8);
            json.WriteNumber("prompt_tokens"u8, answer.Tokens);
            json.WriteNumber("total_tokens"u8, answer.Tokens);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    private static void Vector(Utf8JsonWriter json, float[] vector, bool base64)
    {
        if (base64)
        {
            // Little-endian 32-bit numbers, as the API's own libraries read them.
            json.WriteBase64String("embedding"u8, MemoryMarshal.AsBytes(vector.AsSpan()));
            return;
        }

        json.WriteStartArray("embedding"u8);
        foreach (var number in vector)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }
}
