namespace EdgeCoder.Portal.Changes;

/// <summary>A change request for people.</summary>
/// <param name="Id">Its id.</param>
/// <param name="What">What it does.</param>
/// <param name="ActionHash">What approvals are over.</param>
/// <param name="Proposer">Who proposed it.</param>
/// <param name="Own">Whether that is who looks.</param>
/// <param name="ProposedAtMs">When.</param>
/// <param name="ExpiresAtMs">Until when it waits.</param>
/// <param name="Status">How far.</param>
/// <param name="Approvers">Who approved, the proposer first.</param>
/// <param name="Required">Persons that it needs.</param>
/// <param name="Reason">Why it was rejected or failed.</param>
/// <param name="About">Whom it is about.</param>
public sealed record ChangeView(string Id, string What, string ActionHash, string Proposer, bool Own, long ProposedAtMs, long ExpiresAtMs, string Status, IReadOnlyList<string> Approvers, long Required, string? Reason, string? About);
