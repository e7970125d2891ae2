using System.Text.RegularExpressions;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Git;

/// <summary>
/// A remote that the network tools may talk to (agent-executor-models 2.3): named by the model, configured by the project, its host approved by a person. No
/// credentials go with it, from whatever place.
/// </summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Where it is.</param>
internal sealed partial record GitRemote(string Name, Uri Address)
{
    // What the project's address says is where git goes and nowhere else: no redirection to another host, no proxy, no store of passwords.
    private static readonly string[] Settings =
    [
        "-c", "http.followRedirects=false", "-c", "http.proxy=", "-c", "credential.helper=", "-c", "core.askPass=", "-c", "transfer.fsckObjects=true", "-c", "http.lowSpeedLimit=1000",
        "-c", "http.lowSpeedTime=30",
    ];

    /// <summary>The host, for the approval.</summary>
    public string Host => Address.IdnHost;

    /// <summary>The remote of a name. Throws <see cref="ToolException"/> for a name that is not configured and for an address that is not taken.</summary>
    public static GitRemote Of(string name, IReadOnlyDictionary<string, string> remotes)
    {
        if (!remotes.TryGetValue(name, out var text) || !GitReferences.IsName($"refs/remotes/{name}"))
        {
            throw new ToolException(remotes.Count == 0
                ? "The repository has no remote. Go on without."
                : $"A remote is named, never addressed. The remotes are: {string.Join(", ", remotes.Keys.Order(StringComparer.Ordinal))}.");
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Host.Length > 0 && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
            ? new GitRemote(name, address)
            : throw new ToolException($"The address of {name} is not taken: only https works here (http for this machine itself). Ask the person to fetch or push.");
    }

    /// <summary>Addresses without user and password.</summary>
    public static IReadOnlyDictionary<string, string> WithoutCredentials(IReadOnlyDictionary<string, string> remotes) =>
        remotes.ToDictionary(r => r.Key, r => UserInfo().Replace(r.Value, "$1"));

    /// <summary>A call that talks to it.</summary>
    public GitCall Call(IReadOnlyList<string> command, params IReadOnlyList<string> specifications) =>
        GitCall.Of([.. Settings, "-c", $"protocol.{Address.Scheme}.allow=always", .. command, "--end-of-options", Address.AbsoluteUri, .. specifications]) with
        {
            Protocol = Address.Scheme,
            Time = TimeSpan.FromMinutes(5),
        };

    [GeneratedRegex(@"^([A-Za-z][A-Za-z0-9+.\-]*://)[^/]*@")]
    private static partial Regex UserInfo();
}
