using System.Text;
using EdgeCoder.Agent.Replies;

namespace EdgeCoder.Agent.Calls;

/// <summary>What a person sees of a reply while it arrives: no thinking, no tool text.</summary>
internal sealed class VisibleText
{
    private readonly ThinkingFilter _thinking = new();
    private readonly ReplyScanner _scanner;
    private readonly StringBuilder _line = new();
    private int _passed;

    /// <summary>Gives what is visible to <paramref name="show"/>.</summary>
    public VisibleText(Action<string> show) => _scanner = new ReplyScanner(show);

    /// <summary>Takes a piece of the reply.</summary>
    public void Feed(string text)
    {
        var start = 0;
        for (var end = text.IndexOf('\n'); end >= 0; end = text.IndexOf('\n', start))
        {
            _line.Append(text, start, end + 1 - start);
            start = end + 1;
            EndLine();
        }

        _line.Append(text, start, text.Length - start);
        PassEarly();
    }

    /// <summary>The reply is at its end.</summary>
    public void Finish()
    {
        EndLine();
        _scanner.Finish();
    }

    /// <summary>A line without a mark of thinking so far is passed on before it ends.</summary>
    private void PassEarly()
    {
        if (_thinking.Thinking)
        {
            return;
        }

        for (var i = _passed; i < _line.Length; i++)
        {
            if (_line[i] == '<')
            {
                return;
            }
        }

        _scanner.Feed(_line.ToString(_passed, _line.Length - _passed));
        _passed = _line.Length;
    }

    private void EndLine()
    {
        if (_line.Length == 0)
        {
            return;
        }

        var kept = _thinking.Read(_line.ToString(), out var cleared);
        _scanner.Feed(cleared ? kept : kept[Math.Min(_passed, kept.Length)..]);
        _line.Clear();
        _passed = 0;
    }
}
