using System.Globalization;

namespace EdgeCoder.Agent.Contexts;

/// <summary>Cuts a result when it enters the conversation, so that one result cannot fill the window (agent-executor-models 2.7, R11).</summary>
internal static class EntryCap
{
    /// <summary>Tokens that one result may take: an eighth of the window, 768 at least.</summary>
    public static int Tokens(int window) => Math.Max(768, window / 8);

    /// <summary>The text, or its head and tail with a note of what lies between and how to read it.</summary>
    public static async ValueTask<string> CutAsync(string text, string handle, int window, TokenCounts counts, CancellationToken cancellationToken)
    {
        var most = Tokens(window);
        var tokens = await counts.OfAsync(text, cancellationToken).ConfigureAwait(false);
        if (tokens <= most)
        {
            return text;
        }

        // A share of the text has about that share of its tokens; where it is denser, take less.
        for (var keep = (int)((long)text.Length * most / tokens * 9 / 10); ; keep = keep * 3 / 4)
        {
            var cut = HeadAndTail(text, keep, handle);
            if (keep < 64 || await counts.OfAsync(cut, cancellationToken).ConfigureAwait(false) <= most)
            {
                return cut;
            }
        }
    }

    private static string HeadAndTail(string text, int keep, string handle)
    {
        var head = Boundary(text, keep * 2 / 3);
        var tail = Boundary(text, text.Length - (keep - head));
        var first = text.AsSpan(0, head).Count('\n') + 1;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{text[..head]}\n[{tail - head} characters left out, from line {first} on; read them with read_output, handle {handle}]\n{text[tail..]}");
    }

    /// <summary>A surrogate pair is not cut in two.</summary>
    private static int Boundary(string text, int at) => at > 0 && at < text.Length && char.IsLowSurrogate(text[at]) ? at - 1 : at;
}
