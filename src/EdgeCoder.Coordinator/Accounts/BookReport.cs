namespace EdgeCoder.Coordinator.Accounts;

/// <summary>The sums of all accounts of a unit; each is 0 when the books are right.</summary>
/// <param name="Unit">credit or msat.</param>
/// <param name="Accounts">How many.</param>
/// <param name="Balances">Sum of their balances, in millicredits or msat.</param>
/// <param name="Pending">What is promised less what is held.</param>
internal sealed record UnitSum(string Unit, long Accounts, long Balances, long Pending);

/// <summary>An account whose counters are not what its transfers, or the log, say. Differences are what should be there less what is.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="Source"><c>transfers</c>, <c>log</c>, or <c>limits</c>: it owes, or took in, what it may not.</param>
/// <param name="DebitsPending">Held.</param>
/// <param name="DebitsPosted">Spent.</param>
/// <param name="CreditsPending">Promised.</param>
/// <param name="CreditsPosted">Received.</param>
internal sealed record BookDifference(string AccountId, string Source, long DebitsPending, long DebitsPosted, long CreditsPending, long CreditsPosted);

/// <summary>Outcome of a check of the books (economy-and-ledger 2, rule 6).</summary>
/// <param name="Ok">Whether all agree.</param>
/// <param name="Transfers">How many transfers were counted.</param>
/// <param name="Units">Sums, one per unit.</param>
/// <param name="Differences">At most 100 accounts that are wrong.</param>
/// <param name="Stopped">Whether money stands still because of a check before.</param>
internal sealed record BookReport(bool Ok, long Transfers, IReadOnlyList<UnitSum> Units, IReadOnlyList<BookDifference> Differences, bool Stopped);
