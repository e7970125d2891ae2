using EdgeCoder.Portal.Sessions;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Portal.Web;

/// <summary>What every page needs of its request.</summary>
public sealed record PageView
{
    /// <summary>Who looks; null when nobody is signed in.</summary>
    public required SignedIn? Person { get; init; }

    /// <summary>Name of the theme.</summary>
    public required string Theme { get; init; }

    /// <summary>Token of forms against forged requests.</summary>
    public required string FormToken { get; init; }

    /// <summary>Path of the request.</summary>
    public required string Path { get; init; }

    /// <summary>Clock of the request, Unix milliseconds.</summary>
    public required long NowMs { get; init; }

    /// <summary>Why the last form was refused; null when none was.</summary>
    public Problem? Problem { get; init; }

    /// <summary>What was typed, to be shown again.</summary>
    public IReadOnlyDictionary<string, string> Typed { get; init; } = new Dictionary<string, string>();

    /// <summary>What was done; null when nothing was.</summary>
    public string? Done { get; init; }

    /// <summary>A field's value of the last form.</summary>
    public string Value(string name) => Typed.GetValueOrDefault(name, "");

    /// <summary>Codes of a field's faults, in words; null when it has none.</summary>
    public string? FaultOf(string name)
    {
        if (Problem?.More is not { } more || !more.TryGetValue("fields", out var fields) || !fields.TryGetProperty(name, out var codes))
        {
            return null;
        }

        return string.Join(" ", codes.EnumerateArray().Select(code => FieldWords.Of(code.GetString() ?? "")));
    }
}

/// <summary>Codes of faults in words.</summary>
internal static class FieldWords
{
    /// <summary>A sentence.</summary>
    public static string Of(string code) => code switch
    {
        "required" => "Fill this in.",
        "too_short" => "This is too short.",
        "too_long" => "This is too long.",
        "invalid_email" => "This is no mail address.",
        "length_8_to_256" => "Take 8 to 256 characters.",
        "too_common" => "Everybody tries this one first. Take another, three random words for example.",
        "no_addresses" => "Say it in 3 to 300 characters, without addresses.",
        "wrong" => "This is not your current password.",
        _ => "This cannot be taken as it is.",
    };
}
