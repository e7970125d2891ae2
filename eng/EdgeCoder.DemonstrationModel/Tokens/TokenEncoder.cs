using System.Collections.Concurrent;
using System.Text;

namespace EdgeCoder.Training.Tokens;

/// <summary>Turns text into token ids and back. A test holds it against the inference engine's own tokenizer.</summary>
internal sealed class TokenEncoder
{
    private readonly Dictionary<(int, int), int> _ranks = [];
    private readonly ConcurrentDictionary<string, int[]> _known = new(StringComparer.Ordinal);
    private int _room = 100_000;
    private readonly int[] _byteIds = new int[256];
    private readonly byte[][] _bytes;

    /// <summary>Makes an encoder. It may be used by several threads at once.</summary>
    public TokenEncoder(Vocabulary vocabulary)
    {
        Vocabulary = vocabulary;
        _bytes = new byte[vocabulary.Count][];
        for (var i = 0; i < 256; i++)
        {
            _byteIds[ByteAlphabet.Order[i]] = i;
            _bytes[i] = [ByteAlphabet.Order[i]];
        }

        for (var rank = 0; rank < vocabulary.Merges.Count; rank++)
        {
            var (left, right) = vocabulary.Merges[rank];
            _ranks.Add((left, right), rank);
            _bytes[256 + rank] = [.. _bytes[left], .. _bytes[right]];
        }

        for (var i = 0; i < Vocabulary.SpecialTokens.Count; i++)
        {
            _bytes[vocabulary.EndOfText + i] = Encoding.UTF8.GetBytes(Vocabulary.SpecialTokens[i]);
        }
    }

    /// <summary>The vocabulary.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>Token ids of plain text; special tokens in it are text.</summary>
    public List<int> Encode(string text)
    {
        var tokens = new List<int>(text.Length / 3);
        foreach (var word in WordSplitter.Split(text))
        {
            if (!_known.TryGetValue(word, out var ids))
            {
                ids = EncodeWord(word);
                if (Interlocked.Decrement(ref _room) >= 0)
                {
                    _known.TryAdd(word, ids);
                }
            }

            tokens.AddRange(ids);
        }

        return tokens;
    }

    /// <summary>Token ids of the whole prompt for one user line, up to where the answer starts.</summary>
    public List<int> EncodePrompt(string request) =>
        [Vocabulary.TurnStart, .. Encode("user\n" + request), Vocabulary.TurnEnd, .. Encode("\n"), Vocabulary.TurnStart, .. Encode("assistant\n")];

    /// <summary>Text of the tokens.</summary>
    public string Decode(IEnumerable<int> tokens) => Encoding.UTF8.GetString([.. tokens.SelectMany(token => _bytes[token])]);

    private int[] EncodeWord(string word)
    {
        var symbols = Encoding.UTF8.GetBytes(word).Select(value => _byteIds[value]).ToList();
        while (symbols.Count > 1)
        {
            var best = (Rank: int.MaxValue, Pair: (0, 0));
            for (var i = 0; i + 1 < symbols.Count; i++)
            {
                if (_ranks.TryGetValue((symbols[i], symbols[i + 1]), out var rank) && rank < best.Rank)
                {
                    best = (rank, (symbols[i], symbols[i + 1]));
                }
            }

            if (best.Rank == int.MaxValue)
            {
                break;
            }

            VocabularyTrainer.Merge(symbols, best.Pair, 256 + best.Rank);
        }

        return [.. symbols];
    }
}
