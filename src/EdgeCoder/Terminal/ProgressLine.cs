using System.Globalization;

namespace EdgeCoder.Terminal;

/// <summary>
/// One line that says what is going on and for how long, redrawn in place on a terminal. Elsewhere each new message is one plain line,
/// so that a log shows the same. Whoever prints something else erases the line first.
/// </summary>
internal sealed class ProgressLine : IDisposable
{
    private const string Frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);
    private readonly Lock _gate = new();
    private readonly TextWriter _writer;
    private readonly TimeProvider _time;
    private readonly ITimer? _timer;
    private readonly Func<int> _width;
    private string? _message;
    private long _since;
    private int _frame;
    private bool _drawn;
    private long _erased;

    /// <summary>Starts with nothing to say.</summary>
    /// <param name="writer">The terminal's error stream, so that redirected output stays clean.</param>
    /// <param name="redraw">Whether it is a terminal that understands cursor movement.</param>
    /// <param name="time">Clock.</param>
    /// <param name="width">Columns now; the window may change.</param>
    public ProgressLine(TextWriter writer, bool redraw, TimeProvider time, Func<int> width)
    {
        (_writer, _time, _width) = (writer, time, width);
        if (redraw)
        {
            _timer = time.CreateTimer(_ => Draw(), null, Pace, Pace);
        }
    }

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
            if (_timer is null)
            {
                _writer.WriteLine("· " + SafeText.ForTerminal(message));
            }
        }
    }

    /// <summary>Makes room for other text, for one beat at least. The line comes back by itself until <see cref="Clear"/>.</summary>
    public void Erase()
    {
        lock (_gate)
        {
            _erased = _time.GetTimestamp();
            if (_drawn)
            {
                _writer.Write("\r\u001b[K");
                _writer.Flush();
                _drawn = false;
            }
        }
    }

    /// <summary>Nothing goes on any more.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _message = null;
            Erase();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        Clear();
    }

    private void Draw()
    {
        lock (_gate)
        {
            // A beat that came between erasing and the text that follows would stand in front of that text.
            if (_message is null || (_erased != 0 && _time.GetElapsedTime(_erased) < Pace))
            {
                return;
            }

            _frame = (_frame + 1) % Frames.Length;
            var seconds = _time.GetElapsedTime(_since).TotalSeconds;
            var text = SafeText.ForTerminal(_message).ReplaceLineEndings(" ");
            var took = seconds >= 1 ? string.Create(CultureInfo.InvariantCulture, $" {seconds:0} s") : "";
            var room = Math.Max(0, _width() - 4 - took.Length);
            _writer.Write($"\r\u001b[K{Frames[_frame]} {(text.Length > room ? text[..room] : text)}{took}");
            _writer.Flush();
            _drawn = true;
        }
    }
}
