using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;

namespace EdgeCoder.Agent.Workers;

/// <summary>One attempt as it was leased: opened, and checked against its lease.</summary>
public sealed record WorkOrder
{
    /// <summary>The right to it.</summary>
    public required Lease Lease { get; init; }

    /// <summary>The work.</summary>
    public required SubtaskOrder Subtask { get; init; }

    /// <summary>Limits of this agent.</summary>
    public required AgentPolicy Policy { get; init; }

    /// <summary>Fetches blobs.</summary>
    public required ICoordinator Coordinator { get; init; }

    /// <summary>Signs verdicts of verify and audit leases; null: such leases go back.</summary>
    public SigningKey? Key { get; init; }

    /// <summary>Secret of the envelope, from which the reply is sealed; null for plain work.</summary>
    public byte[]? ExporterSecret { get; init; }

    /// <summary>The envelope's encapsulated key, base64; null for plain work.</summary>
    public string? EphemeralPublicKey { get; init; }
}

/// <summary>A step of an attempt, for heartbeats: a name of a state, nothing of the work itself.</summary>
/// <param name="Step">From 1.</param>
/// <param name="Message">For instance <c>coding</c>.</param>
public readonly record struct WorkStep(int Step, string Message);

/// <summary>How an attempt ended.</summary>
public abstract record WorkOutcome
{
    private WorkOutcome()
    {
    }

    /// <summary>There is something to report, good or bad.</summary>
    public sealed record Done : WorkOutcome
    {
        /// <summary>What the agent believes.</summary>
        public required bool Ok { get; init; }

        /// <summary>The code or text asked for.</summary>
        public string? Output { get; init; }

        /// <summary>What went wrong.</summary>
        public string? Error { get; init; }

        /// <summary>A stable code of why help is asked for.</summary>
        public string? EscalationReason { get; init; }

        /// <summary>Patch of a repository change.</summary>
        public byte[]? Patch { get; init; }

        /// <summary>History, standard streams and events, as JSON.</summary>
        public required byte[] Logs { get; init; }

        /// <summary>The agent's own counts.</summary>
        public TestCounts? Tests { get; init; }

        /// <summary>The model that really ran.</summary>
        public required ModelClaim Model { get; init; }

        /// <summary>The sandbox that really ran; null when nothing did.</summary>
        public SandboxClaim? Sandbox { get; init; }
    }

    /// <summary>The lease cannot be obeyed here: it goes back and spends no attempt.</summary>
    /// <param name="Reason">Stable code.</param>
    public sealed record GivenBack(string Reason) : WorkOutcome;
}

/// <summary>Reasons for giving a lease back.</summary>
public static class ReleaseReasons
{
    /// <summary>The worker was told to stop.</summary>
    public const string Stopping = "agent_stopping";

    /// <summary>The demanded model is not here, or cannot be proven.</summary>
    public const string Model = "model_unavailable";

    /// <summary>The sandbox does not work for this language.</summary>
    public const string Sandbox = "sandbox_unavailable";

    /// <summary>The limits of the subtask cannot be kept here.</summary>
    public const string Limits = "limits_not_supported";

    /// <summary>A kind, language or purpose that this program does not know.</summary>
    public const string Unsupported = "work_not_supported";

    /// <summary>The envelope does not open, or plain work came to an agent with an envelope key.</summary>
    public const string Envelope = "envelope_invalid";

    /// <summary>The lease is not signed by its home, not for this agent, or not for this work.</summary>
    public const string Lease = "lease_invalid";

    /// <summary>A file of the check could not be fetched or is not what its hash says.</summary>
    public const string Check = "check_files_unavailable";

    /// <summary>The snapshot could not be fetched or is not what its digest says.</summary>
    public const string Snapshot = "snapshot_invalid";

    /// <summary>A fault of this program or machine.</summary>
    public const string Fault = "agent_fault";

    /// <summary>Only small tasks are allowed now.</summary>
    public const string Power = "power_policy";
}

/// <summary>Does the work of a lease. Tests of the runtime put a scripted one here.</summary>
public interface ISubtaskWork
{
    /// <summary>
    /// Works until there is an outcome. Every fault of model, sandbox, disk and coordinator is an outcome; it throws only
    /// <see cref="OperationCanceledException"/> when asked to stop.
    /// </summary>
    Task<WorkOutcome> RunAsync(WorkOrder order, Action<WorkStep> progress, CancellationToken cancellationToken);
}
