using System.Collections.Frozen;
using System.Net;
using System.Text;
using System.Text.Json;

namespace EdgeCoder.Ledger.Records;

/// <summary>
/// What may stand in a log that everybody may read (economy-and-ledger 18): ids, hashes, codes and integers, under the names of section 10. No e-mail address,
/// no address of a machine, no fraction, no name of somebody's own.
/// </summary>
public static class RecordRules
{
    /// <summary>Code of a refusal.</summary>
    public const string Error = "personal_data_refused";

    private const string HexAndDots = "0123456789abcdefABCDEF:.";

    /// <summary>What is against the rules; null when nothing is. <paramref name="payload"/> is JSON; empty for none. The answer repeats no value.</summary>
    public static string? Fault(string eventType, string taskId, string? subtaskId, string actorId, ReadOnlySpan<byte> payload)
    {
        if (!RecordTypes.TryFind(eventType, out var members))
        {
            return "its kind is not one of those of a log";
        }

        return Identifies(taskId) ? "taskId looks like an address of a person or machine"
            : subtaskId is not null && Identifies(subtaskId) ? "subtaskId looks like an address of a person or machine"
            : Identifies(actorId) ? "actorId looks like an address of a person or machine"
            : payload.IsEmpty ? null
            : InPayload(payload, members);
    }

    /// <summary>Whether a text holds what looks like an e-mail address or an IP address.</summary>
    public static bool Identifies(ReadOnlySpan<char> text)
    {
        var at = text.IndexOf('@');
        if (at > 0 && at + 1 < text.Length)
        {
            return true;
        }

        // Four numbers with dots between, or groups of hex digits with colons between: few texts have so many of them, so the rest is seldom reached.
        return (text.Count('.') >= 3 || text.Count(':') >= 2) && HasAddress(text);
    }

    private static bool HasAddress(ReadOnlySpan<char> text)
    {
        while (text.IndexOfAny(HexAndDots) is var start and >= 0)
        {
            text = text[start..];
            var length = text.IndexOfAnyExcept(HexAndDots) is var end and >= 0 ? end : text.Length;
            if (IsOrHasAddress(text[..length]))
            {
                return true;
            }

            text = text[length..];
        }

        return false;
    }

    // Of IPv6 the whole, with or without what a prefix of an id left before it; of IPv4 each part between colons, for a port may follow.
    private static bool IsOrHasAddress(ReadOnlySpan<char> text)
    {
        if (IsAddress(text) || IsAddress(text.TrimStart(':')) || IsAddress(text[(text.IndexOf(':') + 1)..]))
        {
            return true;
        }

        foreach (var part in text.Split(':'))
        {
            if (IsAddress(text[part].Trim('.')))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAddress(ReadOnlySpan<char> text) => (text.Count('.') == 3 || text.Count(':') >= 2) && IPAddress.TryParse(text, out _);

    private static string? InPayload(ReadOnlySpan<byte> payload, FrozenSet<string>? members)
    {
        try
        {
            var reader = new Utf8JsonReader(payload);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return "payloadJson is no object";
            }

            while (reader.Read())
            {
                if (Token(ref reader, members) is { } fault)
                {
                    return fault;
                }
            }

            return null;
        }
        catch (JsonException)
        {
            return "payloadJson is no JSON";
        }
    }

    private static string? Token(ref Utf8JsonReader reader, FrozenSet<string>? members)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName when members is not null && !members.Contains(reader.GetString()!):
                return "payloadJson has a member that its kind does not have";
            case JsonTokenType.StartObject or JsonTokenType.StartArray when members is not null:
                return "payloadJson has a value that is no text, integer, true or false";
            case JsonTokenType.Number when !reader.TryGetInt64(out _):
                return "payloadJson has a number that is no integer";
            case JsonTokenType.String when Identifies(reader.GetString()):
                return "payloadJson has a text that looks like an address of a person or machine";
            default:
                return null;
        }
    }
}
