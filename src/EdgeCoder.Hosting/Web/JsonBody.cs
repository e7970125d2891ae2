using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace EdgeCoder.Hosting.Web;

/// <summary>Reads the received body as JSON (coordinator-and-mesh 1).</summary>
public static class JsonBody
{
    /// <summary>
    /// The body as <typeparamref name="T"/>. Throws <see cref="Refusal"/>: 415 <c>unsupported_media_type</c>, 400 <c>empty_body</c>, 400 <c>invalid_json</c>
    /// (malformed, a repeated member, a wrong type).
    /// </summary>
    public static T Read<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        var body = context.ReceivedBody();
        if (body.IsEmpty)
        {
            throw new Refusal(400, "empty_body", "This route takes a JSON body. Send one.");
        }

        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var media) || !media.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            throw new Refusal(415, "unsupported_media_type", "Send the body as application/json.");
        }

        try
        {
            return JsonSerializer.Deserialize(body.Span, type) ?? throw new JsonException();
        }
        catch (JsonException fault)
        {
            // The path names the member; the text of the body is never repeated.
            throw new Refusal(400, "invalid_json", $"The body is not the JSON that this route takes{(fault.Path is { Length: > 1 and < 200 } path ? $", at {path}" : "")}.");
        }
    }
}
