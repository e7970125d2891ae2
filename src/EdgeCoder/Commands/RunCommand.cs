using System.CommandLine;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Executor;
using EdgeCoder.Inputs;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Repositories;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder run "request"</c>: plan, tests, code, run, feedback, on this machine.</summary>
internal static class RunCommand
{
    /// <summary>The command with its options.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var request = new Argument<string?>("request") { Description = "What to write, in plain words; - reads it from standard input.", Arity = ArgumentArity.ZeroOrOne };
        var language = new Option<string?>("--lang", "-l") { Description = $"Language: {LanguageName.Accepted}. Default: by the tests file, else by the request, else python." };
        var tests = new Option<string?>("--tests", "-t") { Description = "A file with your own tests. They decide, and are never changed. Without it the model writes tests first." };
        var output = new Option<string?>("--out", "-o") { Description = "Where the code goes once its tests pass." };
        var force = new Option<bool>("--force") { Description = "Let --out replace a file." };
        var iterations = new Option<int>("--max-iterations") { Description = "Most attempts at the code of a snippet.", DefaultValueFactory = _ => 3 };
        var timeout = new Option<double?>("--timeout") { Description = "Seconds that one run of a snippet may take. Default 4." };
        var snippet = new Option<bool>("--snippet") { Description = "Write a snippet, also inside a git work tree." };
        var repository = new Option<bool>("--repo") { Description = "Change the project around the current directory, also when it has no git." };
        var apply = new Option<bool>("--apply") { Description = "Apply the change without a question when the project's tests pass." };
        var shared = new SharedOptions();
        var work = new RepositoryOptions();
        IReadOnlyList<Option> snippetOptions = [snippet, language, tests, output, force, iterations, timeout];
        IReadOnlyList<Option> repositoryOptions = [repository, apply, .. work.Own];

        var command = new Command("run", "Turn a request into tested code: a change of the project you are in, or a snippet (docs/repository.md).") { request };
        foreach (var option in snippetOptions.Concat(repositoryOptions).Concat(shared.All))
        {
            command.Options.Add(option);
        }

        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                if (Kind(surroundings, arguments, snippetOptions, repositoryOptions, arguments.GetValue(shared.Resume)) == RunKind.Repository)
                {
                    var words = arguments.GetValue(request) is { } given ? await RequestText.ReadAsync(given, surroundings.Input(), cancellation) : null;
                    return await RepositoryRun.RunAsync(surroundings, work.Read(arguments, surroundings, shared, json) with { Apply = arguments.GetValue(apply) }, words, cancellation);
                }

                var place = arguments.GetValue(output) is { } path ? OutputFile.Prepare(path, arguments.GetValue(force)) : null;
                var asked = new RunOrder
                {
                    Model = arguments.GetValue(shared.Model),
                    DataClass = arguments.GetValue(shared.DataClass)!,
                    Output = place,
                    OutputName = arguments.GetValue(output),
                    Json = arguments.GetValue(json),
                };
                if (arguments.GetValue(shared.Resume) is { } session)
                {
                    return await ResumeAsync(surroundings, asked, session, cancellation);
                }

