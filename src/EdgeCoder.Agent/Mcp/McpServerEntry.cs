using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Agent.TestCommands;

namespace EdgeCoder.Agent.Mcp;

/// <summary>A server of a list: a program of this machine, or an address.</summary>
public sealed record McpServerEntry
{
    /// <summary>Its name in the list.</summary>
    public required string Name { get; init; }

    /// <summary>Who lists it: <c>yours</c>, <c>project</c> or <c>editor</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Program and arguments; empty for an address.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Variables of the program. Their values may be secret and are never shown.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Address of a remote server; null for a program.</summary>
    public Uri? Url { get; init; }

    /// <summary>The exact command line, or the address, as a person approves it. Names of variables are shown, values are not.</summary>
    public string Line => Url?.AbsoluteUri ?? string.Join(' ', Environment.Keys.Order(StringComparer.Ordinal).Select(name => name + "=…").Append(CommandLine.Join(Command)));

    /// <summary>What an approval holds for: any change of the line, of a variable's value, of the name or of who lists it changes it. Lower-case hex SHA-256.</summary>
    /// <param name="root">The project; an approval of a server that a project lists holds there alone.</param>
    internal string Digest(string root)
    {
        string[] parts =
        [
            Source, Source == McpServerList.Yours ? "" : root, Name, Url?.AbsoluteUri ?? "",
            $"{Command.Count} words", .. Command, .. Environment.OrderBy(pair => pair.Key, StringComparer.Ordinal).SelectMany(pair => new[] { "variable", pair.Key, pair.Value }),
        ];
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(parts.Select(part => $"{part.Length}:{part};")))));
    }

    /// <summary>Without the values of its variables.</summary>
    public override string ToString() => $"{Name} ({Source}): {Line}";
}
