using System.Text.Json;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>
/// Why an agent does not get a subtask: the rules of coordinator-and-mesh 4.3, in their order. The first that holds is what <c>explain</c> reports.
/// </summary>
internal enum ExclusionRule
{
    /// <summary>None: it is eligible.</summary>
    None = 0,

    /// <summary>1.</summary>
    AgentUnknown,

    /// <summary>2.</summary>
    AgentPendingApproval,

    /// <summary>3.</summary>
    AgentBlacklisted,

    /// <summary>4.</summary>
    AgentQuarantined,

    /// <summary>5.</summary>
    AgentSuspended,

    /// <summary>6.</summary>
    AgentOffline,

    /// <summary>7.</summary>
    AgentDraining,

    /// <summary>8.</summary>
    CoordinatorPaused,

    /// <summary>9: required and not verified.</summary>
    BinaryIntegrity,

    /// <summary>10: another owner's machine.</summary>
    DataClass,

    /// <summary>11: nobody judges its own work.</summary>
    OwnerConflict,

    /// <summary>12: none, or unproven.</summary>
    Sandbox,

    /// <summary>13: none proven, being exchanged, or not the one asked for.</summary>
    Model,

    /// <summary>14: the work could not be sealed.</summary>
    EnvelopeKeyMissing,

    /// <summary>15: coordinator-and-mesh 7.</summary>
    Power,

    /// <summary>16: hours, idleness.</summary>
    Policy,

    /// <summary>17.</summary>
    Slots,

    /// <summary>18: project or tenant limit.</summary>
    Quota,

    /// <summary>19: the price cap does not fit the reservation.</summary>
    TaskBudgetExhausted,

    /// <summary>20: failed it, and another agent can try.</summary>
    AttemptedBefore,

    /// <summary>21: back-off.</summary>
    NotBefore,
}

/// <summary>Codes and words of the rules.</summary>
internal static class ExclusionRules
{
    private static readonly string[] Codes = [.. Enum.GetNames<ExclusionRule>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    /// <summary>Stable code.</summary>
    public static string Code(this ExclusionRule rule) => Codes[(int)rule];

    /// <summary>For a person: what it means and what to do next.</summary>
    public static string Message(this ExclusionRule rule) => rule switch
    {
        ExclusionRule.None => "It can take this subtask now.",
        ExclusionRule.AgentUnknown => "It is not registered here: run `edgecoder worker join` with a code from `edgecoder node enroll`.",
        ExclusionRule.AgentPendingApproval => "It waits for approval: run `edgecoder node approve`.",
        ExclusionRule.AgentBlacklisted => "It is blacklisted: its owner can appeal to the operator.",
        ExclusionRule.AgentQuarantined => "It is quarantined by rule: an operator looks at its evidence and runs `edgecoder node resume`.",
        ExclusionRule.AgentSuspended => "An operator suspended it: wait for the end of the suspension or run `edgecoder node resume`.",
        ExclusionRule.AgentOffline => "It has missed three heartbeats: start its worker or mend its connection.",
        ExclusionRule.AgentDraining => "It finishes what it has and takes nothing new: run `edgecoder node resume` to use it again.",
        ExclusionRule.CoordinatorPaused => "The coordinator is paused: an operator resumes it.",
        ExclusionRule.BinaryIntegrity => "Its program is not a verified release, which this coordinator requires: install a signed release.",
        ExclusionRule.DataClass => "The task is of class team and this machine belongs to another owner: add a machine of the submitter's account or tenant, or submit with data class mesh.",
        ExclusionRule.OwnerConflict => "It belongs to a party of the result that is to be checked: add a machine of another owner.",
        ExclusionRule.Sandbox => "The work needs a proven sandbox and it has none: run `edgecoder doctor` there.",
        ExclusionRule.Model => "It has no proven model that fits: run `edgecoder models` there, or submit without that model.",
        ExclusionRule.EnvelopeKeyMissing => "The work cannot be sealed for it: let its worker register again with an X25519 key.",
        ExclusionRule.Power => "Its power policy forbids work now: plug it in or wait.",
        ExclusionRule.Policy => "Its owner's or operator's policy forbids work now: wait for its allowed hours or until it is idle.",
        ExclusionRule.Slots => "All its slots are taken: wait, or raise MAX_CONCURRENT_TASKS.",
        ExclusionRule.Quota => "The project or tenant has as many leases as it may have: wait for one to end.",
        ExclusionRule.TaskBudgetExhausted => "The price cap of a lease does not fit what is left of the task's reservation: submit with more credits.",
        ExclusionRule.AttemptedBefore => "It failed this subtask and another agent can try it.",
        ExclusionRule.NotBefore => "The pause after the last attempt is running: wait.",
        _ => throw new ArgumentOutOfRangeException(nameof(rule)),
    };
}
