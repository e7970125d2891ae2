using System.Globalization;
using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Git.Tools;

/// <summary><c>git_blame</c>: who wrote which line, and when.</summary>
internal sealed class GitBlameTool(GitView view) : GitTool(view)
{
    private const int UsualLines = 200;

    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"required":["path"],"properties":{
        "path":{"type":"string","description":"File, relative to the project's root."},
        "ref":{"type":"string","description":"Branch, tag or commit. Default: the last commit."},
        "offset":{"type":"integer","minimum":1,"maximum":10000000,"description":"First line, from 1. Default 1."},
        "limit":{"type":"integer","minimum":1,"maximum":5000,"description":"Lines. Default 200."}}}
        """);

    /// <inheritdoc/>
    public override string Name => "git_blame";

    /// <inheritdoc/>
    public override string Description => "Shows for each line of a committed file the commit that wrote it: id, date, author, line.";

    /// <inheritdoc/>
    public override JsonElement Schema => Shape;

    /// <inheritdoc/>
    protected override async Task<ToolResult> AnswerAsync(JsonElement arguments, CancellationToken cancellationToken)
    {
        var path = PathOf(arguments) ?? throw new ToolException("path must name a file.");
        var commit = await CommitAsync(arguments, cancellationToken).ConfigureAwait(false);
        var first = arguments.Number("offset", 1, 1, 10_000_000);
        var range = string.Create(CultureInfo.InvariantCulture, $"-L{first},+{arguments.Number("limit", UsualLines, 1, 5_000)}");
        var answer = await View.Repository.RunAsync(GitCall.Of("--literal-pathspecs", "blame", "--line-porcelain", range, commit, "--", path) with { Answers = [128], WorkTree = View.Directory }, cancellationToken).ConfigureAwait(false);
        return answer.ExitCode == 0
            ? Result(Lines(GitView.Text(answer.Bytes)), [path], "ask for fewer lines with limit")
            : throw new ToolException($"{path} has no line {first} in {commit[..12]}, or is no file there.");
    }

    /// <summary>Lines of <c>--line-porcelain</c>: headers, then the line itself after a tab.</summary>
    private static IEnumerable<string> Lines(string porcelain)
    {
        var (id, number, author, date) = ("", "", "", "");
        foreach (var line in porcelain.Split('\n'))
        {
            var fields = line.Split(' ');
            if (line.StartsWith('\t'))
            {
                yield return $"{id[..Math.Min(8, id.Length)]} {date} {author} {number}: {line[1..]}";
                id = "";
            }
            else if (id.Length == 0 && fields.Length >= 3 && GitReferences.IsId(fields[0]))
            {
                (id, number) = (fields[0], fields[2]);
            }
            else if (fields[0] == "author")
            {
                author = line[7..];
            }
            else if (fields[0] == "author-time" && long.TryParse(fields[1], CultureInfo.InvariantCulture, out var seconds))
            {
                date = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, 0, 253_402_300_799)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            }
        }
    }
}
