using System.Text;
using System.Text.Json;

namespace EdgeCoder.TestKit.Models;

/// <summary>What a server does with a prompt that is longer than its window.</summary>
public enum PromptCut
{
    /// <summary>Says that the prompt is too long, with status 400.</summary>
    Refuses,

    /// <summary>Silently forgets the start, as most servers do.</summary>
    LosesHead,

    /// <summary>Silently forgets what stands between its start and its end, as a context shift does.</summary>
    LosesMiddle,

    /// <summary>Silently forgets the end.</summary>
    LosesTail,
}

/// <summary>Which number of prompt tokens a server reports.</summary>
public enum CountReport
{
    /// <summary>Tokens that the model read.</summary>
    Read,

    /// <summary>Tokens that were sent, whatever was cut: a lie that only needles find.</summary>
    Sent,

    /// <summary>Nothing.</summary>
    Nothing,
}

/// <summary>
/// A model behind a scripted server. It reads the prompt through its own tokenizer and window, and answers from what is left of it,
/// so that a server which cuts prompts really loses what stood there.
/// </summary>
public sealed class ScriptedModel
{
    /// <summary>Exact id.</summary>
    public required string Id { get; init; }

    /// <summary>Tokens that the model really reads, whatever it is asked for.</summary>
    public int Window { get; set; } = 32768;

    /// <summary>What happens beyond <see cref="Window"/>.</summary>
    public PromptCut Cut { get; set; } = PromptCut.Refuses;

    /// <summary>Reads only this share of the window that the request asks for; 0.5 is a server that splits its context between two slots.</summary>
    public double ShareOfAskedWindow { get; set; } = 1;

    /// <summary>What it reports.</summary>
    public CountReport Reports { get; set; } = CountReport.Read;

    /// <summary>Answer to what it could read. By default it follows the instructions of a context preflight, and says "ok" to anything else.</summary>
    public Func<string, string> Answer { get; set; } = NeedleReader.Answer;

    /// <summary>Answers in turn, with calls of tools; null: <see cref="Answer"/> answers. Being asked more often than it foresees is answered with the last one again.</summary>
    public Queue<ScriptedTurn>? Turns { get; set; }

    /// <summary>Answers from a whole request of the chat API, its tools included; null, or an answer that is null: <see cref="Turns"/> and <see cref="Answer"/> answer.</summary>
    public Func<JsonElement, ScriptedTurn?>? Acts { get; init; }

    /// <summary>Which prompts <see cref="Turns"/> answer; a preflight is answered from what it asks. By default all of them.</summary>
    public Func<string, bool> IsScripted { get; init; } = _ => true;

    /// <summary>The next turn; null when <see cref="Answer"/> answers.</summary>
    public ScriptedTurn? NextTurn()
    {
        lock (_gate)
        {
            return Turns is null or { Count: 0 } ? null : Turns.Count > 1 ? Turns.Dequeue() : Turns.Peek();
        }
    }

    private readonly Lock _gate = new();

    /// <summary>Digest of its weights.</summary>
    public string Digest { get; init; } = new('d', 64);

    /// <summary>Size of its weights, in bytes.</summary>
    public long SizeBytes { get; init; } = 1_000_000;

    /// <summary>Host that really serves it, for a model that a local Ollama only passes on.</summary>
    public string? RemoteHost { get; init; }

    /// <summary>What it can do, in Ollama's words.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = ["completion", "tools"];

    /// <summary>What goes wrong, and when.</summary>
    public ScriptedFault? Fault { get; set; }

    /// <summary>Tokens of a text with this model's own tokenizer: runs of up to five letters, single digits, punctuation, and runs of white space.</summary>
    public static IReadOnlyList<string> Tokenize(string text)
    {
        var tokens = new List<string>();
        var start = 0;
        for (var i = 1; i <= text.Length; i++)
        {
            if (i == text.Length || i - start == 5 || !Joins(text[i - 1], text[i]))
            {
                tokens.Add(text[start..i]);
                start = i;
            }
        }

        return tokens;
    }

    /// <summary>Its embedding of a text: the number of characters, and a constant.</summary>
    public static float[] Embed(string text) => [text.Length, 0.5f];

    /// <summary>Reads a prompt as far as the window goes. Null when it refuses.</summary>
    public PromptReading? Read(string prompt, int? askedWindow)
    {
        var tokens = Tokenize(prompt);
        var window = Math.Min(Window, askedWindow is { } asked ? (int)(asked * ShareOfAskedWindow) : Window);
        if (tokens.Count <= window)
        {
            return new(prompt, tokens.Count, tokens.Count);
        }

        var kept = Cut switch
        {
            PromptCut.LosesHead => tokens.Skip(tokens.Count - window),
            PromptCut.LosesTail => tokens.Take(window),
            PromptCut.LosesMiddle => tokens.Take(window / 2).Concat(tokens.Skip(tokens.Count - (window - (window / 2)))),
            _ => null,
        };
        return kept is null ? null : new(string.Concat(kept), window, tokens.Count);
    }

    private static bool Joins(char a, char b) =>
        (char.IsAsciiLetter(a) && char.IsAsciiLetter(b)) || (char.IsWhiteSpace(a) && char.IsWhiteSpace(b)) || char.IsSurrogatePair(a, b);
}

/// <summary>What a model read of a prompt.</summary>
/// <param name="Text">The text that is left.</param>
/// <param name="Read">Tokens of it.</param>
/// <param name="Sent">Tokens of the whole prompt.</param>
public sealed record PromptReading(string Text, int Read, int Sent);

/// <summary>Something that goes wrong during a call.</summary>
public sealed record ScriptedFault
{
    /// <summary>Answers with this status instead of the model's words.</summary>
    public int? Status { get; init; }

    /// <summary>Body that goes with <see cref="Status"/>, or message of an error in mid-stream.</summary>
    public string Message { get; init; } = "the model runner has unexpectedly stopped";

    /// <summary>Target of a redirect, with <see cref="Status"/> 307.</summary>
    public string? Location { get; init; }

    /// <summary>Sends an error in the stream after so many pieces.</summary>
    public int? ErrorAfterPieces { get; init; }

    /// <summary>Cuts the connection after so many pieces.</summary>
    public int? CutAfterPieces { get; init; }

    /// <summary>Ends the body cleanly, but without its last record, after so many pieces.</summary>
    public int? EndAfterPieces { get; init; }

    /// <summary>Waits for this before the piece with index <see cref="WaitBeforePiece"/>.</summary>
    public Task? WaitFor { get; init; }

    /// <summary>Index of the piece, from 0, that waits.</summary>
    public int WaitBeforePiece { get; init; }
}

/// <summary>What a scripted model answers by default: the code words that it could still read.</summary>
public static class NeedleReader
{
    /// <summary>Gives every word that stands after "code word is", in order; "ok" when there is none.</summary>
    public static string Answer(string prompt)
    {
        const string Mark = "code word is ";
        var answer = new StringBuilder();
        for (var at = prompt.IndexOf(Mark, StringComparison.Ordinal); at >= 0; at = prompt.IndexOf(Mark, at + 1, StringComparison.Ordinal))
        {
            var end = prompt.IndexOfAny([' ', '.', '\n'], at + Mark.Length);
            answer.Append(prompt[(at + Mark.Length)..(end < 0 ? prompt.Length : end)]).Append(' ');
        }

        return answer.Length == 0 ? "ok" : answer.ToString();
    }
}
