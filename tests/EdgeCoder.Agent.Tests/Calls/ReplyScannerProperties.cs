using System.Text;
using CsCheck;
using EdgeCoder.Agent.Calls;

namespace EdgeCoder.Agent.Tests.Calls;

/// <summary>A reply may be cut anywhere: calls and visible text are the same.</summary>
public sealed class ReplyScannerProperties
{
    private static readonly string[] Fragments =
    [
        "Some words here.\n", "word", " ", "\n", "\r\n", "a < b ", "`code` ", "src/a.py\n", "**b/c.py**\n", "```\n", "```python\n", "~~~\n", "```tool_call\n", "```plan\n", "```json\n", "  ```\n",
        "{\"tool\": \"read_file\", \"args\": {\"path\": \"a\"}}\n", "{\"tool\"", "<tool_call>", "</tool_call>", "<tool_call>{\"name\": \"x\", \"arguments\": {}}</tool_call>\n",
        "<<<<<<< SEARCH\n", "=======\n", ">>>>>>> REPLACE\n", "<think>", "</think>\n", "<think>\n", "\n</think>\n", "1. step\n", "- ", "é€𝄞 ", "```tool_call",
    ];

    private static readonly Gen<string> Replies = Gen.Int[0, Fragments.Length - 1].Array[0, 24].Select(picks => string.Concat(picks.Select(i => Fragments[i])));

    [Fact]
    public void Scanner_gives_the_same_however_the_reply_is_cut() =>
        Gen.Select(Replies, Gen.Int[1, 9].Array[1, 12]).Sample((reply, sizes) =>
        {
            var (calls, visible) = ReplyScannerTests.Whole(reply);
            var shown = new StringBuilder();
            var scanner = new ReplyScanner(s => shown.Append(s));
            foreach (var piece in Pieces(reply, sizes))
            {
                scanner.Feed(piece);
            }

            scanner.Finish();
            Assert.Equal(calls, scanner.Calls);
            Assert.Equal(visible, shown.ToString());
        });

    [Fact]
    public void Visible_text_is_the_same_however_the_reply_is_cut() =>
        Gen.Select(Replies, Gen.Int[1, 9].Array[1, 12]).Sample((reply, sizes) =>
        {
            var whole = Visible([reply]);
            // A close of thinking that nothing opened takes back what was shown already; only that may differ.
            if (!reply.Contains("</think>", StringComparison.Ordinal))
            {
                Assert.Equal(whole, Visible(Pieces(reply, sizes)));
            }
        });

    [Fact]
    public void Nothing_of_a_marked_call_is_ever_visible() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[1, 9].Array[1, 12]).Sample((first, last, sizes) =>
        {
            var before = new[] { "words before\n", "", "```python\ncode\n```\n", "src/a.py\n\n" }[first];
            var after = new[] { "after", "", "\n\n" }[last];
            var reply = $"{before}```tool_call\n{{\"tool\": \"hidden\", \"args\": {{\"path\": \"secret-path\"}}}}\n```\n{after}";
            for (var cut = 0; cut <= reply.Length; cut++)
            {
                Assert.DoesNotContain("hidden", Visible(Pieces(reply[..cut], sizes)), StringComparison.Ordinal);
            }
        }, iter: 20);

    private static string Visible(IEnumerable<string> pieces)
    {
        var shown = new StringBuilder();
        var visible = new VisibleText(s => shown.Append(s));
        foreach (var piece in pieces)
        {
            visible.Feed(piece);
        }

        visible.Finish();
        return shown.ToString();
    }

    private static IEnumerable<string> Pieces(string text, int[] sizes)
    {
        for (int at = 0, i = 0; at < text.Length; i++)
        {
            var size = Math.Min(sizes[i % sizes.Length], text.Length - at);
            yield return text.Substring(at, size);
            at += size;
        }
    }
}
