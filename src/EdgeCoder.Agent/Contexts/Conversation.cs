using System.Globalization;
using System.Text;

namespace EdgeCoder.Agent.Contexts;

/// <summary>What was said and done in a session, as the model is told it. A fold: the same steps give the same conversation.</summary>
internal sealed class Conversation
{
    /// <summary>Replies, with all that came after them, that are kept word for word.</summary>
    private const int LastExchanges = 2;

    /// <summary>Results that are shorter than this are not worth a summary.</summary>
    private const int WorthSummary = 300;

    private readonly List<Turn> _turns = [];
    private readonly List<RulesFile> _rules = [];
    private int _turnsAtCompaction = -1;

    /// <summary>The turns, in order.</summary>
    public IReadOnlyList<Turn> Turns => _turns;

    /// <summary>Rules of the project that hold for what was touched so far, the nearest last.</summary>
    public IReadOnlyList<RulesFile> Rules => _rules;

    /// <summary>The plan, as text; empty when there is none.</summary>
    public string Plan { get; set; } = "";

    /// <summary>Open test failures; empty when there are none.</summary>
    public string OpenFailures { get; set; } = "";

    /// <summary>The change so far, a line for each file; empty when there is none.</summary>
    public string ChangeSummary { get; set; } = "";

    /// <summary>Whether something was left out of what is sent.</summary>
    public bool IsCompacted => _turnsAtCompaction >= 0;

    /// <summary>Adds a turn.</summary>
    public void Add(Turn turn) => _turns.Add(turn);

    /// <summary>Adds rules that were not known.</summary>
    public void AddRules(IEnumerable<RulesFile> files)
    {
        _rules.AddRange(files.Where(f => _rules.All(known => known.Path != f.Path)));
        _rules.Sort((a, b) => a.Path.Count('/').CompareTo(b.Path.Count('/')) is not 0 and var depth ? depth : string.CompareOrdinal(a.Path, b.Path));
    }

    /// <summary>The work was cut off: calls without a result get one, because many models take no history with an open call.</summary>
    public void CloseCalls()
    {
        var answered = _turns.OfType<ResultTurn>().Select(r => r.CallId).ToHashSet(StringComparer.Ordinal);
        foreach (var open in _turns.OfType<ReplyTurn>().SelectMany(r => r.Calls).Where(c => !answered.Contains(c.Id)).ToList())
        {
            _turns.Add(new ResultTurn(open.Id, open.Call.Tool, "Not done: the work was stopped here.", ""));
        }
    }

    /// <summary>
    /// Makes room: first the oldest results and long arguments become summaries, then, with <paramref name="deep"/>, whole older exchanges become a line each.
    /// Requests, notes on open failures and the last exchanges stay word for word. False when nothing new came since the last time, or nothing is left
    /// to shorten.
    /// </summary>
    /// <param name="deep">Whether exchanges themselves may go.</param>
    public bool Compact(bool deep)
    {
        if (!deep && _turns.Count == _turnsAtCompaction)
        {
            return false;
        }

        var until = KeptFrom();
        var changed = deep ? Digest(until) : Shorten(until);
        if (changed)
        {
            _turnsAtCompaction = _turns.Count;
        }

        return changed;
    }

    /// <summary>Index of the first turn that is kept word for word.</summary>
    private int KeptFrom()
    {
        var replies = 0;
        for (var i = _turns.Count - 1; i >= 0; i--)
        {
            if (_turns[i] is ReplyTurn && ++replies == LastExchanges)
            {
                return i;
            }
        }

        return 0;
    }

    private bool Shorten(int until)
    {
        var changed = false;
        for (var i = 0; i < until; i++)
        {
            var turn = _turns[i] switch
            {
                ResultTurn { Compacted: false, Text.Length: > WorthSummary } result => result with { Text = Summary(result), Compacted = true },
                ReplyTurn reply when reply.Calls.Any(c => c.Call.Arguments.Length > WorthSummary) => reply with { Calls = [.. reply.Calls.Select(Shortened)] },
                PromptTurn { Map.Length: > 0 } prompt when _turns.Skip(i + 1).Take(until - i - 1).OfType<PromptTurn>().Any() => prompt with { Map = "" },
                var same => same,
            };
            changed |= !ReferenceEquals(turn, _turns[i]);
            _turns[i] = turn;
        }

        return changed;
    }

    /// <summary>Older exchanges as a line for each call; requests stay.</summary>
    private bool Digest(int until)
    {
        var kept = new List<Turn>();
        var lines = new StringBuilder();
        var digested = 0;
        for (var i = 0; i < until; i++)
        {
            switch (_turns[i])
            {
                case DigestTurn earlier:
                    lines.Append(earlier.Text);
                    break;
                case ReplyTurn reply:
                    digested++;
                    if (reply.Statement.Length > 0)
                    {
                        lines.AppendLine($"- you said: {OneLine(reply.Statement, 200)}");
                    }

                    break;
                case ResultTurn result:
                    digested++;
                    lines.AppendLine($"- {result.Tool}: {OneLine(result.Text, 120)} (handle {result.Handle})");
                    break;
                case NoteTurn note when note.Name != "test failures":
                    digested++;
                    break;
                default:
                    if (lines.Length > 0)
                    {
                        kept.Add(new DigestTurn(lines.ToString()));
                        lines.Clear();
                    }

                    kept.Add(_turns[i]);
                    break;
            }
        }

        if (digested == 0)
        {
            return false;
        }

        if (lines.Length > 0)
        {
            kept.Add(new DigestTurn(lines.ToString()));
        }

        _turns.RemoveRange(0, until);
        _turns.InsertRange(0, kept);
        return true;
    }

    private static MadeCall Shortened(MadeCall made) => made.Call.Arguments.Length > WorthSummary
        ? made with { Call = made.Call with { Arguments = string.Create(CultureInfo.InvariantCulture, $"{{\"left_out\":\"arguments of {made.Call.Arguments.Length} characters\"}}") } }
        : made;

    private static string Summary(ResultTurn result) => string.Create(
        CultureInfo.InvariantCulture,
        $"[{result.Text.Count('\n') + 1} lines left out to save room; read them again with read_output, handle {result.Handle}. They begin: {OneLine(result.Text, 120)}]");

    private static string OneLine(string text, int most)
    {
        var line = text.ReplaceLineEndings(" ").Trim();
        return line.Length > most ? line[..(char.IsHighSurrogate(line[most - 1]) ? most - 1 : most)] + "…" : line;
    }
}
