using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;
using EdgeCoder.TestKit.Execution;

namespace EdgeCoder.Agent.Tests.Snippets;

public sealed class CancellationTests
{
    [Fact]
    public async Task Cancel_while_the_model_answers_ends_as_cancelled_and_keeps_the_record()
    {
        using var cancel = new CancellationTokenSource();
        using var scenario = Scenario.WithCode(ScriptedReply.Slow(new TaskCompletionSource().Task));
        var running = scenario.RunAsync(cancel.Token);
        await scenario.Client.WaitForCallAsync(3);
        await cancel.CancelAsync();
        var told = await running;

        Assert.Equal(SessionOutcome.Cancelled, told.Execution.Outcome);
        Assert.Equal(SessionOutcome.Cancelled, Assert.Single(scenario.Sessions.List()).Outcome);
        Assert.NotEmpty(told.Execution.History);
    }

    [Fact]
    public async Task Model_that_ignores_the_cancellation_is_left_behind_within_its_grace()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider { AutoAdvanceAmount = TimeSpan.Zero };
        using var cancel = new CancellationTokenSource();
        using var scenario = new Scenario(new ScriptedReply { Gate = new TaskCompletionSource().Task, IgnoresCancellation = true }) { Time = clock };
        var running = scenario.RunAsync(cancel.Token);
        await scenario.Client.Asked;
        await cancel.CancelAsync();
        while (!running.IsCompleted)
        {
            // The grace is a timer of the fake clock, set by the loop at some moment after the cancellation.
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(SessionOutcome.Cancelled, (await running).Execution.Outcome);
    }

    [Fact]
    public async Task Cancel_while_code_runs_waits_for_the_sandbox_to_kill_it()
    {
        using var cancel = new CancellationTokenSource();
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        var killed = false;
        scenario.Executor = new ScriptedExecutor(async (request, token) =>
        {
            if (ScriptedExecutor.IsStubRun(request))
            {
                return Runs.Failed();
            }

            await cancel.CancelAsync();
            var dead = new TaskCompletionSource();
            await using var registration = token.Register(dead.SetResult);
            await dead.Task;
            await Task.Yield();
            killed = true;
            throw new OperationCanceledException(token);
        });
        var told = await scenario.RunAsync(cancel.Token);

        Assert.True(killed);
        Assert.Equal(SessionOutcome.Cancelled, told.Execution.Outcome);
        Assert.Contains("merge", told.Execution.GeneratedCode, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelled_before_the_start_asks_nothing()
    {
        using var scenario = Scenario.WithCode();
        var told = await scenario.RunAsync(new CancellationToken(canceled: true));
        Assert.Equal(SessionOutcome.Cancelled, told.Execution.Outcome);
        Assert.Empty(scenario.Client.Calls);
    }

    [Fact]
    public async Task Reader_that_leaves_early_cancels_the_session()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Slow(new TaskCompletionSource().Task));
        await foreach (var @event in scenario.Agent.RunAsync(scenario.Task, scenario.Model, TestContext.Current.CancellationToken))
        {
            if (@event is PlanEvent)
            {
                break;
            }
        }

        Assert.Equal(SessionOutcome.Cancelled, Assert.Single(scenario.Sessions.List()).Outcome);
    }

    [Fact]
    public async Task Only_what_was_used_is_charged()
    {
        using var cancel = new CancellationTokenSource();
        using var scenario = new Scenario(Scenario.Plan, ScriptedReply.Fenced(Scenario.Tests), ScriptedReply.Fenced(Scenario.Good));
        scenario.Executor = new ScriptedExecutor(async (request, token) =>
        {
            await cancel.CancelAsync();
            throw new OperationCanceledException(token);
        });
        var usage = (await scenario.RunAsync(cancel.Token)).Execution.Usage;
        Assert.Equal(2, usage.ModelCalls);
        Assert.Equal(0, usage.ToolCalls);
    }
}
