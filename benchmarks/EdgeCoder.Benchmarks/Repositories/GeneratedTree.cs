using System.Globalization;
using System.Text;

namespace EdgeCoder.Benchmarks.Repositories;

/// <summary>A tree of source files that looks like a project: four languages, names of the same size as real ones, references between files. The same each time.</summary>
internal sealed class GeneratedTree : IDisposable
{
    private static readonly string[] Verbs = ["parse", "read", "write", "load", "store", "merge", "split", "check", "format", "resolve", "update", "render", "encode", "decode", "collect", "filter"];
    private static readonly string[] Nouns = ["date", "order", "account", "ledger", "token", "packet", "route", "record", "buffer", "index", "branch", "report", "invoice", "session", "policy", "window"];

    private readonly Random _random = new(20_261_123);
    private readonly int _files;

    public GeneratedTree(int files, int bytesEach)
    {
        _files = files;
        Path = Directory.CreateTempSubdirectory("edgecoder-tree-").FullName;
        for (var i = 0; i < files; i++)
        {
            var (ending, text) = (i % 4) switch
            {
                0 => (".py", Source(i, bytesEach, "def {0}({1}, {2}):\n    # handles the {1} of one {2}\n    result = {3}({1})\n    if result is None:\n        raise ValueError(\"no {1}: '%s'\" % {2})\n    return result + {4}\n\n")),
                1 => (".ts", Source(i, bytesEach, "export function {0}({1}: number, {2}: string): number {{\n  // handles the {1} of one {2}\n  const result = {3}({1});\n  if (result === undefined) {{\n    throw new Error(`no {1}: ${{{2}}}`);\n  }}\n  return result + {4};\n}}\n\n")),
                2 => (".go", Source(i, bytesEach, "func {0}({1} int, {2} string) (int, error) {{\n\t// handles the {1} of one {2}\n\tresult, err := {3}({1})\n\tif err != nil {{\n\t\treturn 0, fmt.Errorf(\"no {1}: %w\", err)\n\t}}\n\treturn result + {4}, nil\n}}\n\n")),
                _ => (".cs", Source(i, bytesEach, "    public static int {0}(int {1}, string {2})\n    {{\n        // handles the {1} of one {2}\n        var result = {3}({1});\n        if (result < 0)\n        {{\n            throw new ArgumentException($\"no {1}: {{{2}}}\");\n        }}\n\n        return result + {4};\n    }}\n\n")),
            };
            var directory = System.IO.Path.Combine(Path, $"area{i % 37}", $"part{i % 11}");
            Directory.CreateDirectory(directory);
            File.WriteAllText(System.IO.Path.Combine(directory, $"{Nouns[i % Nouns.Length]}_{i}{ending}"), text);
            Bytes += text.Length;
        }
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Size of all files.</summary>
    public long Bytes { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private string Source(int file, int bytes, string function)
    {
        var text = new StringBuilder();
        for (var i = 0; text.Length < bytes; i++)
        {
            text.AppendFormat(CultureInfo.InvariantCulture, function, Name(file, i), Noun(), Noun(), Name(_random.Next(_files), _random.Next(10)), _random.Next(10_000));
        }

        return text.ToString();
    }

    private string Noun() => Nouns[_random.Next(Nouns.Length)];

    private static string Name(int file, int function) => $"{Verbs[(file + function) % Verbs.Length]}_{Nouns[file % Nouns.Length]}_{file}_{function}";
}
