using System.Text;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Terminal;

namespace EdgeCoder.Acp;

/// <summary>
/// The person's word on a change, in the editor: the whole change as a tool call with a difference for each file, and the question whether to apply it.
/// </summary>
internal sealed class AcpReview(IRepositorySession session, AcpClient client, AcpUpdates updates)
{
    private const int MostFiles = 50;
    private const int MostBytes = 1 << 20;
    private static int _number;

    /// <summary>Commands that a prompt may be, with their meanings.</summary>
    public static IReadOnlyList<AcpCommand> Commands { get; } =
    [
        new("apply", "merge the change of this session into your files"),
        new("reject", "put the change of this session aside"),
        new("undo", "take back what was applied last, else the last step"),
        new("redo", "undo the undo"),
        new("test", "run the project's tests on the change"),
    ];

    /// <summary>Whether a prompt is one of the commands.</summary>
    public static bool Knows(string text) => Commands.Any(command => text == "/" + command.Name);

    /// <summary>Shows the change and asks what becomes of it. Without a change nothing is asked.</summary>
    public async Task AskAsync(AgentExecution execution, CancellationToken cancellationToken)
    {
        var changes = await session.Review.ChangesAsync(cancellationToken);
        if (changes.Count == 0)
        {
            return;
        }

        var tested = execution.Outcome == SessionOutcome.Succeeded;
        var tests = execution.TestReport is { } report ? TestReportView.Line(report) : "no test ran";
        var call = new AcpPermissionCall($"review-{session.Id}-{Interlocked.Increment(ref _number)}")
        {
            Title = $"Apply the change to your files? {(tested ? "Tests" : "NOT VERIFIED")}: {tests}",
            Kind = "edit",
            Status = "pending",
            Content = await ContentAsync(changes, cancellationToken),
            Locations = [.. changes.Take(MostFiles).Select(change => updates.Location(change.Path, change.Hunks.Count > 0 ? Math.Max(1, change.Hunks[0].NewStart) : null))],
        };
        await client.ShowAsync(new("tool_call") { ToolCallId = call.ToolCallId, Title = call.Title, Kind = call.Kind, Status = call.Status, Content = new(null, call.Content), Locations = call.Locations });
        string? answer;
        try
        {
            answer = await client.AskAsync(call, [new("apply", "Apply", "allow_once"), new("later", "Keep it for later", "reject_once"), new("reject", "Reject", "reject_once")], cancellationToken);
        }
        catch (RpcException)
        {
            answer = null;
        }

        var (done, message) = answer switch
        {
            "apply" => await ApplyAsync(cancellationToken),
            "reject" => await RejectAsync(cancellationToken),
            _ => (false, "The change is kept. /apply takes it, /reject puts it aside."),
        };
        await client.ShowAsync(new("tool_call_update") { ToolCallId = call.ToolCallId, Status = done ? "completed" : "failed" });
        await client.SayAsync($"\n{message}\n");
    }

    /// <summary>Carries out a command. Gives the protocol's reason for the end.</summary>
    public async Task<string> CommandAsync(string command, CancellationToken cancellationToken)
    {
        var message = command switch
        {
            "/apply" => (await ApplyAsync(cancellationToken)).Message,
            "/reject" => (await RejectAsync(cancellationToken)).Message,
            "/undo" => Words(await session.Review.UndoAsync(cancellationToken)),
            "/redo" => Words(await session.Review.RedoAsync(cancellationToken)),
            "/test" => await session.Review.TestAsync(cancellationToken) is { } report ? $"Tests: {TestReportView.Line(report)}" : "The project has no test command.",
            _ => throw new ArgumentOutOfRangeException(nameof(command), command, null),
        };
        await client.SayAsync(message + "\n");
        return "end_turn";
    }

    // What a person has typed and not saved is theirs: applying under it would lose one of the two.
    private async Task<(bool Done, string Message)> ApplyAsync(CancellationToken cancellationToken)
    {
        var unsaved = new List<string>();
        foreach (var change in await session.Review.ChangesAsync(cancellationToken))
        {
            var path = updates.Location(change.Path).Path;
            if (await client.ReadAsync(path, cancellationToken) is { } buffer && File.Exists(path) && await File.ReadAllTextAsync(path, cancellationToken) is var saved && !SameText(saved, buffer))
            {
                unsaved.Add(change.Path);
            }
        }

        if (unsaved.Count > 0)
        {
            return (false, $"Nothing was applied: you have unsaved changes in {string.Join(", ", unsaved)}. Save or discard them, then: /apply");
        }

        var outcome = await session.Review.ApplyAsync(cancellationToken);
        return (outcome.Applied, outcome.Applied ? $"{outcome.Message} /undo takes it back." : Words(outcome));
    }

    private async Task<(bool Done, string Message)> RejectAsync(CancellationToken cancellationToken)
    {
        await session.Review.SelectAsync([], cancellationToken);
        return (true, "The change is put aside and your files are as they were. /undo brings it back.");
    }

    private async Task<IReadOnlyList<AcpToolContent>> ContentAsync(IReadOnlyList<FileChange> changes, CancellationToken cancellationToken)
    {
        var content = new List<AcpToolContent>();
        foreach (var change in changes.Take(MostFiles))
        {
            if (change.Caution is { } caution)
            {
                content.Add(AcpToolContent.Words($"{change.Path}: {caution}"));
            }

            content.Add(await DifferenceAsync(change, cancellationToken) ?? AcpToolContent.Words($"{change.Path}: {DiffView.Note(ChangedFile.Of(change))}"));
        }

        if (changes.Count > MostFiles)
        {
            content.Add(AcpToolContent.Words($"and {changes.Count - MostFiles} more files: edgecoder diff {session.Id}"));
        }

        return content;
    }

    private async Task<AcpToolContent?> DifferenceAsync(FileChange change, CancellationToken cancellationToken)
    {
        if (change.Binary || change.Hunks.Count == 0)
        {
            return null;
        }

        var versions = await session.Review.VersionsAsync(change, cancellationToken);
        return versions.Before?.Length > MostBytes || versions.After?.Length > MostBytes
            ? null
            : new("diff") { Path = updates.Location(change.Path).Path, OldText = Text(versions.Before), NewText = Text(versions.After) ?? "" };
    }

    private static string? Text(byte[]? bytes) => bytes is null ? null : Encoding.UTF8.GetString(bytes);

    // Editors show every line end as one.
    private static bool SameText(string saved, string buffer) => saved.TrimStart('\ufeff').ReplaceLineEndings("\n") == buffer.TrimStart('\ufeff').ReplaceLineEndings("\n");

    private static string Words(ApplyOutcome outcome) => outcome.Applied || outcome.Files.Count == 0 ? outcome.Message : $"{outcome.Message}\n{string.Join('\n', outcome.Files)}";
}
