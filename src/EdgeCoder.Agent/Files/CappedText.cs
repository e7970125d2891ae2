using System.Text;

namespace EdgeCoder.Agent.Files;

/// <summary>Collects a tool's result up to its cap, in bytes of UTF-8 (agent-executor-models 2.3).</summary>
internal sealed class CappedText(int cap = CappedText.Usual)
{
    /// <summary>The cap of every tool that says nothing else: 64 KiB.</summary>
    public const int Usual = 64 << 10;

    /// <summary>Room that is kept for the note of what was cut.</summary>
    private const int NoteRoom = 512;

    private readonly StringBuilder _text = new();
    private int _bytes;

    /// <summary>Whether a line did not fit.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Adds a line; false when it does not fit, and then no later one is taken either.</summary>
    public bool Add(string line)
    {
        var bytes = Encoding.UTF8.GetByteCount(line) + 1;
        if (IsFull || _bytes + bytes > cap - NoteRoom)
        {
            IsFull = true;
            return false;
        }

        _text.Append(line).Append('\n');
        _bytes += bytes;
        return true;
    }

    /// <summary>Adds the note at the end, for which there is always room.</summary>
    public void Note(string line) => _text.Append(line.Length > NoteRoom / 2 ? line[..(NoteRoom / 2)] : line).Append('\n');

    /// <inheritdoc/>
    public override string ToString() => _text.ToString().TrimEnd('\n');
}
