namespace EdgeCoder.Agent.RepositoryMaps;

/// <summary>A definition in its place in the ranking.</summary>
/// <param name="File">Number of the file in the index.</param>
/// <param name="Definition">Number of the definition in the file.</param>
/// <param name="Rank">The higher, the more to the point.</param>
internal readonly record struct RankedSymbol(int File, int Definition, double Rank);

/// <summary>
/// Ranks definitions for a task: PageRank over the graph "file uses a name that another file defines", personalised by the words of the task and by files that
/// were touched lately (the idea is aider's; PageRank: Brin and Page 1998). Pure; the same index and task give the same order.
/// </summary>
internal sealed class SymbolRanking
{
    private const double Damping = 0.85;
    private const int Rounds = 20;

    /// <summary>A name that many files define tells nothing about any of them.</summary>
    private const int MostDefiners = 12;

    private readonly SymbolIndex _index;
    private readonly double[] _mentions;
    private readonly double[] _weights;
    private readonly double[] _personal;
    private readonly int[] _definersStart;
    private readonly int[] _definers;
    private readonly List<Edge> _edges = [];

    private SymbolRanking(SymbolIndex index, TaskWords words, IReadOnlySet<string> touched)
    {
        _index = index;
        (_definersStart, _definers) = Definers(index);
        _mentions = [.. Enumerable.Range(0, index.Names.Count).Select(name => _definersStart[name + 1] > _definersStart[name] ? words.Weight(index.Names[name]) : 0)];
        _weights = Weights();
        _personal = Personal(words, touched);
        Connect();
    }

    /// <summary>The definitions, the most relevant first; of very many those that a map can hold.</summary>
    public static List<RankedSymbol> Rank(SymbolIndex index, TaskWords words, IReadOnlySet<string> touched) => index.Files.Count == 0 ? [] : new SymbolRanking(index, words, touched).Rank();

    private static (int[] Start, int[] Files) Definers(SymbolIndex index)
    {
        var start = new int[index.Names.Count + 1];
        foreach (var file in index.Files)
        {
            foreach (var name in file.Defined)
            {
                start[name + 1]++;
            }
        }

        for (var i = 1; i < start.Length; i++)
        {
            start[i] += start[i - 1];
        }

        var files = new int[start[^1]];
        var filled = (int[])start.Clone();
        for (var i = 0; i < index.Files.Count; i++)
        {
            foreach (var name in index.Files[i].Defined)
            {
                files[filled[name]++] = i;
            }
        }

        return (start, files);
    }

    /// <summary>What a name is worth: those of the task most; private, short and everyday ones little. Names that nobody defines are not looked at.</summary>
    private double[] Weights()
    {
        var weights = new double[_index.Names.Count];
        for (var name = 0; name < weights.Length; name++)
        {
            var definers = _definersStart[name + 1] - _definersStart[name];
            if (definers > 0)
            {
                weights[name] = Worth(_index.Names[name]) * (1 + _mentions[name]) / definers;
            }
        }

        return weights;
    }

    private static double Worth(string name)
    {
        var compound = name.Length >= 8 && (name.Contains('_') || name.AsSpan(1).IndexOfAnyInRange('A', 'Z') >= 0);
        return (name.StartsWith('_') ? 0.2 : 1) * (name.Length < 4 ? 0.3 : 1) * (compound ? 2 : 1);
    }

    private double[] Personal(TaskWords words, IReadOnlySet<string> touched)
    {
        var personal = new double[_index.Files.Count];
        for (var i = 0; i < personal.Length; i++)
        {
            var file = _index.Files[i];
            var named = file.Defined.Length == 0 ? 0 : file.Defined.Max(Mentioned);
            personal[i] = 0.1 + named + words.Weight(Path.GetFileNameWithoutExtension(file.Path)) + (touched.Contains(file.Path) ? 10 : 0);
        }

        var sum = personal.Sum();
        return [.. personal.Select(value => value / sum)];
    }

    private double Mentioned(int name) => _definersStart[name + 1] - _definersStart[name] > MostDefiners ? 0 : _mentions[name];

    private void Connect()
    {
        for (var i = 0; i < _index.Files.Count; i++)
        {
            var file = _index.Files[i];
            for (var k = 0; k < file.Used.Length; k++)
            {
                var name = file.Used[k];
                var from = _definersStart[name];
                var to = _definersStart[name + 1];
                if (to == from || to - from > MostDefiners)
                {
                    continue;
                }

                var weight = Math.Sqrt(file.Counts[k]) * _weights[name];
                for (var d = from; d < to; d++)
                {
                    if (_definers[d] != i && (d == from || _definers[d - 1] != _definers[d]))
                    {
                        _edges.Add(new(i, _definers[d], name, weight));
                    }
                }
            }
        }
    }

    private double[] PageRank(double[] outgoing)
    {
        var rank = (double[])_personal.Clone();
        for (var round = 0; round < Rounds; round++)
        {
            var next = new double[rank.Length];
            foreach (var edge in _edges)
            {
                next[edge.To] += rank[edge.From] * edge.Weight / outgoing[edge.From];
            }

            // What files without references hold goes where the task points.
            var dangling = 0.0;
            for (var i = 0; i < rank.Length; i++)
            {
                dangling += outgoing[i] == 0 ? rank[i] : 0;
            }

            for (var i = 0; i < rank.Length; i++)
            {
                rank[i] = ((1 - Damping) * _personal[i]) + (Damping * (next[i] + (dangling * _personal[i])));
            }
        }

        return rank;
    }

    private List<RankedSymbol> Rank()
    {
        var outgoing = new double[_index.Files.Count];
        foreach (var edge in _edges)
        {
            outgoing[edge.From] += edge.Weight;
        }

        var rank = PageRank(outgoing);
        var flow = new Dictionary<(int File, int Name), double>();
        foreach (var edge in _edges)
        {
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(flow, (edge.To, edge.Name), out _) += rank[edge.From] * edge.Weight / outgoing[edge.From];
        }

        var ranked = new List<RankedSymbol>();
        for (var i = 0; i < _index.Files.Count; i++)
        {
            var defined = _index.Files[i].Defined;
            for (var d = 0; d < defined.Length; d++)
            {
                // A definition that nobody uses still has its share of its file, most of all one that the task names.
                ranked.Add(new(i, d, flow.GetValueOrDefault((i, defined[d])) + (rank[i] * 0.2 * _weights[defined[d]] / (defined.Length + 4))));
            }
        }

        ranked = Best(ranked);
        ranked.Sort((one, other) => other.Rank.CompareTo(one.Rank) is var order and not 0 ? order : one.File.CompareTo(other.File) is var file and not 0 ? file : one.Definition.CompareTo(other.Definition));
        return ranked;
    }

    /// <summary>Those that can be in a map at all: the rest need not be sorted.</summary>
    private static List<RankedSymbol> Best(List<RankedSymbol> ranked)
    {
        if (ranked.Count <= MapText.MostSymbols)
        {
            return ranked;
        }

        var ranks = new double[ranked.Count];
        for (var i = 0; i < ranks.Length; i++)
        {
            ranks[i] = ranked[i].Rank;
        }

        Array.Sort(ranks);
        var least = ranks[^MapText.MostSymbols];
        return ranked.FindAll(symbol => symbol.Rank >= least);
    }

    private readonly record struct Edge(int From, int To, int Name, double Weight);
}
