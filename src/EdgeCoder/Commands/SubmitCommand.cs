using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EdgeCoder.Agent.Submissions;
using EdgeCoder.Coordination;
using EdgeCoder.Executor;
using EdgeCoder.Inputs;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Terminal;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder submit</c>: queue work at a coordinator.</summary>
internal static class SubmitCommand
{
    /// <summary>The command with its options.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var request = new Argument<string>("request") { Description = "What to write, in plain words; a .jsonl file with one task on each line; or - for such lines on standard input." };
        var language = new Option<string?>("--lang", "-l") { Description = $"Language: {LanguageName.Accepted}." };
        var tests = new Option<string?>("--tests", "-t") { Description = "A file with your tests. They are frozen, and every result must pass them here before it counts." };
        var id = new Option<string?>("--id") { Description = "Id of the task. Submitting the same id again changes nothing." };
        var dataClass = new Option<string?>("--data-class") { Description = "team (default): nodes of your account. mesh: any approved node." };
        var plan = new Option<string?>("--plan") { Description = "single (default), or auto: let the coordinator's model split it." };
        var priority = new Option<int?>("--priority") { Description = "0 to 100, default 50." };
        var attempts = new Option<int?>("--max-attempts") { Description = "1 to 10, default 3." };
        var credits = new Option<decimal?>("--max-credits") { Description = "Most credits it may cost." };
        var timeout = new Option<double?>("--timeout") { Description = "Seconds that one run of the tests may take. Default 10." };
        var project = new Option<string?>("--project") { Description = "Project it belongs to; projects share the nodes fairly." };
        var wait = new Option<bool>("--wait", "-w") { Description = "Follow it to its end and print the result." };
        var output = new Option<string?>("--out", "-o") { Description = "With --wait: where the code goes once it is accepted." };
        var force = new Option<bool>("--force") { Description = "Let --out replace a file." };
        var repository = new Option<string?>("--repo") { Description = "Change this project instead of writing a snippet: it is packed as it is now, without what it ignores." };
        var check = new Option<string?>("--check") { Description = "With --repo: the test command that decides, for instance \"python3 -m unittest\"." };
        var report = new Option<string?>("--report") { Description = "With --repo: what the command reports: none (default), junit, trx or tap." };
        var protect = new Option<string[]>("--protect") { Description = "With --repo: a file or directory that no change may touch, such as the tests. Repeatable." };
        report.AcceptOnlyFromAmong("none", "junit", "trx", "tap");
        dataClass.AcceptOnlyFromAmong("team", "mesh");
        plan.AcceptOnlyFromAmong("single", "auto");

        var command = new Command("submit", "Queue work at a coordinator. Approved nodes do it; a result counts only after it was run again here.")
        {
            request, language, tests, id, dataClass, plan, priority, attempts, credits, timeout, project, repository, check, report, protect, wait, output, force,
        };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                var place = arguments.GetValue(output) is { } path ? OutputFile.Prepare(path, arguments.GetValue(force)) : null;
                if (place is not null && !arguments.GetValue(wait))
                {
                    throw new UsageException("invalid_option", "--out needs --wait.", "Or fetch the code later: edgecoder result TASK --out FILE");
                }