                var text = await RequestText.ReadAsync(arguments.GetValue(request) ?? "", surroundings.Input(), cancellation);
                var own = arguments.GetValue(tests);
                var task = new SnippetTask
                {
                    Request = text,
                    Language = LanguageName.Decide(arguments.GetValue(language), own, text),
                    TestFiles = own is null ? [] : [await TestsFile.ReadAsync(own, cancellation)],
                    MaxIterations = arguments.GetValue(iterations),
                    MaxSteps = arguments.GetValue(shared.Steps),
                    MaxTokens = arguments.GetValue(shared.Tokens),
                    MaxTime = SharedOptions.Time(arguments.GetValue(shared.Seconds), "--max-seconds"),
                    Limits = new RequestedLimits { Time = SharedOptions.Time(arguments.GetValue(timeout), "--timeout") },
                    Seed = arguments.GetValue(shared.Seed),
                    DataClass = asked.DataClass,
                };
                return await StartAsync(surroundings, asked, task, cancellation);
            },
            cancellationToken));
        return command;
    }

    private static async Task<ExitCode> StartAsync(Surroundings surroundings, RunOrder order, SnippetTask task, CancellationToken cancellationToken)
    {
        if (task.Problems() is { Count: > 0 } problems)
        {
            throw new UsageException(problems[0].Code, string.Join(Environment.NewLine, problems.Select(problem => problem.Message)));
        }

        using var progress = surroundings.Progress(order.Json);
        await using var job = await LocalJob.OpenAsync(surroundings, order.Model, order.DataClass, task.Language, progress, cancellationToken);
        return await FollowAsync(surroundings, order, job, progress, job.Agent.RunAsync(task, job.Model, cancellationToken));
    }

    private static async Task<ExitCode> ResumeAsync(Surroundings surroundings, RunOrder order, string session, CancellationToken cancellationToken)
    {
        using var progress = surroundings.Progress(order.Json);
        await using var job = await LocalJob.OpenAsync(surroundings, order.Model, order.DataClass, null, progress, cancellationToken);
        return await FollowAsync(surroundings, order, job, progress, job.Agent.ResumeAsync(session, job.Model, cancellationToken));
    }

    private static async Task<ExitCode> FollowAsync(Surroundings surroundings, RunOrder order, LocalJob job, ProgressLine progress, IAsyncEnumerable<SessionEvent> events)
    {
        ISessionView view = order.Json ? new JsonSessionView(surroundings.Output) : new TerminalSessionView(surroundings.Console, progress);
        AgentExecution? execution = null;
        await foreach (var sessionEvent in events)
        {
            view.Show(sessionEvent);
            execution = (sessionEvent as DoneEvent)?.Execution ?? execution;
        }

        if (execution is null)
        {
            throw new InvalidOperationException("the session ended without its last event");
        }

        if (order.Output is { } output && execution is { Outcome: SessionOutcome.Succeeded, GeneratedCode: { } code })
        {
            output.Write(code);
            Tell(surroundings, order, $"Wrote {order.OutputName}.");
        }

        // A refusal of the demonstration model has said the same already.
        if (job.Note is { } note && execution.EscalationReason != EscalationReason.ModelLimit)
        {
            Tell(surroundings, order, note);
        }

        return Code(execution);
    }

    private static void Tell(Surroundings surroundings, RunOrder order, string text)
    {
        if (!order.Json)
        {
            surroundings.Console.WriteLine(SafeText.ForTerminal(text));
        }
    }

    /// <summary>Only tests that passed are success.</summary>
    internal static ExitCode Code(AgentExecution execution) => execution.Outcome switch
    {
        SessionOutcome.Succeeded => ExitCode.Success,
        SessionOutcome.Escalated => ExitCode.Escalated,
        SessionOutcome.Cancelled => ExitCode.Cancelled,
        SessionOutcome.Failed when execution.RunResult?.QueueReason == Protocol.Runs.QueueReason.PolicyDenied => ExitCode.Refused,
        SessionOutcome.Failed or SessionOutcome.Unverified or SessionOutcome.BudgetExhausted => ExitCode.Failed,
        _ => throw new ArgumentOutOfRangeException(nameof(execution), execution.Outcome, null),
    };

    // A session that is resumed is what it was; else the options and the place decide.
    private static RunKind Kind(Surroundings surroundings, ParseResult arguments, IEnumerable<Option> snippet, IEnumerable<Option> repository, string? resume)
    {
        if (resume is not null && new SessionStore(surroundings.Directories().Data).List().FirstOrDefault(session => session.SessionId == resume) is { Damaged: false } stored)
        {
            return stored.Root is null ? RunKind.Snippet : RunKind.Repository;
        }

        return RunKindChoice.Decide(Given(snippet), Given(repository), ProjectRoot.Of(surroundings.Directory) is not null);

        string? Given(IEnumerable<Option> options) => options.FirstOrDefault(option => RepositoryOptions.IsGiven(arguments, option))?.Name;
    }

    /// <summary>What was asked besides the task itself.</summary>
    private sealed record RunOrder
    {
        public required string? Model { get; init; }

        public required string DataClass { get; init; }

        public required OutputFile? Output { get; init; }

        public required string? OutputName { get; init; }

        public required bool Json { get; init; }
    }
}
