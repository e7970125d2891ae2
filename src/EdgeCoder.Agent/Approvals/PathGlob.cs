namespace EdgeCoder.Agent.Approvals;

/// <summary>Paths of a project by pattern: <c>*</c> and <c>?</c> within a segment, <c>**</c> across segments; a pattern without a slash matches at any depth.</summary>
internal static class PathGlob
{
    /// <summary>Whether <paramref name="path"/> (segments joined by <c>/</c>) fits. Letter case counts except on Windows and macOS.</summary>
    public static bool Matches(string pattern, string path)
    {
        var segments = pattern.Trim('/').Split('/');
        var within = pattern.EndsWith('/') ? [.. segments, "**"] : segments;
        return Matches(pattern.Contains('/') ? within : ["**", .. within], path.Split('/', StringSplitOptions.RemoveEmptyEntries));
    }

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> path)
    {
        if (pattern.IsEmpty)
        {
            return path.IsEmpty;
        }

        if (pattern[0] == "**")
        {
            for (var skipped = 0; skipped <= path.Length; skipped++)
            {
                if (Matches(pattern[1..], path[skipped..]))
                {
                    return true;
                }
            }

            return false;
        }

        return !path.IsEmpty && Segment(pattern[0], path[0]) && Matches(pattern[1..], path[1..]);
    }

    private static bool Segment(string pattern, string text)
    {
        var ignoreCase = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS();
        return System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase);
    }
}
