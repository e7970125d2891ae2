using System.Text;
using System.Text.RegularExpressions;
using EdgeCoder.Ledger.Amounts;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Problems;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>The field rules of <c>POST /tasks</c> (coordinator-and-mesh 4.1). Pure: every issue is found in one pass.</summary>
internal static partial class SubmissionRules
{
    /// <summary>Most bytes of a prompt.</summary>
    public const int MostPromptBytes = 262_144;

    /// <summary>Most subtasks of a given plan.</summary>
    public const int MostSubtasks = 200;

    /// <summary>What is wrong with a submission; empty when nothing is.</summary>
    public static IReadOnlyList<FieldIssue> Check(TaskSubmission task)
    {
        var issues = new List<FieldIssue>();
        Rule(issues, ClientId.IsValid(task.TaskId), "taskId", "3 to 128 of letters, digits, dot, underscore, colon, hyphen; begins with a letter or digit; no '..'");
        Prompt(issues, "prompt", task.Prompt, task.Subtasks is { Count: > 0 });
        Language(issues, "language", task.Language, task.Kind ?? SubtaskKind.MicroLoop);
        Rule(issues, task.Kind is not SubtaskKind.RepoChange || task.SnapshotRef is not null, "snapshotRef", "required for repo_change");
        Snapshot(issues, task);
        Rule(issues, task.ProjectId is null || ClientId.IsValid(task.ProjectId), "projectId", "an id of 3 to 128 characters");
        Rule(issues, task.TenantId is null || ClientId.IsValid(task.TenantId), "tenantId", "an id of 3 to 128 characters");
        Rule(issues, task.DataClass is null or "team" or "mesh" or "local", "dataClass", "team or mesh");
        Range(issues, "priority", task.Priority, 0, 100);
        Model(issues, "requestedModel", task.RequestedModel);
        Rule(issues, task.ModelRequired is not true || task.RequestedModel is not null, "modelRequired", "needs requestedModel");
        Range(issues, "maxAttempts", task.MaxAttempts, 1, 10);
        Limits(issues, "limits", task.Limits);
        Rule(issues, task.DeadlineMs is null or > 0, "deadlineMs", "milliseconds since 1970");
        if (task.MaxCredits is { } credits && !Millicredits.TryRead(credits, out _, out var fault))
        {
            issues.Add(new("maxCredits", fault is "amount_precision" ? "at most three decimals" : "more than 0"));
        }

        CheckRules(issues, "acceptanceCheck", task.AcceptanceCheck, task.Kind ?? SubtaskKind.MicroLoop);
        Plan(issues, task);
        return issues;
    }

