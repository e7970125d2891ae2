using System.Text;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Replies;

namespace EdgeCoder.Inference.Completions;

/// <summary>Tool calls in a whole text: fenced blocks tagged <c>tool_call</c>. All other blocks are the answer's own.</summary>
internal static class TextCalls
{
    /// <summary>The text without its calls, and the calls in order. A block that never ends is neither.</summary>
    public static (string Text, IReadOnlyList<RequestedCall> Calls) Read(string reply)
    {
        var text = new StringBuilder();
        var call = new StringBuilder();
        var calls = new List<RequestedCall>();
        Fence? open = null;
        var isCall = false;
        foreach (var line in reply.ReplaceLineEndings("\n").Split('\n'))
        {
            var fence = Fence.Parse(line);
            if (open is null && fence is not null)
            {
                open = fence;
                isCall = fence.Info.Trim().ToLowerInvariant() is "tool_call" or "tool_calls";
                call.Clear();
            }
            else if (open is not null && fence?.Closes(open) == true)
            {
                open = null;
                if (isCall)
                {
                    calls.AddRange(CallText.Read(call.ToString()));
                    isCall = false;
                    continue;
                }
            }

            if (isCall)
            {
                if (!ReferenceEquals(open, fence))
                {
                    call.Append(line).Append('\n');
                }

                continue;
            }

            text.Append(line).Append('\n');
        }

        return (text.ToString().Trim('\n'), calls);
    }
}
