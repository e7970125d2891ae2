namespace EdgeCoder.Agent.Approvals;

/// <summary>What policy says about an action.</summary>
/// <param name="Effect">Done, asked for, or not done.</param>
/// <param name="Reason">Why, for a person and for the model.</param>
/// <param name="Rule">The rule that decided; null when the mode did.</param>
/// <param name="Offer">The rule that an answer for longer than once would add; null when none can stand for the action.</param>
internal sealed record PolicyVerdict(RuleEffect Effect, string Reason, PolicyRule? Rule = null, PolicyRule? Offer = null);