                using var api = CoordinatorApi.Open(surroundings);
                var given = arguments.GetValue(request)!;
                IReadOnlyList<SubmissionLine> lines;
                if (given == "-" || given.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase))
                {
                    lines = ReadLines(surroundings, given);
                }
                else
                {
                    var own = arguments.GetValue(tests);
                    var seconds = SharedOptions.Time(arguments.GetValue(timeout), "--timeout");
                    var text = own is null ? null : await TestsFile.ReadAsync(own, cancellation);
                    var frozen = text is null ? null : new TestsText(text.Name, text.Text);
                    var submission = new TaskSubmission
                    {
                        TaskId = arguments.GetValue(id) ?? Guid.NewGuid().ToString("D"),
                        Prompt = await RequestText.ReadAsync(given, surroundings.Input(), cancellation),
                        Language = LanguageName.Decide(arguments.GetValue(language), own, given) == SnippetLanguage.JavaScript ? "javascript" : "python",
                        Plan = arguments.GetValue(plan) == "auto" ? TaskPlan.Auto : TaskPlan.Single,
                        DataClass = arguments.GetValue(dataClass),
                        Priority = arguments.GetValue(priority),
                        MaxAttempts = arguments.GetValue(attempts),
                        MaxCredits = arguments.GetValue(credits),
                        ProjectId = arguments.GetValue(project),
                        AcceptanceCheck = frozen?.Check(seconds is { } time ? (int)time.TotalMilliseconds : SubmissionLines.StandardTimeoutMs),
                    };
                    if (arguments.GetValue(repository) is { } root)
                    {
                        var words = CommandWords.Split(arguments.GetValue(check) ?? throw new UsageException("check_missing", "--repo needs --check: the test command that decides.", "For instance: --check \"python3 -m unittest\""));
                        var kind = arguments.GetValue(report) switch { "junit" => CheckReport.Junit, "trx" => CheckReport.Trx, "tap" => CheckReport.Tap, _ => CheckReport.None };
                        var packed = RepositorySubmission.Pack(
                            Path.GetFullPath(root, surroundings.Directory), words, kind, arguments.GetValue(protect) ?? [], seconds is { } limit ? (int)limit.TotalMilliseconds : 120_000, cancellation);
                        await api.PutBlobAsync(packed.Snapshot.Digest, packed.Archive, cancellation);
                        submission = packed.Task(submission);
                    }

                    lines = [new(submission, frozen is null ? [] : [frozen])];
                }

                var accepted = await SendAsync(surroundings, api, lines, arguments.GetValue(json), arguments.GetValue(wait), cancellation);
                return arguments.GetValue(wait) ? await TaskFollowing.ToTheEndAsync(surroundings, api, accepted, arguments.GetValue(json), place, arguments.GetValue(output), cancellation) : ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static IReadOnlyList<SubmissionLine> ReadLines(Surroundings surroundings, string path)
    {
        using var reader = path == "-" ? new StreamReader(surroundings.Input()) : new StreamReader(path);
        return SubmissionLines.Read(reader);
    }

    private static async Task<IReadOnlyList<TaskAccepted>> SendAsync(Surroundings surroundings, CoordinatorApi api, IReadOnlyList<SubmissionLine> lines, bool json, bool wait, CancellationToken cancellationToken)
    {
        using var progress = surroundings.Progress(json);
        var accepted = new List<TaskAccepted>();
        var stored = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            foreach (var blob in line.Blobs.Where(blob => stored.Add(blob.Sha256)))
            {
                await api.PutBlobAsync(blob.Sha256, blob.Bytes, cancellationToken);
            }

            var task = line.Submission with { SubmitterAccountId = line.Submission.SubmitterAccountId ?? api.AccountId };
            var answer = await api.PostAsync("tasks", task, MeshJson.Default.TaskSubmission, MeshJson.Default.TaskAccepted, cancellationToken);
            accepted.Add(answer);
            if (json)
            {
                await surroundings.Output.WriteLineAsync(JsonSerializer.Serialize(answer, MeshJson.Default.TaskAccepted));
            }
            else if (lines.Count == 1)
            {
                Say($"Task {answer.TaskId} is queued.{(wait ? "" : $" Follow it: edgecoder result {answer.TaskId} --wait")}");
            }
            else
            {
                progress.Show(string.Create(CultureInfo.InvariantCulture, $"{accepted.Count} of {lines.Count} tasks queued"));
            }
        }

        if (!json && lines.Count > 1)
        {
            progress.Clear();
            Say(string.Create(CultureInfo.InvariantCulture, $"{accepted.Count} tasks are queued. See: edgecoder status"));
        }

        return accepted;

        // With --wait standard output is for what comes back.
        void Say(string line)
        {
            if (wait)
            {
                surroundings.Error.WriteLine(SafeText.ForTerminal(line));
            }
            else
            {
                surroundings.Tell(line);
            }
        }
    }
}
