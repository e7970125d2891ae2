using System.Globalization;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol.Identifiers;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Portal.Web;

/// <summary>Fields and ids that several features read alike (portal-and-control-plane 1).</summary>
internal static class InputTexts
{
    /// <summary>A text of several lines, with line feeds alone; null when it is missing or blank. Other control characters are a fault.</summary>
    public static string? Lines(this ActionInput input, string name, int most)
    {
        var text = input.Raw(name)?.ReplaceLineEndings("\n");
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (text.Length > most)
        {
            input.Fault(name, "too_long");
        }
        else if (text.Any(c => char.IsControl(c) && c is not ('\n' or '\t')))
        {
            input.Fault(name, "invalid");
        }

        return text;
    }

    /// <summary>A whole or decimal number; null when it is missing.</summary>
    public static decimal? Number(this ActionInput input, string name, decimal least, decimal most, int decimals)
    {
        if (input.Raw(name)?.Trim() is not { Length: > 0 } text)
        {
            return null;
        }

        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most && decimal.Round(number, decimals) == number)
        {
            return number;
        }

        input.Fault(name, "invalid");
        return null;
    }

    /// <summary>One of some words; the first when it is missing.</summary>
    public static string Choice(this ActionInput input, string name, params string[] words)
    {
        var given = input.Raw(name) is { Length: > 0 } text ? text : words[0];
        return words.Contains(given, StringComparer.Ordinal) ? given : input.Fault(name, "invalid");
    }

    /// <summary>Id of a task or of what is named alike. Throws 400 <c>invalid_id</c>.</summary>
    public static string ClientIdOf(HttpContext context, string name = "id") =>
        context.Request.RouteValues[name] is string id && ClientId.IsValid(id) ? id : throw new Refusal(400, "invalid_id", "This is no id as lists give it.");

    /// <summary>A UUID in its one spelling. Throws 400 <c>invalid_id</c>.</summary>
    public static string UuidOf(HttpContext context, string name = "id") =>
        context.Request.RouteValues[name] is string id && Guid.TryParseExact(id, "D", out var parsed) && parsed.ToString() == id ? id : throw new Refusal(400, "invalid_id", "This is no id as lists give it.");

    /// <summary><c>Idempotency-Key</c> of a program, or the key that a form carries; null without. Throws 400 <c>validation_failed</c>.</summary>
    public static string? RepetitionKey(this ActionRequest request)
    {
        var key = request.Http.Request.Headers["Idempotency-Key"].ToString() is { Length: > 0 } header ? header : request.Input.Raw("key");
        if (key is null or "")
        {
            return null;
        }

        if (key.Length is < 8 or > 128 || key.Any(c => c is <= ' ' or > '~'))
        {
            request.Input.Fault("Idempotency-Key", "invalid");
            request.Input.ThrowIfFaulty();
        }

        return key;
    }
}
