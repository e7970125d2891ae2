using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeCoder.Agent.Replies;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Calls;

/// <summary>
/// Tells the tool calls and plans of a reply from the text that a person sees, as the text arrives. Thinking must be removed before.
/// A call is a fenced block tagged <c>tool_call</c>, a <c>&lt;tool_call&gt;</c> element, or a search/replace block; nothing of one is ever visible, a block
/// that is cut off included. Where a line could still begin one, it is held back. The text may be cut anywhere: the outcome is the same.
/// </summary>
internal sealed partial class ReplyScanner(Action<string> visible)
{
    private static readonly HashSet<string> CallTags = ["tool_call", "tool_calls", "toolcall", "tool-call", "tool_use", "function_call"];

    private readonly List<RequestedCall> _calls = [];
    private readonly List<string> _plans = [];
    private readonly StringBuilder _line = new();
    private readonly StringBuilder _held = new();
    private readonly StringBuilder _content = new();
    private State _state;
    private Fence? _fence;
    private string? _path;
    private string _search = "";
    private int _lines;
    private bool _partial;

    private enum State
    {
        /// <summary>Ordinary text.</summary>
        Text,

        /// <summary>An ordinary block; visible.</summary>
        Block,

        /// <summary>The beginning of a block that may hold edits, held back.</summary>
        MaybeEdits,

        /// <summary>A block of JSON that may be a call, held back.</summary>
        MaybeCall,

        /// <summary>A call.</summary>
        Call,

        /// <summary>A call as an element.</summary>
        Element,

        /// <summary>A plan.</summary>
        Plan,

        /// <summary>The old text of an edit.</summary>
        Search,

        /// <summary>The new text of an edit.</summary>
        Replace,

        /// <summary>Between the edits of one block.</summary>
        Edits,
    }

    /// <summary>The calls so far, in order.</summary>
    public IReadOnlyList<RequestedCall> Calls => _calls;

