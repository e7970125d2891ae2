using System.Text;

namespace EdgeCoder.Inference.Preflight;

/// <summary>
/// A long text with three random code words, one near its head, one in the middle and one near its tail, and the order to repeat them.
/// Its first words are random too, so that no server answers from a prompt it has read before.
/// </summary>
/// <param name="Text">The prompt.</param>
/// <param name="Needles">The code words in their order.</param>
internal sealed record NeedlePrompt(string Text, IReadOnlyList<string> Needles)
{
    private const string Order = "Write the three code words in the order in which they appear, separated by spaces, and nothing else.";

    private static readonly string[] Words =
    [
        "river", "garden", "window", "letter", "market", "silver", "morning", "village", "teacher", "winter", "bridge", "doctor", "engine", "forest",
        "island", "kitchen", "library", "mountain", "number", "orange", "picture", "question", "railway", "shadow", "station", "summer", "ticket",
        "travel", "valley", "water", "yellow", "answer", "basket", "circle", "dinner", "evening", "finger", "guitar", "harbour", "journey",
    ];

    private static readonly string[] Joints = ["the", "near", "beyond", "with", "under", "behind", "before", "and", "of", "from"];

    /// <summary>A prompt whose count is as near below the target as a sentence allows.</summary>
    public static NeedlePrompt Create(double targetTokens, Func<string, double> count, Random random)
    {
        string[] needles = [CodeWord(random), CodeWord(random), CodeWord(random)];
        var head = $"Text {random.Next(10_000, 100_000)}. Remember the three code words in it. {Order}\n";
        var tail = $"\n{Order}";
        var sentences = new List<string>();
        var left = targetTokens - count(head) - count(tail) - needles.Sum(needle => count(Needle(needle)));
        while (true)
        {
            var sentence = Sentence(random);
            left -= count(sentence);
            if (left < 0)
            {
                break;
            }

            sentences.Add(sentence);
        }

        // A twentieth from each end: what a server cuts off an end is never less.
        var text = new StringBuilder(head);
        var places = new[] { sentences.Count / 20, sentences.Count / 2, sentences.Count - (sentences.Count / 20) };
        for (var i = 0; i <= sentences.Count; i++)
        {
            for (var n = 0; n < needles.Length; n++)
            {
                if (places[n] == i)
                {
                    text.Append(Needle(needles[n]));
                }
            }

            if (i < sentences.Count)
            {
                text.Append(sentences[i]);
            }
        }

        return new(text.Append(tail).ToString(), needles);
    }

    /// <summary>Which of the needles the answer lacks: <c>head</c>, <c>middle</c>, <c>tail</c>.</summary>
    public IReadOnlyList<string> Missing(string answer) =>
        [.. new[] { "head", "middle", "tail" }.Where((_, i) => !answer.Contains(Needles[i], StringComparison.OrdinalIgnoreCase))];

    private static string Needle(string word) => $" The code word is {word}.";

    private static string Sentence(Random random)
    {
        var words = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            words.Add(Words[random.Next(Words.Length)]);
            words.Add(Joints[random.Next(Joints.Length)]);
        }

        words.Add(Words[random.Next(Words.Length)]);
        return " " + string.Join(' ', words) + ".";
    }

    private static string CodeWord(Random random)
    {
        const string Consonants = "BDFGKLMNPRSTVZ";
        const string Vowels = "AEIOU";
        return string.Concat(Enumerable.Range(0, 6).Select(i => i % 2 == 0 ? Consonants[random.Next(Consonants.Length)] : Vowels[random.Next(Vowels.Length)]));
    }
}
