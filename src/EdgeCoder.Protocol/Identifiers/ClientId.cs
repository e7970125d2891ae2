using System.Text.RegularExpressions;

namespace EdgeCoder.Protocol.Identifiers;

/// <summary>The grammar of ids that a client chooses: tasks, agents, peers (coordinator-and-mesh 1). Ids are compared whole and ordinally.</summary>
public static partial class ClientId
{
    /// <summary>Whether a text is such an id: 3 to 128 of letters, digits, dot, underscore, colon, hyphen; begins with a letter or digit; no <c>..</c>.</summary>
    public static bool IsValid(string? text) => text is not null && Grammar().IsMatch(text) && !text.Contains("..", StringComparison.Ordinal);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._:-]{2,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();
}
