namespace EdgeCoder.Portal.Pages;

/// <summary>A passkey in a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="CreatedAtMs">When it was added.</param>
/// <param name="LastUsedAtMs">When it was used last; null before.</param>
/// <param name="BackedUp">Whether a provider keeps a copy.</param>
public sealed record PasskeyView(string Id, string Name, long CreatedAtMs, long? LastUsedAtMs, bool BackedUp);
