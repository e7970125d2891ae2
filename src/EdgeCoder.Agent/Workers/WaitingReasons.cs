namespace EdgeCoder.Agent.Workers;

/// <summary>Why nothing is leased, in words, with what to do (coordinator-and-mesh 4.3, 4.4, 7).</summary>
internal static class WaitingReasons
{
    /// <summary>Words for a code; the code itself where it is not known.</summary>
    public static string Text(string code, string agentId) => code switch
    {
        "pending_approval" or "agent_pending_approval" => $"Waiting for approval. An operator of the coordinator approves this node with: edgecoder node approve {agentId}",
        "draining" or "agent_draining" => $"The operator drains this node: no new work. It goes on after: edgecoder node resume {agentId}",
        "suspended" or "agent_suspended" => "The operator has suspended this node. Ask why; it goes on when the suspension ends.",
        "quarantined" or "agent_quarantined" => "This node is quarantined: open work ends, no new work comes. Ask the operator of the coordinator.",
        "blacklisted" or "agent_blacklisted" => "This node is on the blacklist. Ask the operator of the coordinator.",
        "coordinator_paused" => "The coordinator is paused by its operator.",
        "no_work" or "no_subtasks" or "queue_empty" => "Waiting for work.",
        "high_cpu_defer" => "The machine is busy with other things; asking again soon.",
        "thermal_throttle" => "The machine is too hot for work now.",
        "laptop_battery_critical" or "ios_battery_critical" => "The battery is too low for work. Connect it to power.",
        "ios_low_power_mode" => "Low-power mode is on: no work.",
        "ios_on_battery_throttled" => "On battery: a pause between two leases.",
        "agent_lacks_sandbox_capability" or "sandbox" => "Waiting work needs a sandbox and this node has none. See: edgecoder doctor",
        "model" => "Waiting work needs a model that this node does not have, or none is proven. See: edgecoder models list",
        "policy" => "The hours or the idleness that the policy demands are not now.",
        "data_class" => "Waiting work is for other accounts.",
        "slots" => "Every slot is in use.",
        _ => $"Waiting: {code}.",
    };

    /// <summary>What to do about a registration that was refused.</summary>
    public static string RegistrationHint(string? reason, string agentId) => reason switch
    {
        "registration_token_required" => "This node is not enrolled there. Get a code with `edgecoder node enroll` and run: edgecoder worker join <code>",
        "registration_token_invalid" or "registration_token_expired" or "registration_token_used" => "The code can be used once and only for a while. Ask for a new one and run: edgecoder worker join <code>",
        "node_not_enrolled" => $"Nobody enrolled {agentId}. Get a code with `edgecoder node enroll` and run: edgecoder worker join <code>",
        "node_key_mismatch" => "This id belongs to another key. Ask for a new code, which binds the key of this machine.",
        "node_rejected" or "node_revoked" or "node_suspended" or "node_inactive" => "The operator has decided so. Ask them.",
        _ => "Ask the operator of the coordinator.",
    };
}