    /// <summary>The texts of plans so far.</summary>
    public IReadOnlyList<string> Plans => _plans;

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
        ShowEarly();
    }

    /// <summary>The reply is at its end.</summary>
    public void Finish()
    {
        if (_line.Length > 0)
        {
            EndLine();
        }

        switch (_state)
        {
            case State.Call or State.Element:
                _calls.AddRange(CallText.Read(_content.ToString()));
                break;
            case State.MaybeCall:
                CloseMaybeCall();
                break;
            case State.Plan:
                _plans.Add(_content.ToString());
                break;
            case State.Search or State.Replace:
                _calls.Add(new("edit_file", "", "The edit has no end: a search/replace block ends with a line >>>>>>> REPLACE."));
                break;
            default:
                break;
        }

        Release();
        _state = State.Text;
    }

    /// <summary>Shows the beginning of a line that can be nothing but text, so that prose arrives as it is written.</summary>
    private void ShowEarly()
    {
        if (_line.Length == 0 || _state is not (State.Text or State.Block))
        {
            return;
        }

        if (!_partial)
        {
            var line = _line.ToString();
            var text = line.AsSpan().TrimStart();
            var word = text.IndexOfAny(' ', '\t');
            if (word <= 0 || !char.IsLetter(text[0]) || text.IndexOfAny("`~<") >= 0 || text[word..].Trim().Length == 0)
            {
                return;
            }

            _partial = true;
            Release();
        }

        // A mark may begin here; its line is read when it is whole.
        var mark = IndexOf(_line, '<');
        var safe = mark < 0 ? _line.Length : mark;
        visible(_line.ToString(0, safe));
        _line.Remove(0, safe);
    }

    private void EndLine()
    {
        var line = _line.ToString();
        _line.Clear();
        if (_partial)
        {
            _partial = false;
            if (_state != State.Text || !ReadInline(line))
            {
                visible(line);
            }

            return;
        }

        Read(line);
    }

    private void Read(string line)
    {
        switch (_state)
        {
            case State.Text:
                ReadText(line);
                break;
            case State.Block:
                visible(line);
                if (Closes(line))
                {
                    _state = State.Text;
                }

                break;
            case State.MaybeEdits:
                ReadMaybeEdits(line);
                break;
            case State.MaybeCall:
                Hold(line, CloseMaybeCall);
                break;
            case State.Call:
                Collect(line, () => _calls.AddRange(CallText.Read(_content.ToString())));
                break;
            case State.Plan:
                Collect(line, () => _plans.Add(_content.ToString()));
                break;
            case State.Element:
                ReadElement(line);
                break;
            case State.Search:
                if (line.TrimEnd() == "=======")
                {
                    _search = _content.ToString();
                    _content.Clear();
                    _state = State.Replace;
                }
                else
                {
                    _content.Append(line);
                }

                break;
            case State.Replace:
                if (ReplaceMark().IsMatch(line))
                {
                    AddEdit();
                }
                else
                {
                    _content.Append(line);
                }

                break;
            case State.Edits:
                ReadBetweenEdits(line);
                break;
        }
    }

    private void ReadText(string line)
    {
        if (SearchMark().IsMatch(line))
        {
            BeginEdit(PathIn(_held.ToString()));
            return;
        }

        if (ReadInline(line))
        {
            return;
        }

        if (Fence.Parse(line) is { } fence && !fence.Info.Contains(fence.Mark))
        {
            BeginBlock(fence, line);
            return;
        }

        if (string.IsNullOrWhiteSpace(line) && _held.Length > 0)
        {
            _held.Append(line);
            return;
        }

        Release();
        if (PathIn(line) is not null)
        {
            _held.Append(line);
            return;
        }

        visible(line);
    }

    /// <summary>Reads a line in which a call begins as an element; in quotes it is none.</summary>
    private bool ReadInline(string line)
    {
        var at = line.IndexOf("<tool_call>", StringComparison.OrdinalIgnoreCase);
        if (at < 0 || (at > 0 && line[at - 1] is '`' or '"' or '\''))
        {
            return false;
        }

        Release();
        if (!string.IsNullOrWhiteSpace(line[..at]))
        {
            visible(line[..at]);
        }

        _content.Clear();
        _state = State.Element;
        ReadElement(line[(at + "<tool_call>".Length)..]);
        return true;
    }

    private static int IndexOf(StringBuilder text, char mark)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == mark)
            {
                return i;
            }
        }

        return -1;
    }

    private void BeginBlock(Fence fence, string line)
    {
        var tag = fence.Info.Split((char[])[' ', '\t', '{', ':'], 2)[0].ToLowerInvariant();
        _fence = fence;
        _content.Clear();
        _lines = 0;
        if (CallTags.Contains(tag) || tag == "plan")
        {
            Release();
            _state = tag == "plan" ? State.Plan : State.Call;
            return;
        }

        _path = PathIn(_held.ToString());
        _held.Append(line);
        _state = tag is "json" ? State.MaybeCall : State.MaybeEdits;
    }

    private void ReadMaybeEdits(string line)
    {
        if (SearchMark().IsMatch(line))
        {
            BeginEdit(PathIn(_content.ToString()) ?? _path);
            return;
        }

        _held.Append(line);
        if (Closes(line))
        {
            Release();
            _state = State.Text;
            return;
        }

        _content.Append(line);
        // The first line of a block may name the file.
        if (++_lines > 1 || PathIn(line) is null)
        {
            Release();
            _state = State.Block;
        }
    }

    private void ReadBetweenEdits(string line)
    {
        if (SearchMark().IsMatch(line))
        {
            BeginEdit(PathIn(_held.ToString()) ?? _path);
        }
        else if (_fence is not null && Closes(line))
        {
            _held.Clear();
            _fence = null;
            _state = State.Text;
        }
        else if (!string.IsNullOrWhiteSpace(line))
        {
            _held.Clear();
            _held.Append(line);
        }
    }

    private void ReadElement(string line)
    {
        var end = line.IndexOf("</tool_call>", StringComparison.OrdinalIgnoreCase);
        if (end < 0)
        {
            _content.Append(line);
            return;
        }

        _content.Append(line, 0, end);
        _calls.AddRange(CallText.Read(_content.ToString()));
        _content.Clear();
        _state = State.Text;
        var rest = line[(end + "</tool_call>".Length)..];
        if (!string.IsNullOrWhiteSpace(rest))
        {
            ReadText(rest);
        }
    }

    private void BeginEdit(string? path)
    {
        _held.Clear();
        _content.Clear();
        _path = path;
        _state = State.Search;
    }

    private void AddEdit()
    {
        var replace = _content.ToString();
        _content.Clear();
        _state = _fence is null ? State.Text : State.Edits;
        if (_path is null)
        {
            _calls.Add(new("edit_file", "", "The edit names no file: write the path alone on the line above <<<<<<< SEARCH."));
            return;
        }

        _calls.Add(string.IsNullOrWhiteSpace(_search)
            ? new("write_file", Json(("path", _path), ("content", replace)))
            : new("edit_file", Json(("path", _path), ("old_string", _search), ("new_string", replace))));
    }

    /// <summary>A block of JSON is a call only when it has the whole shape of one; anything else is an example in the answer.</summary>
    private void CloseMaybeCall()
    {
        if (SafeRepair.Read(_content.ToString(), out _) is { ValueKind: JsonValueKind.Object } value && CallText.IsCall(value) && value.EnumerateObject().Count() == 2)
        {
            _held.Clear();
            _calls.AddRange(CallText.Read(_content.ToString()));
        }
        else
        {
            Release();
        }

        _state = State.Text;
    }

    private void Hold(string line, Action close)
    {
        _held.Append(line);
        if (Closes(line))
        {
            close();
        }
        else
        {
            _content.Append(line);
        }
    }

    private void Collect(string line, Action close)
    {
        if (Closes(line))
        {
            close();
            _content.Clear();
            _fence = null;
            _state = State.Text;
        }
        else
        {
            _content.Append(line);
        }
    }

    private bool Closes(string line) => _fence is { } open && Fence.Parse(line)?.Closes(open) == true;

    private void Release()
    {
        if (_held.Length > 0)
        {
            visible(_held.ToString());
            _held.Clear();
        }
    }

    /// <summary>The path that a line is, when it is nothing else: <c>src/a.py</c>, <c>**a.py**</c>, <c>### `a.py`</c>, <c>File: a.py</c>.</summary>
    private static string? PathIn(string text)
    {
        var line = text.Trim().Split('\n').LastOrDefault(l => l.Trim().Length > 0 && Fence.Parse(l) is null)?.Trim() ?? "";
        var bare = line.Trim('#', '*', '`', ':', ' ', '"', '\'');
        bare = bare.StartsWith("File:", StringComparison.OrdinalIgnoreCase) ? bare[5..].Trim('`', ' ', '*') : bare;
        return PathText().IsMatch(bare) ? bare : null;
    }

    private static string Json(params IReadOnlyList<(string Name, string Value)> members)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in members)
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    [GeneratedRegex(@"^<{7} ?SEARCH\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex SearchMark();

    [GeneratedRegex(@"^>{7} ?REPLACE\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex ReplaceMark();

    [GeneratedRegex(@"^[^\s<>|""*?:]*[./\\][^\s<>|""*?:]*$|^(Makefile|Dockerfile|LICENSE|README)$", RegexOptions.CultureInvariant)]
    private static partial Regex PathText();
}
