using System.Text;

namespace EdgeCoder.Agent.Replies;

/// <summary>
/// Removes what a model thinks aloud: <c>&lt;think&gt;</c>, <c>&lt;thinking&gt;</c>, <c>&lt;reasoning&gt;</c>, in any letter case, closed or not,
/// and a close without an opening. What is inside is never read as code, fences and all.
/// </summary>
internal static class ThinkingBlocks
{
    /// <summary>The reply without its thinking.</summary>
    public static string Remove(string reply)
    {
        var kept = new StringBuilder(reply.Length);
        var filter = new ThinkingFilter();
        foreach (var line in Lines(reply))
        {
            var text = filter.Read(line, out var cleared);
            if (cleared)
            {
                kept.Clear();
            }

            kept.Append(text);
        }

        return kept.ToString();
    }

    private static IEnumerable<string> Lines(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start);
            end = end < 0 ? text.Length : end + 1;
            yield return text[start..end];
            start = end;
        }
    }
}
