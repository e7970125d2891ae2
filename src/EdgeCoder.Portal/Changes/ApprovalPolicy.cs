using System.Collections.Frozen;
using EdgeCoder.Hosting.Settings;

namespace EdgeCoder.Portal.Changes;

/// <summary>What an action needs.</summary>
internal enum ApprovalLevel
{
    /// <summary>One person with the right.</summary>
    Single,

    /// <summary>One person who confirms it with a passkey.</summary>
    StepUp,

    /// <summary>Two persons, each with a passkey.</summary>
    TwoPersons,
}

/// <summary>
/// The table of portal-and-control-plane 10.2 for <c>public_mesh</c>. <c>APPROVAL_POLICY</c> raises actions and never lowers one. What contains an emergency (suspend, isolate, pause) is not in it: one person does that.
/// </summary>
internal sealed class ApprovalPolicy
{
    /// <summary>Another system-admin.</summary>
    public const string GrantAdmin = "role.grant_admin";

    private static readonly FrozenDictionary<string, ApprovalLevel> Table = new Dictionary<string, ApprovalLevel>(StringComparer.Ordinal)
    {
        ["agent.approve"] = ApprovalLevel.Single,
        ["agent.reject"] = ApprovalLevel.Single,
        ["coordinator.approve"] = ApprovalLevel.StepUp,
        ["coordinator.revoke"] = ApprovalLevel.StepUp,
        ["peer.key"] = ApprovalLevel.StepUp,
        [GrantAdmin] = ApprovalLevel.TwoPersons,
        ["network.mode"] = ApprovalLevel.StepUp,
        ["network.allow_list"] = ApprovalLevel.StepUp,
        ["manifest.keys"] = ApprovalLevel.StepUp,
        ["token.all_scopes"] = ApprovalLevel.StepUp,
        ["blacklist.permanent"] = ApprovalLevel.StepUp,
        ["blacklist.lift"] = ApprovalLevel.StepUp,
        ["rollout.full"] = ApprovalLevel.Single,
        ["treasury.activate"] = ApprovalLevel.TwoPersons,
        ["ledger.adjust"] = ApprovalLevel.TwoPersons,
        ["wallet.review"] = ApprovalLevel.TwoPersons,
        ["account.delete"] = ApprovalLevel.TwoPersons,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly IReadOnlyDictionary<string, ApprovalLevel> _raised;

    private ApprovalPolicy(IReadOnlyDictionary<string, ApprovalLevel> raised) => _raised = raised;

    /// <summary>The table as it is.</summary>
    public static ApprovalPolicy Standard { get; } = new(new Dictionary<string, ApprovalLevel>());

    /// <summary>What an action of the table needs.</summary>
    /// <exception cref="KeyNotFoundException">It is not in the table.</exception>
    public ApprovalLevel Of(string action) => _raised.TryGetValue(action, out var raised) ? raised : Table[action];

    /// <summary>Reads <c>APPROVAL_POLICY</c>: <c>action=step_up</c> or <c>action=two_persons</c>, separated by commas. Faults go to the reader.</summary>
    public static ApprovalPolicy Read(SettingsReader reader)
    {
        var raised = new Dictionary<string, ApprovalLevel>(StringComparer.Ordinal);
        foreach (var item in reader.List("APPROVAL_POLICY"))
        {
            var level = item.Split('=') switch
            {
                [_, "step_up"] => ApprovalLevel.StepUp,
                [_, "two_persons"] => ApprovalLevel.TwoPersons,
                _ => ApprovalLevel.Single,
            };
            var action = item.Split('=')[0];
            if (level == ApprovalLevel.Single || !Table.TryGetValue(action, out var standard))
            {
                reader.Refuse($"APPROVAL_POLICY must be action=step_up or action=two_persons, separated by commas; the actions are {string.Join(", ", Table.Keys.Order(StringComparer.Ordinal))}.");
            }
            else if (level < standard)
            {
                reader.Refuse($"APPROVAL_POLICY only raises: {action} needs more than that without it.");
            }
            else
            {
                raised[action] = level;
            }
        }

        return new(raised);
    }
}
