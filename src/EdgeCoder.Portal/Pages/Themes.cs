namespace EdgeCoder.Portal.Pages;

/// <summary>Names of the themes (portal-and-control-plane 18).</summary>
internal static class Themes
{
    /// <summary>Of who has chosen none.</summary>
    public const string Standard = "warm";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All = [Standard, "midnight", "emerald"];
}
