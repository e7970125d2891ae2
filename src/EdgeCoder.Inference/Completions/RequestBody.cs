using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using EdgeCoder.Hosting.Callers;

namespace EdgeCoder.Inference.Completions;

/// <summary>The body of a request as JSON, and its members by kind. <c>null</c> is as good as absent, as in the OpenAI API.</summary>
internal static class RequestBody
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The body. Throws <see cref="ApiFault"/> for what is no JSON object. Dispose it when nothing of it is used any more.</summary>
    public static JsonDocument Parse(HttpContext context)
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var media) || !media.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            throw new ApiFault(415, "unsupported_media_type", "Send the body as application/json.");
        }

        try
        {
            var document = JsonDocument.Parse(context.ReceivedBody(), Strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            throw new ApiFault(400, "invalid_json", "The body must be a JSON object.", "body");
        }
        catch (JsonException fault)
        {
            // Where it goes wrong, and nothing of the text, which may be private.
            throw new ApiFault(400, "invalid_json", $"The body is not JSON: see line {(fault.LineNumber ?? 0) + 1}, byte {(fault.BytePositionInLine ?? 0) + 1}.", "body", fault);
        }
    }

    /// <summary>A member that is there and not null.</summary>
    public static JsonElement? Member(this JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A text.</summary>
    public static string? Text(this JsonElement parent, string name, string? at = null) => parent.Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        _ => throw ApiFault.Invalid(at ?? name, "a text is expected"),
    };

    /// <summary>Yes or no.</summary>
    public static bool? Flag(this JsonElement parent, string name, string? at = null) => parent.Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw ApiFault.Invalid(at ?? name, "true or false is expected"),
    };

    /// <summary>A whole number of a range.</summary>
    public static long? Whole(this JsonElement parent, string name, long least, long most) => parent.Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var value) && value >= least && value <= most => value,
        _ => throw ApiFault.Invalid(name, most == long.MaxValue ? $"a whole number of at least {least} is expected" : $"a whole number from {least} to {most} is expected"),
    };

    /// <summary>A number of a range.</summary>
    public static float? Number(this JsonElement parent, string name, float least, float most) => parent.Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetSingle(out var value) && value >= least && value <= most => value,
        _ => throw ApiFault.Invalid(name, FormattableString.Invariant($"a number from {least} to {most} is expected")),
    };

    /// <summary>A text or a list of texts, none of them empty.</summary>
    public static IReadOnlyList<string> Texts(this JsonElement parent, string name, int most)
    {
        var value = parent.Member(name);
        IReadOnlyList<string?> texts = value switch
        {
            null => [],
            { ValueKind: JsonValueKind.String } text => [text.GetString()],
            { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() <= most => [.. list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString() : null)],
            _ => [null],
        };
        return texts.Any(string.IsNullOrEmpty) ? throw ApiFault.Invalid(name, $"a text or a list of up to {most} texts is expected, none of them empty") : [.. texts.OfType<string>()];
    }

    /// <summary>An object.</summary>
    public static JsonElement? Object(this JsonElement parent, string name, string? at = null) => parent.Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => value,
        _ => throw ApiFault.Invalid(at ?? name, "an object is expected"),
    };

    /// <summary>A list.</summary>
    public static JsonElement? List(this JsonElement parent, string name, string? at = null) => parent.Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } value => value,
        _ => throw ApiFault.Invalid(at ?? name, "a list is expected"),
    };
}
