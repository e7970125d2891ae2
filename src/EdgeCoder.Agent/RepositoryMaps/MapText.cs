using System.Globalization;
using System.Text;

namespace EdgeCoder.Agent.RepositoryMaps;

/// <summary>Writes ranked definitions down, grouped by file: the file with the best one first, definitions in the order of lines.</summary>
internal static class MapText
{
    /// <summary>Most definitions that are written, however large the budget.</summary>
    public const int MostSymbols = 2_000;

    /// <summary>The text of the first definitions of a ranking.</summary>
    public static string Write(SymbolIndex index, List<RankedSymbol> ranked, int count)
    {
        var text = new StringBuilder();
        foreach (var file in ranked.Take(count).GroupBy(symbol => symbol.File))
        {
            text.Append(index.Files[file.Key].Path).Append(":\n");
            var signatures = index.Files[file.Key].ReadSignatures();
            foreach (var symbol in file.OrderBy(symbol => symbol.Definition))
            {
                text.Append(CultureInfo.InvariantCulture, $"{index.Files[file.Key].Lines[symbol.Definition],5} {signatures[symbol.Definition]}\n");
            }
        }

        return text.ToString();
    }

    /// <summary>The longest text that fits, by halving: what does not fit with fewer definitions does not with more.</summary>
    public static async ValueTask<(string Text, int Tokens, int Symbols)> FitAsync(SymbolIndex index, List<RankedSymbol> ranked, int budget, Func<string, CancellationToken, ValueTask<int>> countTokens, CancellationToken cancellationToken)
    {
        var best = (Text: "", Tokens: 0, Symbols: 0);

        // No tokenizer makes more than one token of a byte, and hardly one makes one of ten: what is surely too long is not counted.
        int low = 0, high = Math.Min(Math.Min(ranked.Count, MostSymbols), budget);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            var text = Write(index, ranked, middle);
            var tokens = await countTokens(text, cancellationToken);
            if (tokens <= budget)
            {
                best = (text, tokens, middle);
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return best;
    }
}
