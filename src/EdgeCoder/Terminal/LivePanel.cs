using System.Globalization;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Terminal;

/// <summary>
/// The lines at the bottom of a terminal that say what goes on: the text that is being written, the plan, what is done now and for how long. They are
/// redrawn in place; whoever prints something else pauses them. Where nothing can be redrawn, each new message is one plain line.
/// </summary>
internal sealed class LivePanel : IDisposable
{
    private const string Frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
    private const int MostSteps = 8;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);
    private readonly Lock _gate = new();
    private readonly TextWriter _writer;
    private readonly TimeProvider _time;
    private readonly ITimer? _timer;
    private readonly Func<int> _width;
    private IReadOnlyList<PlanStep> _plan = [];
    private string? _message;
    private string _text = "";
    private string _counts = "";
    private long _since;
    private int _frame;
    private int _drawn;
    private int _pauses;

    /// <summary>Starts with nothing to say.</summary>
    /// <param name="writer">The terminal's error stream, so that redirected output stays clean.</param>
    /// <param name="redraw">Whether it is a terminal that understands cursor movement.</param>
    /// <param name="time">Clock.</param>
    /// <param name="width">Columns now; the window may change.</param>
    public LivePanel(TextWriter writer, bool redraw, TimeProvider time, Func<int> width)
    {
        (_writer, _time, _width, Redraws) = (writer, time, width, redraw);
        if (redraw)
        {
            _timer = time.CreateTimer(_ => Draw(), null, Pace, Pace);
        }
    }

    /// <summary>Whether lines are redrawn in place.</summary>
    public bool Redraws { get; }

    /// <summary>Columns now.</summary>
    public int Width => _width();

    /// <summary>Says what goes on now.</summary>
    public void Show(string message)
    {
        lock (_gate)
        {
            if (_message == message)
            {
                return;
            }

            _message = message;
            _since = _time.GetTimestamp();
            if (!Redraws)
            {
                _writer.WriteLine("· " + SafeText.ForTerminal(message).ReplaceLineEndings(" "));
            }
        }
    }

    /// <summary>The plan as it stands.</summary>
    public void ShowPlan(IReadOnlyList<PlanStep> plan)
    {
        lock (_gate)
        {
            _plan = plan;
        }
    }

    /// <summary>The line of text that has begun; it is safe already.</summary>
    public void ShowText(string text)
    {
        lock (_gate)
        {
            _text = text;
        }
    }

    /// <summary>What it took so far.</summary>
    public void ShowCounts(string counts)
    {
        lock (_gate)
        {
            _counts = counts;
        }
    }

    private void Erase()
    {
        lock (_gate)
        {
            if (_drawn > 0)
            {
                _writer.Write(_drawn > 1 ? string.Create(CultureInfo.InvariantCulture, $"\r\u001b[{_drawn - 1}A\u001b[J") : "\r\u001b[J");
                _writer.Flush();
                _drawn = 0;
            }
        }
    }

    /// <summary>Stays away until <see cref="Resume"/>: a person is asked, or something is printed that must not be drawn over.</summary>
    public void Pause()
    {
        lock (_gate)
        {
            _pauses++;
            Erase();
        }
    }

    /// <summary>Ends one <see cref="Pause"/>.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            _pauses--;
        }
    }

    /// <summary>Nothing goes on any more.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            (_message, _text, _counts, _plan) = (null, "", "", []);
            Erase();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        Clear();
    }

    /// <summary>The lines, each no wider than <paramref name="width"/>.</summary>
    internal static IEnumerable<string> Lines(IReadOnlyList<PlanStep> plan, string text, string message, string counts, int width)
    {
        if (text.Length > 0)
        {
            yield return TextColumns.Cut(text, width);
        }

        // Around the step that is being done; the others are above in the scroll.
        var at = plan.TakeWhile(step => step.Status is PlanStepStatus.Completed or PlanStepStatus.Failed).Count();
        var first = Math.Clamp(at - 2, 0, Math.Max(0, plan.Count - MostSteps));
        foreach (var step in plan.Skip(first).Take(MostSteps))
        {
            yield return TextColumns.Cut(PlanLine.Of(step), width);
        }

        var room = counts.Length == 0 ? 0 : TextColumns.Of(counts) + 3;
        yield return room > 0 && room + 12 <= width ? $"{TextColumns.Cut(message, width - room)} · {counts}" : TextColumns.Cut(message, width);
    }

    private void Draw()
    {
        lock (_gate)
        {
            if (_message is null || _pauses > 0)
            {
                return;
            }

            Erase();
            _frame = (_frame + 1) % Frames.Length;
            var seconds = _time.GetElapsedTime(_since).TotalSeconds;
            var took = seconds >= 1 ? string.Create(CultureInfo.InvariantCulture, $" {seconds:0} s") : "";
            var message = $"{Frames[_frame]} {SafeText.ForTerminal(_message).ReplaceLineEndings(" ")}{took}";
            var lines = Lines(_plan, _text, message, _counts, Math.Max(1, _width() - 1)).ToArray();
            _writer.Write(string.Join("\r\n", lines));
            _writer.Flush();
            _drawn = lines.Length;
        }
    }
}
