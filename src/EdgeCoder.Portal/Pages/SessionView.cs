namespace EdgeCoder.Portal.Pages;

/// <summary>A session in a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Device">Browser and system.</param>
/// <param name="Address">Address at sign-in.</param>
/// <param name="CreatedAtMs">Sign-in.</param>
/// <param name="LastSeenMs">Last request, to the minute.</param>
/// <param name="Current">Whether it is the one that looks.</param>
public sealed record SessionView(string Id, string Device, string Address, long CreatedAtMs, long LastSeenMs, bool Current);
