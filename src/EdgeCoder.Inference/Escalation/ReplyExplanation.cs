using System.Text;
using EdgeCoder.Agent.Replies;

namespace EdgeCoder.Inference.Escalation;

/// <summary>What a model says beside its code.</summary>
internal static class ReplyExplanation
{
    private const int MostCharacters = 2_000;

    /// <summary>The reply without thinking and without fenced blocks; a plain sentence when nothing is left.</summary>
    public static string Of(string reply)
    {
        var kept = new StringBuilder();
        Fence? open = null;
        foreach (var line in ThinkingBlocks.Remove(reply).ReplaceLineEndings("\n").Split('\n'))
        {
            if (Fence.Parse(line) is { } fence)
            {
                open = open is null ? fence : fence.Closes(open) ? null : open;
            }
            else if (open is null)
            {
                kept.Append(line.TrimEnd()).Append('\n');
            }
        }

        var text = kept.ToString().Trim();
        return text.Length == 0 ? "The model gave code without an explanation."
            : text.Length <= MostCharacters ? text
            : text[..(char.IsLowSurrogate(text[MostCharacters]) ? MostCharacters - 1 : MostCharacters)] + "…";
    }
}
