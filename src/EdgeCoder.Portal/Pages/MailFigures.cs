namespace EdgeCoder.Portal.Pages;

/// <summary>Figures of the mail queue for the overview. Unknown is unknown, never 0.</summary>
/// <param name="Known">Whether the store answered.</param>
/// <param name="Waiting">Mails that wait.</param>
/// <param name="Dead">Mails that were given up.</param>
public sealed record MailFigures(bool Known, int Waiting, int Dead);
