using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Workers;

/// <summary>Follows a session of a loop and turns its end into an outcome.</summary>
internal sealed class SessionReading(Action<WorkStep> progress)
{
    private readonly List<SessionEvent> _events = [];
    private int _step;

    /// <summary>The session's record, once it has ended.</summary>
    public AgentExecution? Execution { get; private set; }

    /// <summary>Code of the fault that ended it; null when none did.</summary>
    public string? Fault { get; private set; }

    /// <summary>Reads one event.</summary>
    public void Read(SessionEvent sessionEvent)
    {
        _events.Add(sessionEvent);
        switch (sessionEvent)
        {
            case StatusEvent status:
                // The name of the state alone: its message may hold words of the task.
                progress(new(++_step, System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(status.State.ToString())));
                break;
            case ErrorEvent error:
                Fault = error.Code;
                break;
            case DoneEvent done:
                Execution = done.Execution;
                break;
            default:
                break;
        }
    }

    /// <summary>
    /// The outcome: a fault of this machine gives the lease back, everything else is reported. Success is what the loop says; where no check was given,
    /// an output that nothing could test is a result too, and is labelled so by the coordinator.
    /// </summary>
    public WorkOutcome Outcome(bool hasCheck, byte[]? patch, bool cancelled)
    {
        if (Execution is not { } execution || cancelled || execution.Outcome == SessionOutcome.Cancelled)
        {
            return new WorkOutcome.GivenBack(ReleaseReasons.Fault);
        }

        if (Fault is "sandbox_unavailable" || execution.RunResult?.QueueReason == QueueReason.SandboxUnavailable)
        {
            return new WorkOutcome.GivenBack(ReleaseReasons.Sandbox);
        }

        if (Fault is "model_unavailable" or "no_model_available" or "model_not_found" or "data_class_denied")
        {
            return new WorkOutcome.GivenBack(ReleaseReasons.Model);
        }

        if (Fault is "disk_full" or "session_unwritable" or "executor_failed")
        {
            return new WorkOutcome.GivenBack(ReleaseReasons.Fault);
        }

        var ok = execution.Outcome == SessionOutcome.Succeeded || !hasCheck && execution is { Outcome: SessionOutcome.Unverified } && (patch is not null || execution.GeneratedCode is not null);
        return new WorkOutcome.Done
        {
            Ok = ok,
            Output = patch is null ? execution.GeneratedCode : null,
            Patch = patch,
            Error = ok ? null : execution.OutcomeMessage ?? Fault ?? "The attempt did not come to a result that passes.",
            EscalationReason = execution.EscalationReason is { } reason ? System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString()) : null,
            Tests = Counts(execution.TestReport ?? execution.RunResult?.Tests),
            Logs = AttemptLog.Write(execution, _events),
            Model = execution.Model is { } model ? new(model.Id, model.Digest) : new("unknown", null),
            Sandbox = execution.RanOn is { SandboxBackend: { } mode } ran ? new(mode, ran.SandboxDigest) : null,
        };
    }

    private static TestCounts? Counts(TestReport? report) => report is null ? null : new(report.Total - report.Skipped, report.Passed, report.Failed + report.Errored, report.Skipped);
}
