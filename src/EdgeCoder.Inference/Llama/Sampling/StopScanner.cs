using System.Text;

namespace EdgeCoder.Inference.Llama.Sampling;

/// <summary>Finds stop strings in a text that comes in pieces. Text that may be the beginning of one is held back until that is known.</summary>
internal sealed class StopScanner(IReadOnlyList<string> stops)
{
    private readonly StringBuilder _held = new();

    /// <summary>Whether one was found. Nothing is passed on from there.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Takes a piece and gives what may be shown now.</summary>
    public string Push(ReadOnlySpan<char> piece)
    {
        if (Stopped)
        {
            return "";
        }

        if (stops.Count == 0)
        {
            return piece.ToString();
        }

        var text = _held.Append(piece).ToString();
        _held.Clear();
        if (FirstStop(text) is var at and >= 0)
        {
            Stopped = true;
            return text[..at];
        }

        var sure = text.Length - HeldLength(text);
        _held.Append(text, sure, text.Length - sure);
        return text[..sure];
    }

    /// <summary>What was held back, when the text is over.</summary>
    public string Finish()
    {
        var rest = Stopped ? "" : _held.ToString();
        _held.Clear();
        return rest;
    }

    private int FirstStop(string text)
    {
        var first = -1;
        foreach (var stop in stops)
        {
            var at = text.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (first < 0 || at < first))
            {
                first = at;
            }
        }

        return first;
    }

    /// <summary>Length of the longest end of the text that is the beginning of a stop string.</summary>
    private int HeldLength(string text)
    {
        for (var length = Math.Min(text.Length, stops.Max(stop => stop.Length) - 1); length > 0; length--)
        {
            var end = text.AsSpan(text.Length - length);
            foreach (var stop in stops)
            {
                if (stop.AsSpan().StartsWith(end, StringComparison.Ordinal))
                {
                    return length;
                }
            }
        }

        return 0;
    }
}
