using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Repositories;

/// <summary>
/// Asks the person at the terminal, one question at a time (agent-executor-models 2.5). What is shown is the action whose hash the approval binds.
/// No answer before the request's deadline is a refusal, and so is the end of the input.
/// </summary>
internal sealed class TerminalApprover(Person person, IAnsiConsole console, LivePanel panel, TimeProvider time) : IApprover, IDisposable
{
    // A clock that was set back must not make the question endless.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <inheritdoc/>
    public async Task<ApprovalAnswer> AskAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            panel.Pause();
            Show(request);
            var left = DateTimeOffset.FromUnixTimeMilliseconds(request.ExpiresAtMs) - time.GetUtcNow();
            using var deadline = new CancellationTokenSource(left <= TimeSpan.Zero ? TimeSpan.Zero : left < Longest ? left : Longest, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            try
            {
                person.DiscardTypedAhead();
                return await AnswerAsync(request, either.Token);
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                console.WriteLine();
                return ApprovalAnswer.Expired;
            }
        }
        finally
        {
            panel.Resume();
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private async Task<ApprovalAnswer> AnswerAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            console.Markup(request.Rule is null ? "  [bold]y[/] once  [bold]n[/] no > " : "  [bold]y[/] once  [bold]s[/] this session  [bold]a[/] always  [bold]n[/] no > ");
            switch ((await person.ReadLineAsync(cancellationToken))?.Trim().ToLowerInvariant())
            {
                case null:
                    return ApprovalAnswer.Expired;
                case "y" or "yes" or "once":
                    return ApprovalAnswer.Once;
                case "n" or "no":
                    return ApprovalAnswer.Denied;
                case "s" or "session" when request.Rule is not null:
                    return ApprovalAnswer.Session;
                case "a" or "always" when request.Rule is not null:
                    return ApprovalAnswer.Always;
            }
        }
    }

    private void Show(ApprovalRequest request)
    {
        console.MarkupLineInterpolated($"[yellow]?[/] [bold]{SafeText.ForTerminal(request.Action.Summary)}[/]");
        foreach (var line in ActionText.Lines(request.Action))
        {
            console.WriteLine("  " + line);
        }

        console.MarkupLineInterpolated($"  [dim]{SafeText.ForTerminal(request.Reason)}[/]");
        if (request.Rule is { } rule)
        {
            console.MarkupLineInterpolated($"  [dim]\"This session\" and \"always\" allow: {SafeText.ForTerminal(rule)}[/]");
        }
    }
}
