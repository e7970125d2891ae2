using System.Text.Json;
using EdgeCoder.Agent.Submissions;
using EdgeCoder.Commands;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordination;

/// <summary>A task of a file of tasks, and the blobs to store before it.</summary>
/// <param name="Submission">As it is sent.</param>
/// <param name="Blobs">Content by hash.</param>
internal sealed record SubmissionLine(TaskSubmission Submission, IReadOnlyList<TestsText> Blobs);

/// <summary>
/// A file of tasks: one JSON object on each line, with the members of <c>POST /tasks</c> and, for convenience, <c>tests</c>: the text of a tests file.
/// </summary>
internal static class SubmissionLines
{
    /// <summary>Most tasks of one file.</summary>
    public const int Most = 10_000;

    /// <summary>Wall time of one run of the tests when a line says nothing else, in milliseconds.</summary>
    public const int StandardTimeoutMs = 10_000;

    /// <summary>Reads every line before anything is sent; a faulty one is named by its number. Throws <see cref="UsageException"/>.</summary>
    public static IReadOnlyList<SubmissionLine> Read(TextReader reader)
    {
        var lines = new List<SubmissionLine>();
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            lines.Add(lines.Count < Most ? ReadLine(line, number) : throw new UsageException("too_many_tasks", $"The file has more than {Most:N0} tasks.", "Split it."));
        }

        return lines.Count > 0 ? lines : throw new UsageException("empty_request", "The file has no task.", "Write one JSON object on each line, for instance {\"prompt\":\"write a function that merges two dictionaries\"}.");
    }

    private static SubmissionLine ReadLine(string line, int number)
    {
        try
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var submission = document.Deserialize(MeshJson.Default.TaskSubmission) ?? throw new JsonException("It is null.");
            if (document.RootElement.TryGetProperty("tests", out var tests) && tests.ValueKind == JsonValueKind.String)
            {
                var text = new TestsText(submission.Language == "javascript" ? "tests.js" : "tests.py", tests.GetString()!);
                return submission.AcceptanceCheck is null
                    ? new(Filled(submission) with { AcceptanceCheck = text.Check(StandardTimeoutMs) }, [text])
                    : throw new UsageException("invalid_task", $"Line {number} has both tests and acceptanceCheck.", "Give one.");
            }

            return string.IsNullOrWhiteSpace(submission.Prompt) && submission.Subtasks is null
                ? throw new UsageException("invalid_task", $"Line {number} has no prompt.")
                : new(Filled(submission), []);
        }
        catch (JsonException fault)
        {
            throw new UsageException("invalid_task", $"Line {number} is not a task: {fault.Message}");
        }
    }

    // An id chosen here makes a repeated command harmless only when the person chose it; else each submission is a new task.
    private static TaskSubmission Filled(TaskSubmission submission) => submission with
    {
        TaskId = submission.TaskId ?? Guid.NewGuid().ToString("D"),
        Plan = submission.Plan ?? (submission.Subtasks is null ? TaskPlan.Single : null),
    };
}