    private static void Plan(List<FieldIssue> issues, TaskSubmission task)
    {
        var given = task.Subtasks?.Count ?? 0;
        Rule(issues, task.Plan is not TaskPlan.Given || given > 0, "subtasks", "required with plan given");
        Rule(issues, task.Plan is null or TaskPlan.Given || given == 0, "plan", "given when there are subtasks");
        Rule(issues, given <= MostSubtasks, "subtasks", $"at most {MostSubtasks}");
        Rule(issues, (task.Subtasks ?? []).Count(s => (s?.Kind ?? task.Kind) is SubtaskKind.RepoChange) <= 1, "subtasks", "at most one repo_change: patches of several are not merged here yet");
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < Math.Min(given, MostSubtasks); i++)
        {
            var (subtask, path) = (task.Subtasks![i], $"subtasks[{i}]");
            if (subtask is null)
            {
                issues.Add(new(path, "an object"));
                continue;
            }

            var kind = subtask.Kind ?? task.Kind ?? SubtaskKind.MicroLoop;
            Prompt(issues, path + ".prompt", subtask.Prompt, false);
            Language(issues, path + ".language", subtask.Language ?? task.Language, kind);
            Rule(issues, subtask.Key is null || (ClientId.IsValid("k-" + subtask.Key) && keys.Add(subtask.Key)), path + ".key", "1 to 126 of letters, digits, dot, underscore, colon, hyphen, and no other subtask's");
            Rule(issues, (subtask.DependsOn?.Count ?? 0) <= MostSubtasks, path + ".dependsOn", $"at most {MostSubtasks}");
            Range(issues, path + ".timeoutMs", subtask.TimeoutMs, 1000, 600_000);
            Range(issues, path + ".attemptTimeoutMs", subtask.AttemptTimeoutMs, 10_000, 7_200_000);
            Range(issues, path + ".maxAttempts", subtask.MaxAttempts, 1, 10);
            Limits(issues, path + ".limits", subtask.Limits);
            Model(issues, path + ".requestedModel", subtask.RequestedModel);
            Rule(issues, kind is not SubtaskKind.RepoChange || task.SnapshotRef is not null, path + ".kind", "repo_change needs snapshotRef");
            CheckRules(issues, path + ".acceptanceCheck", subtask.AcceptanceCheck, kind);
        }
    }

    private static void CheckRules(List<FieldIssue> issues, string path, AcceptanceCheck? check, SubtaskKind kind)
    {
        if (check is null)
        {
            return;
        }

        Rule(issues, check.V == 1, path + ".v", "1");
        Rule(issues, check.Command is { Count: >= 1 and <= 64 } && check.Command.All(c => c is { Length: >= 1 and <= 4096 }), path + ".command", "1 to 64 arguments");
        Range(issues, path + ".timeoutMs", check.TimeoutMs, 1000, 600_000);
        Rule(issues, kind is not SubtaskKind.MicroLoop || (check.Report is CheckReport.Runner && check.Command is ["runner"]), path + ".report", "runner, with command [\"runner\"], for micro_loop");
        Rule(issues, check.MinTests is null or (>= 0 and <= 100_000), path + ".minTests", "0 to 100,000");
        foreach (var (name, files) in new[] { ("files", check.Files), ("protectedFiles", check.ProtectedFiles), ("overlay", check.Overlay) })
        {
            Rule(issues, (files?.Count ?? 0) <= 1000 && (files ?? []).All(f => f is { Path: { Length: >= 1 and <= 1024 } p } && SafePath(p) && Digest().IsMatch(f.Sha256 ?? "")), $"{path}.{name}", "relative paths with the SHA-256 of a blob, 64 lower-case hex digits");
        }
    }

    private static void Snapshot(List<FieldIssue> issues, TaskSubmission task)
    {
        var reference = task.SnapshotRef;
        var known = reference is null || BlobReference().IsMatch(reference) || Commit().IsMatch(reference) || IsHttps(reference);
        Rule(issues, known, "snapshotRef", "sha256: and 64 hex digits, a commit of 40 hex digits, or an https address");
        Rule(issues, reference is null || !Commit().IsMatch(reference) || task.SnapshotUrl is not null || task.SnapshotSha256 is not null, "snapshotUrl", "where the commit is fetched, or snapshotSha256 of an uploaded bundle");
        Rule(issues, task.SnapshotUrl is null || IsHttps(task.SnapshotUrl), "snapshotUrl", "an https address without user name or password");
        Rule(issues, task.SnapshotSha256 is null || Digest().IsMatch(task.SnapshotSha256), "snapshotSha256", "64 lower-case hex digits");
    }

    private static void Prompt(List<FieldIssue> issues, string path, string? prompt, bool optional) =>
        Rule(issues, string.IsNullOrEmpty(prompt) ? optional : prompt.Length <= MostPromptBytes && Encoding.UTF8.GetByteCount(prompt) <= MostPromptBytes, path, $"1 to {MostPromptBytes} bytes");

    private static void Language(List<FieldIssue> issues, string path, string? language, SubtaskKind kind) =>
        Rule(issues, language is null or "python" or "javascript" || (kind is SubtaskKind.RepoChange && language is { Length: >= 1 and <= 64 }), path, kind is SubtaskKind.RepoChange ? "1 to 64 characters" : "python or javascript");

    private static void Model(List<FieldIssue> issues, string path, string? model) => Rule(issues, model is null or { Length: >= 1 and <= 256 }, path, "1 to 256 characters");

    private static void Limits(List<FieldIssue> issues, string path, AttemptLimits? limits)
    {
        Range(issues, path + ".maxSteps", limits?.MaxSteps, 1, 10_000);
        Rule(issues, limits?.MaxTokens is null or (>= 1 and <= 1_000_000_000), path + ".maxTokens", "1 to 1,000,000,000");
    }

    private static void Range(List<FieldIssue> issues, string path, int? value, int least, int most) => Rule(issues, value is null || (value >= least && value <= most), path, $"{least} to {most}");

    private static void Rule(List<FieldIssue> issues, bool holds, string path, string rule)
    {
        if (!holds)
        {
            issues.Add(new(path, rule));
        }
    }

    private static bool SafePath(string path) =>
        !path.StartsWith('/') && !path.Contains('\\') && !path.Contains('\0') && !path.Contains(':') && path.Split('/').All(part => part is not ("" or "." or ".." or ".git"));

    private static bool IsHttps(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.UserInfo.Length == 0 && text.Length <= 2048;

    [GeneratedRegex(@"\A[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Digest();

    [GeneratedRegex(@"\Asha256:[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex BlobReference();

    [GeneratedRegex(@"\A[0-9a-f]{40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Commit();
}
