namespace EdgeCoder.Portal.Limits;

/// <summary>At most so many events of one subject in any window of a length.</summary>
/// <param name="Name">Short and stable; part of the rows.</param>
/// <param name="Most">Events; 0 is no limit, which settings allow on loopback only.</param>
/// <param name="Window">Length.</param>
internal sealed record Limit(string Name, long Most, TimeSpan Window);
