using System.Text;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Agent.Workspaces;

namespace EdgeCoder.Agent.Git.Tools;

/// <summary>
/// A session's worktree and history, for the tools: values that a model writes become commits and paths here, or are refused (agent-executor-models 2.3).
/// No text of a model reaches git as anything but the one argument after <c>--end-of-options</c> or <c>--</c>.
/// </summary>
internal sealed class GitView : IDisposable
{
    private readonly TreeSnapshot _snapshot;
    private readonly Func<string, bool> _isDenied;
    private readonly SemaphoreSlim _one = new(1);

    public GitView(PrivateRepository repository, string directory, Func<string, bool> isDenied)
    {
        Repository = repository;
        Directory = directory;
        Changes = new TreeChanges(repository, isDenied);
        _isDenied = isDenied;
        _snapshot = new TreeSnapshot(repository, repository.Index("view"), directory, []);
    }

    /// <summary>The session's repository.</summary>
    public PrivateRepository Repository { get; }

    /// <summary>The worktree.</summary>
    public string Directory { get; }

    /// <summary>Changes between trees, without denied content.</summary>
    public TreeChanges Changes { get; }

    /// <summary>Checks the text of a reference; pure.</summary>
    public static string Reference(string text) => text switch
    {
        "" => throw new ToolException("An empty reference names nothing; leave it out for HEAD, or name a branch, tag or commit."),
        _ when text.StartsWith('-') => throw new ToolException($"\"{Short(text)}\" begins with '-': options are not taken. Name a branch, tag or commit."),
        _ when text.Length > 300 || text.Any(char.IsControl) => throw new ToolException("That is no reference. Name a branch, tag or commit."),
        _ => text,
    };

    /// <summary>The commit that a reference names.</summary>
    public async Task<string> CommitAsync(string reference, CancellationToken cancellationToken)
    {
        var call = GitCall.Of("rev-parse", "--verify", "--quiet", "--end-of-options", $"{Reference(reference)}^{{commit}}") with { Answers = [1, 128] };
        var answer = await Repository.RunAsync(call, cancellationToken).ConfigureAwait(false);
        return answer.ExitCode == 0 && GitReferences.IsId(answer.Line)
            ? answer.Line
            : throw new ToolException($"There is no commit \"{Short(reference)}\". git_branches lists branches; git_log lists commits.");
    }

    /// <summary>A path that a model wrote, relative to the root; "" for the root. Throws for one that leaves, an option, a denied file.</summary>
    public string Path(string text)
    {
        if (text.StartsWith('-'))
        {
            throw new ToolException($"\"{Short(text)}\" begins with '-': options are not taken. Name a path relative to the project's root.");
        }

        var path = ProjectPathText.Parse(text, [Directory], StringComparison.Ordinal).Value;
        return path.Length > 0 && _isDenied(path)
            ? throw new ToolException($"The content of {path} is denied: the secret-file policy covers it. Go on without it.")
            : path;
    }

    /// <summary>Whether the content of a path is denied.</summary>
    public bool IsDenied(string path) => _isDenied(path);

    /// <summary>The tree of the worktree as it is now.</summary>
    public async Task<string> WorkTreeAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var index = Repository.Index("view");
            if (!File.Exists(index))
            {
                File.Copy(Repository.Index("save"), index);
            }

            return await _snapshot.TakeAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The name of the branch that the worktree is on, for people.</summary>
    public async Task<string> BranchAsync(CancellationToken cancellationToken) =>
        (await Repository.RunAsync(GitCall.Of("symbolic-ref", "--quiet", "--short", "HEAD") with { Answers = [1] }, cancellationToken).ConfigureAwait(false)).Line;

    /// <summary>Bytes of git's answers as text: UTF-8, faulty bytes replaced.</summary>
    public static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>A name on one line: line ends in it are shown as <c>\n</c>.</summary>
    public static string Name(string name) => name.Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal);

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private static string Short(string text) => Name(text.Length > 80 ? text[..80] + "..." : text);
}
