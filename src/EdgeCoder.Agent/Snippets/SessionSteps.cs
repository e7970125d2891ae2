using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Prompts;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Executor;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Snippets;

/// <summary>
/// Does the steps of a session once each. A step that the journal has closed gives what it gave then; any other is opened in the journal, done,
/// and closed. The loop above is a function of what these steps give, so running it again from the start is how a session resumes.
/// </summary>
internal sealed class SessionSteps(AgentModel model, ICodeExecutor executor, SessionJournal journal, SessionMeter meter, SessionEvents events, TimeProvider time)
{
    /// <summary>How long a sandbox may take to kill its process tree after a cancellation.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(1_500);

    private int _step;

    /// <summary>Number of the next step, from 1; seeds are derived from it.</summary>
    public int Next => _step + 1;

    /// <summary>Calls the model. Ends the session when the budget is gone or the model is.</summary>
    public async Task<ModelReply> AskAsync(Prompt prompt, Sampling sampling, CancellationToken cancellationToken)
    {
        var input = Hash($"{prompt.Hash}\0{sampling.Seed}\0{sampling.Temperature:R}\0{sampling.MaxTokens}");
        var close = await OnceAsync(
            StepKind.Model,
            input,
            async (record, token) => record with { Reply = await ModelCall.AskAsync(model, prompt, sampling, t => events.Emit(new TextEvent { Content = t }), time, token).ConfigureAwait(false) },
            cancellationToken).ConfigureAwait(false);
        var reply = close.Reply ?? throw Damaged(close);
        meter.CountCall(reply.PromptTokens, reply.CompletionTokens);
        events.Emit(new UsageEvent { Usage = meter.Usage });
        return reply;
    }

    /// <summary>Runs code. Ends the session when the budget is gone, or when the sandbox is missing or forbidden: no retry could help.</summary>
    public async Task<RunResult> RunAsync(RunRequest request, CancellationToken cancellationToken)
    {
        var close = await OnceAsync(
            StepKind.Run,
            InputOf(request),
            async (record, token) => record with { Run = await ExecuteAsync(request, token).ConfigureAwait(false) },
            cancellationToken).ConfigureAwait(false);
        meter.CountRun();
        return close.Run ?? throw Damaged(close);
    }

    private async Task<CloseRecord> OnceAsync(StepKind kind, string input, Func<CloseRecord, CancellationToken, Task<CloseRecord>> effect, CancellationToken cancellationToken)
    {
        var step = ++_step;
        if (journal.Closed(step, kind, input) is { } closed)
        {
            meter.CountElsewhere(closed.TookMs);
            return closed;
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (meter.Exhausted(kind == StepKind.Model) is { } exhausted)
        {
            throw new SessionEndException(SessionEnd.OutOfBudget(exhausted));
        }

        journal.Open(new OpenRecord(step, kind, input));
        var start = time.GetTimestamp();
        CloseRecord record;
        try
        {
            record = await InTimeAsync(token => effect(new CloseRecord { Step = step, TookMs = 0, ElapsedMs = 0 }, token), cancellationToken).ConfigureAwait(false);
        }
        catch (ModelCallException fault)
        {
            throw new SessionEndException(SessionEnds.For(fault.Failure));
        }
        finally
        {
            meter.CountElsewhere(time.GetElapsedTime(start).TotalMilliseconds);
        }

        record = record with { TookMs = time.GetElapsedTime(start).TotalMilliseconds, ElapsedMs = meter.Elapsed.TotalMilliseconds };
        journal.Close(record);
        return record;
    }

    /// <summary>The time budget also ends a call that is under way; that is not the person's cancellation.</summary>
    private async Task<CloseRecord> InTimeAsync(Func<CancellationToken, Task<CloseRecord>> effect, CancellationToken cancellationToken)
    {
        if (meter.TimeLeft is not { } left)
        {
            return await effect(cancellationToken).ConfigureAwait(false);
        }

        using var deadline = new CancellationTokenSource(left > TimeSpan.FromDays(20) ? TimeSpan.FromDays(20) : left, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await effect(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && deadline.IsCancellationRequested)
        {
            throw new SessionEndException(SessionEnd.OutOfBudget(meter.Exhausted(forModelCall: false) ?? "The time budget is used up."));
        }
    }

    private async Task<RunResult> ExecuteAsync(RunRequest request, CancellationToken cancellationToken)
    {
        RunResult result;
        try
        {
            result = await executor.RunAsync(request, cancellationToken).WithGraceAsync(Grace, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception fault)
        {
            throw new SessionEndException(SessionEnd.Stopped(
                "executor_failed", $"The sandbox failed: {fault.Message}", "Run `edgecoder doctor`; the session can be resumed.", resumable: true));
        }

        return result.QueueReason switch
        {
            QueueReason.SandboxUnavailable => throw Refused("sandbox_unavailable", result, "Run `edgecoder doctor` to see what to install, then continue with `edgecoder run --resume`."),
            QueueReason.PolicyDenied => throw Refused("policy_denied", result, "Ask whoever set the policy, or change the request."),
            _ => result,
        };
    }

    private static SessionEndException Refused(string code, RunResult result, string hint)
    {
        var said = result.Stderr.Trim();
        var message = said.StartsWith(code + ":", StringComparison.Ordinal) ? said[(code.Length + 1)..].Trim() : said;
        return new SessionEndException(SessionEnd.Stopped(code, message.Length > 0 ? message : result.Detail?.Message ?? code, result.Detail?.Alternative ?? hint, resumable: true) with { Refused = result });
    }

    private SessionStoreException Damaged(CloseRecord close) =>
        new("session_damaged", $"Step {close.Step} of session {journal.Begin.SessionId} was closed without its result.", "Delete this session and start again.");

    private static string InputOf(RunRequest request)
    {
        var text = new StringBuilder().Append(request.Language).Append('\0').Append(request.Stdin).Append('\0').Append(request.Limits);
        foreach (var file in request.Files.Concat(request.Tests))
        {
            text.Append('\0').Append(file.Name).Append('\0').Append(file.Text);
        }

        return Hash(text.ToString());
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
