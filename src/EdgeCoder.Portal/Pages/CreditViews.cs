namespace EdgeCoder.Portal.Pages;

/// <summary>A ledger line.</summary>
/// <param name="Id">Id of the transfer.</param>
/// <param name="Type">earn, spend, held or adjust.</param>
/// <param name="Credits">How many.</param>
/// <param name="Reason">What for.</param>
/// <param name="AtMs">When.</param>
/// <param name="TaskId">For which task; null for none.</param>
public sealed record LedgerLine(string Id, string Type, decimal Credits, string Reason, long AtMs, string? TaskId);

/// <summary>A purchase.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Status">created, settled, settled_late, expired or cancelled.</param>
/// <param name="AmountSats">What is paid.</param>
/// <param name="FeeSats">The coordinator's part of it.</param>
/// <param name="Credits">What it gives.</param>
/// <param name="Invoice">The invoice; null before it is made.</param>
/// <param name="CreatedAtMs">When it began.</param>
/// <param name="ExpiresAtMs">Until when it can be paid in time.</param>
/// <param name="Network">Network.</param>
public sealed record PurchaseView(string Id, string Status, long AmountSats, long FeeSats, decimal Credits, string? Invoice, long CreatedAtMs, long ExpiresAtMs, string Network);
