using System.Text;
using EdgeCoder.Agent.Repositories;

namespace EdgeCoder.Agent.Git;

/// <summary>
/// What is taken over from a project's own git configuration, and nothing else (agent-executor-models 2.3: it is hostile input). No key that names a
/// program, a file or a place can be among it; remotes are kept apart, for the network tools alone.
/// </summary>
internal sealed record GitConfiguration
{
    private static readonly HashSet<string> Booleans = ["core.filemode", "core.ignorecase", "core.symlinks", "core.precomposeunicode"];
    private static readonly HashSet<string> Extensions = ["noop", "noop-v1", "preciousobjects", "objectformat", "worktreeconfig", "partialclone", "relativeworktrees"];

    /// <summary>Keys of the <c>core</c> section that are taken over, in lower case, with values that were checked.</summary>
    public IReadOnlyDictionary<string, string> Core { get; init; } = new Dictionary<string, string>();

    /// <summary><c>sha1</c> or <c>sha256</c>.</summary>
    public string ObjectFormat { get; init; } = "sha1";

    /// <summary>Whether it says that it has no work tree.</summary>
    public bool Bare { get; init; }

    /// <summary>Whether it fetches objects when they are needed; here they stay missing.</summary>
    public bool Partial { get; init; }

    /// <summary>Name of the person for commits, where the repository gives one.</summary>
    public string? UserName { get; init; }

    /// <summary>Address of the person for commits.</summary>
    public string? UserEmail { get; init; }

    /// <summary>Address of each remote, by name.</summary>
    public IReadOnlyDictionary<string, string> Remotes { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads what <c>git config --list -z</c> answered. Throws <see cref="RepositoryException"/> for a format of repository that is not known.</summary>
    public static GitConfiguration Read(IReadOnlyList<byte[]> entries)
    {
        var core = new Dictionary<string, string>();
        var remotes = new Dictionary<string, string>();
        var read = new GitConfiguration();
        foreach (var entry in entries)
        {
            var text = Encoding.UTF8.GetString(entry);
            var end = text.IndexOf('\n', StringComparison.Ordinal);
            var key = end < 0 ? text : text[..end];
            var value = end < 0 ? "true" : text[(end + 1)..];
            if (Booleans.Contains(key) || key is "core.autocrlf" or "core.eol")
            {
                Take(core, key, value);
            }
            else if (key.StartsWith("extensions.", StringComparison.Ordinal) && !Extensions.Contains(key[11..]))
            {
                throw new RepositoryException("repository_unsupported", $"The repository uses {key}, which is not known here.", "Convert the repository, or work on a clone without it.");
            }
            else if (key.StartsWith("remote.", StringComparison.Ordinal) && key.EndsWith(".url", StringComparison.Ordinal) && key.Length > 11)
            {
                remotes.TryAdd(key[7..^4], value);
            }
            else
            {
                read = key switch
                {
                    "core.bare" => read with { Bare = IsTrue(value) },
                    "extensions.objectformat" => read with { ObjectFormat = value is "sha1" or "sha256" ? value : throw UnknownFormat(value) },
                    "extensions.partialclone" => read with { Partial = true },
                    "user.name" => read with { UserName = Plain(value) },
                    "user.email" => read with { UserEmail = Plain(value) },
                    _ => read,
                };
            }
        }

        return read with { Core = core, Remotes = remotes };
    }

    /// <summary>The configuration of this program's own repository: what was taken over, and everything off that could run, ask or reach out.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.Append("[core]\n\trepositoryformatversion = ").Append(ObjectFormat == "sha1" ? 0 : 1).Append('\n');
        text.Append("\tbare = false\n\tlogAllRefUpdates = false\n\thooksPath = /dev/null\n\tfsmonitor = false\n\tuntrackedCache = false\n");
        text.Append("\tattributesFile = /dev/null\n\texcludesFile = /dev/null\n\tsafecrlf = false\n\tquotePath = false\n\tsplitIndex = false\n");
        text.Append("\tbigFileThreshold = 8m\n");
        foreach (var (key, value) in Core.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            text.Append('\t').Append(key.AsSpan(5)).Append(" = ").Append(value).Append('\n');
        }

        text.Append("[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n[diff]\n\tignoreSubmodules = all\n\trenames = true\n[submodule]\n\trecurse = false\n");
        text.Append("[fetch]\n\trecurseSubmodules = false\n[commit]\n\tgpgSign = false\n[protocol]\n\tallow = never\n[log]\n\tshowSignature = false\n");
        return ObjectFormat == "sha1" ? text.ToString() : text.Append("[extensions]\n\tobjectFormat = ").Append(ObjectFormat).Append('\n').ToString();
    }

    private static void Take(Dictionary<string, string> core, string key, string value)
    {
        var known = key switch
        {
            "core.autocrlf" when value.Equals("input", StringComparison.OrdinalIgnoreCase) => "input",
            "core.eol" => value.ToLowerInvariant() is "lf" or "crlf" or "native" ? value.ToLowerInvariant() : null,
            _ => IsTrue(value) ? "true" : "false",
        };

        if (known is not null)
        {
            core[key] = known;
        }
    }

    private static bool IsTrue(string value) => value.ToLowerInvariant() is "true" or "yes" or "on" or "1";

    private static string? Plain(string value) => value.Length is > 0 and <= 200 && !value.Any(c => char.IsControl(c) || c is '<' or '>') ? value : null;

    private static RepositoryException UnknownFormat(string value) =>
        new("repository_unsupported", $"The repository names its objects by {(value.Length > 20 ? value[..20] : value)}, which is not known here.", "Convert the repository.");
}
