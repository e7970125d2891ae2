using System.Text.Json;
using EdgeCoder.Hosting.Problems;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Portal.Web;

/// <summary>The texts that a route was given, from a JSON object or from the form of a page, with the faults of its fields.</summary>
internal sealed class ActionInput
{
    private const int MostBytes = 64 * 1024;

    private readonly Dictionary<string, string> _texts;
    private readonly SortedDictionary<string, List<string>> _faults = new(StringComparer.Ordinal);

    private ActionInput(Dictionary<string, string> texts) => _texts = texts;

    /// <summary>What was typed into fields that may be shown again; never a password.</summary>
    public IReadOnlyDictionary<string, string> Typed => _texts.Where(text => !text.Key.Contains("assword", StringComparison.Ordinal)).ToDictionary();

    /// <summary>Reads it. Throws 400 <c>invalid_json</c>, 413 and 415.</summary>
    /// <param name="context">The request.</param>
    /// <param name="most">Most bytes of the body.</param>
    public static async Task<ActionInput> ReadAsync(HttpContext context, int most = MostBytes)
    {
        if (context.Request.ContentLength > most)
        {
            throw TooLarge(most);
        }

        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (PageRequests.IsForm(context))
        {
            foreach (var (name, values) in await context.Request.ReadFormAsync(context.RequestAborted).ConfigureAwait(false))
            {
                texts[name] = values is [{ } value] ? value : throw new Refusal(400, "invalid_request", "A field of the form was sent twice.");
            }

            return new(texts);
        }

        var bytes = await ReadAllAsync(context, most).ConfigureAwait(false);
        if (bytes.Length == 0)
        {
            return new(texts);
        }

        if (!context.Request.HasJsonContentType())
        {
            throw new Refusal(415, "unsupported_media_type", "Send the body as application/json.");
        }

        Read(bytes, texts);
        return new(texts);
    }

    /// <summary>A text as it was given; null when it is missing.</summary>
    public string? Raw(string name) => _texts.GetValueOrDefault(name);

    /// <summary>A text that must be there, between two lengths, without control characters; else a fault of the field.</summary>
    public string Text(string name, int least, int most)
    {
        var text = Raw(name);
        if (string.IsNullOrEmpty(text))
        {
            return Fault(name, "required");
        }

        return text.Length < least ? Fault(name, "too_short") : text.Length > most ? Fault(name, "too_long") : text.Any(char.IsControl) ? Fault(name, "invalid") : text;
    }

    /// <summary>The same, trimmed; null when it is missing or blank.</summary>
    public string? OptionalText(string name, int least, int most)
    {
        var text = Raw(name)?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        _texts[name] = text;
        return Text(name, least, most);
    }

    /// <summary>Adds a fault of a field.</summary>
    public string Fault(string name, string code)
    {
        if (!_faults.TryGetValue(name, out var codes))
        {
            _faults[name] = codes = [];
        }

        codes.Add(code);
        return "";
    }

    /// <summary>Throws 400 <c>validation_failed</c> with <c>fields{name:[code]}</c> when there are faults.</summary>
    public void ThrowIfFaulty()
    {
        if (_faults.Count > 0)
        {
            throw new Refusal(400, "validation_failed", "Correct the fields that are named.")
            {
                More = new Dictionary<string, JsonElement> { ["fields"] = JsonSerializer.SerializeToElement(_faults) },
            };
        }
    }

    private static void Read(byte[] bytes, Dictionary<string, string> texts)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, new() { AllowDuplicateProperties = false, MaxDepth = 16 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new JsonException();
            }

            foreach (var member in document.RootElement.EnumerateObject())
            {
                // Members that no route reads as a text, as the answer of a passkey, keep their JSON.
                texts[member.Name] = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : member.Value.ValueKind == JsonValueKind.Null ? "" : member.Value.GetRawText();
            }
        }
        catch (JsonException)
        {
            throw new Refusal(400, "invalid_json", "The body is not the JSON object that this route takes.");
        }
    }

    private static Refusal TooLarge(int most) => new(413, "payload_too_large", $"A body of this route has at most {most / 1024} KiB.");

    private static async Task<byte[]> ReadAllAsync(HttpContext context, int most)
    {
        using var all = new MemoryStream();
        var part = new byte[4096];
        for (int count; (count = await context.Request.Body.ReadAsync(part, context.RequestAborted).ConfigureAwait(false)) > 0;)
        {
            all.Write(part, 0, count);
            if (all.Length > most)
            {
                throw TooLarge(most);
            }
        }

        return all.ToArray();
    }
}
