using System.Text;

namespace EdgeCoder.Training.Tokens;

/// <summary>Learns byte pair merges: again and again the most frequent neighbouring pair becomes a token. Ties go to the lowest ids, so the result is fixed.</summary>
internal static class VocabularyTrainer
{
    /// <summary>Learns a vocabulary of <paramref name="size"/> tokens from texts. The size counts bytes and special tokens too.</summary>
    public static Vocabulary Train(IEnumerable<string> texts, int size)
    {
        var words = CountWords(texts);
        var merges = new List<(int, int)>();
        while (256 + merges.Count + Vocabulary.SpecialTokens.Count < size)
        {
            var pairs = new Dictionary<(int, int), long>();
            foreach (var (symbols, count) in words)
            {
                for (var i = 0; i + 1 < symbols.Count; i++)
                {
                    var pair = (symbols[i], symbols[i + 1]);
                    pairs[pair] = pairs.GetValueOrDefault(pair) + count;
                }
            }

            if (pairs.Count == 0)
            {
                throw new InvalidOperationException($"The texts have no more pairs after {merges.Count} merges.");
            }

            var best = pairs.MaxBy(entry => (entry.Value, -entry.Key.Item1, -entry.Key.Item2)).Key;
            var id = 256 + merges.Count;
            merges.Add(best);
            foreach (var (symbols, _) in words)
            {
                Merge(symbols, best, id);
            }
        }

        return new Vocabulary(merges);
    }

    /// <summary>Replaces each neighbouring pair by the token.</summary>
    internal static void Merge(List<int> symbols, (int Left, int Right) pair, int id)
    {
        for (var i = 0; i + 1 < symbols.Count; i++)
        {
            if (symbols[i] == pair.Left && symbols[i + 1] == pair.Right)
            {
                symbols[i] = id;
                symbols.RemoveAt(i + 1);
            }
        }
    }

    private static List<(List<int> Symbols, long Count)> CountWords(IEnumerable<string> texts)
    {
        var ids = new int[256];
        for (var i = 0; i < 256; i++)
        {
            ids[ByteAlphabet.Order[i]] = i;
        }

        return [.. texts.SelectMany(WordSplitter.Split).CountBy(word => word, StringComparer.Ordinal)
            .Select(entry => (Encoding.UTF8.GetBytes(entry.Key).Select(value => ids[value]).ToList(), (long)entry.Value))];
    }
}
