using System.Globalization;
using System.Text;
using EdgeCoder.Agent.Git;

namespace EdgeCoder.Agent.Workspaces;

/// <summary>
/// The save points of a session, kept by private references <c>refs/edgecoder/&lt;sessionId&gt;/&lt;number&gt;</c>: a commit each, whose parent is the commit that
/// the session's branch was at, and whose message is label and time.
/// </summary>
internal sealed class SavePointStore(PrivateRepository repository, string sessionId, TimeProvider time)
{
    /// <summary>All of them, the oldest first.</summary>
    public async Task<IReadOnlyList<SavePoint>> ListAsync(CancellationToken cancellationToken)
    {
        var call = GitCall.Of("for-each-ref", "--format=%(refname)%00%(tree)%00%(contents)%00", $"refs/edgecoder/{sessionId}/");
        var parts = (await repository.RunAsync(call, cancellationToken).ConfigureAwait(false)).Parts.Select(Encoding.UTF8.GetString).ToList();
        var points = new List<SavePoint>();
        for (var i = 0; i + 2 < parts.Count; i += 3)
        {
            var number = int.Parse(parts[i][(parts[i].LastIndexOf('/') + 1)..], CultureInfo.InvariantCulture);
            var lines = parts[i + 2].Split('\n');
            points.Add(new SavePoint(number, parts[i + 1], lines[0], long.Parse(lines[2], CultureInfo.InvariantCulture)));
        }

        return [.. points.OrderBy(p => p.Id)];
    }

    /// <summary>Keeps a tree.</summary>
    public async Task<SavePoint> AddAsync(int number, string tree, string label, CancellationToken cancellationToken)
    {
        var at = time.GetUtcNow();
        var point = new SavePoint(number, tree, Line(label), at.ToUnixTimeMilliseconds());
        var message = string.Create(CultureInfo.InvariantCulture, $"{point.Label}\n\n{point.AtMs}\n");
        var commit = await repository.CommitAsync(tree, ["HEAD"], message, GitIdentity.Program(at), cancellationToken).ConfigureAwait(false);
        await repository.RunAsync(GitCall.Of("update-ref", Name(number), commit, ""), cancellationToken).ConfigureAwait(false);
        return point;
    }

    /// <summary>The commit that the branch was at.</summary>
    public Task<string> HeadAsync(int number, CancellationToken cancellationToken) =>
        repository.LineAsync(cancellationToken, "rev-parse", "--verify", "--end-of-options", $"{Name(number)}^1");

    private static string Line(string label)
    {
        var line = string.Concat(label.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return line.Length == 0 ? "save point" : line.Length > 200 ? line[..200] : line;
    }

    private string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"refs/edgecoder/{sessionId}/{number}");
}
