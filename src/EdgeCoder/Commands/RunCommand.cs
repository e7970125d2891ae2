using System.CommandLine;
using System.Globalization;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Executor;
using EdgeCoder.Inputs;
using EdgeCoder.Protocol.Sessions;
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
        var model = new Option<string?>("--model", "-m") { Description = "Exact id of the model; see edgecoder models list." };
        var iterations = new Option<int>("--max-iterations") { Description = "Most attempts at the code.", DefaultValueFactory = _ => 3 };
        var steps = new Option<int>("--max-steps") { Description = "Most calls of the model.", DefaultValueFactory = _ => 20 };
        var tokens = new Option<long?>("--max-tokens") { Description = "Most tokens, read and written together." };
        var seconds = new Option<double?>("--max-seconds") { Description = "Most seconds for everything." };
        var timeout = new Option<double?>("--timeout") { Description = "Seconds that one run of the program may take. Default 4." };
        var seed = new Option<long?>("--seed") { Description = "Makes the model's choices repeatable." };
        var dataClass = new Option<string>("--data-class") { Description = "Where the work may go: local (this machine only) or team (models that you labelled team).", DefaultValueFactory = _ => "local" };
        dataClass.AcceptOnlyFromAmong("local", "team");
        var resume = new Option<string?>("--resume") { Description = "Go on with this session instead of starting a new one." };

        var command = new Command("run", "Turn a request into tested code, here and now.")
        {
            request, language, tests, output, force, model, iterations, steps, tokens, seconds, timeout, seed, dataClass, resume,
        };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                var place = arguments.GetValue(output) is { } path ? OutputFile.Prepare(path, arguments.GetValue(force)) : null;
                var asked = new RunOrder
                {
                    Model = arguments.GetValue(model),
                    DataClass = arguments.GetValue(dataClass)!,
                    Output = place,
                    OutputName = arguments.GetValue(output),
                    Json = arguments.GetValue(json),
                };
                if (arguments.GetValue(resume) is { } session)
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
                    MaxSteps = arguments.GetValue(steps),
                    MaxTokens = arguments.GetValue(tokens),
                    MaxTime = Seconds(arguments.GetValue(seconds), "--max-seconds"),
                    Limits = new RequestedLimits { Time = Seconds(arguments.GetValue(timeout), "--timeout") },
                    Seed = arguments.GetValue(seed),
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
        await using var job = await LocalJob.OpenAsync(surroundings, order.Model, order.DataClass, progress, cancellationToken);
        return await FollowAsync(surroundings, order, job, progress, job.Agent.RunAsync(task, job.Model, cancellationToken));
    }

    private static async Task<ExitCode> ResumeAsync(Surroundings surroundings, RunOrder order, string session, CancellationToken cancellationToken)
    {
        using var progress = surroundings.Progress(order.Json);
        await using var job = await LocalJob.OpenAsync(surroundings, order.Model, order.DataClass, progress, cancellationToken);
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

    private static TimeSpan? Seconds(double? value, string option) => value switch
    {
        null => null,
        > 0 and <= 86_400 => TimeSpan.FromSeconds(value.Value),
        _ => throw new UsageException("invalid_option", string.Create(CultureInfo.InvariantCulture, $"{option} must be more than 0 and at most 86400 seconds, not {value}.")),
    };

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
