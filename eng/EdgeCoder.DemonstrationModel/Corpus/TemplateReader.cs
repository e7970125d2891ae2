using System.Text.Json;

namespace EdgeCoder.Training.Corpus;

/// <summary>
/// Reads the template files. A template is a head line <c>name(a, b)</c>, optionally <c>each TABLE</c>, then lines that start with
/// <c>v n q t</c> (ways to ask, separated by <c>|</c>), <c>how</c>, <c>py</c>, <c>js</c>, and <c>in</c> (argument lists) or <c>in1</c> (single arguments).
/// A table is <c>table NAME</c> and rows <c>id ; what ; py ; js</c>.
/// </summary>
internal static class TemplateReader
{
    /// <summary>Reads one file. Throws <see cref="FormatException"/> with the line's number when a line is not understood.</summary>
    public static IReadOnlyList<Template> Read(IReadOnlyList<string> lines)
    {
        var tables = new Dictionary<string, List<string[]>>(StringComparer.Ordinal);
        var templates = new List<Template>();
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].Length == 0 || lines[i][0] == '#')
            {
                continue;
            }

            var start = i;
            while (i < lines.Count && lines[i].Length > 0)
            {
                i++;
            }

            var block = lines.Skip(start).Take(i - start).ToList();
            try
            {
                if (block[0].StartsWith("table ", StringComparison.Ordinal))
                {
                    tables.Add(block[0][6..], [.. block.Skip(1).Select(row => row.Split(" ; "))]);
                }
                else
                {
                    templates.AddRange(ReadBlock(block, tables));
                }
            }
            catch (Exception e) when (e is FormatException or JsonException or KeyNotFoundException or IndexOutOfRangeException)
            {
                throw new FormatException($"Template at line {start + 1} ({block[0]}): {e.Message}", e);
            }
        }

        return templates;
    }

    private static IEnumerable<Template> ReadBlock(List<string> block, Dictionary<string, List<string[]>> tables)
    {
        var head = block[0].Split(" each ");
        if (head.Length == 1)
        {
            return [ReadOne(block)];
        }

        return tables[head[1]].Select(row => ReadOne(
        [
            .. block.Select((line, i) => (i == 0 ? head[0] : line)
                .Replace("$id", row[0], StringComparison.Ordinal).Replace("$what", row[1], StringComparison.Ordinal)
                .Replace("$py", row[2], StringComparison.Ordinal).Replace("$js", row[3], StringComparison.Ordinal)),
        ]));
    }

    private static Template ReadOne(List<string> block)
    {
        var open = block[0].IndexOf('(', StringComparison.Ordinal);
        if (open < 0 || !block[0].EndsWith(')'))
        {
            throw new FormatException("the head line must be name(parameters)");
        }

        var sayings = new List<Saying>();
        var python = new List<string>();
        var javaScript = new List<string>();
        List<JsonElement> inputs = [];
        var how = "";
        foreach (var line in block.Skip(1))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var (key, rest) = (line[..space], line[(space + 1)..]);
            switch (key)
            {
                case "v": sayings.AddRange(Split(SayingForm.Verb, rest)); break;
                case "n": sayings.AddRange(Split(SayingForm.Noun, rest)); break;
                case "q": sayings.AddRange(Split(SayingForm.Question, rest)); break;
                case "t": sayings.AddRange(Split(SayingForm.Title, rest)); break;
                case "how": how = rest; break;
                case "py": python.Add(rest); break;
                case "js": javaScript.Add(rest); break;
                case "in": inputs = [.. JsonElements(rest)]; break;
                case "in1": inputs = [.. JsonElements(rest).Select(one => JsonSerializer.SerializeToElement(new[] { one }))]; break;
                default: throw new FormatException($"unknown line '{key}'");
            }
        }

        if (sayings.Count == 0 || how.Length == 0 || python.Count == 0 || javaScript.Count == 0 || inputs.Count < 3)
        {
            throw new FormatException("a template needs sayings, how, py, js and at least three inputs");
        }

        return new Template
        {
            Name = block[0][..open],
            Parameters = block[0][(open + 1)..^1].Split(", "),
            Sayings = sayings,
            How = how,
            Python = python,
            JavaScript = javaScript,
            Inputs = inputs,
        };
    }

    private static IEnumerable<Saying> Split(SayingForm form, string rest) => rest.Split(" | ").Select(text => new Saying(form, text));

    private static IEnumerable<JsonElement> JsonElements(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(element => element.Clone())];
    }
}
