using EdgeCoder.Commands;
using EdgeCoder.Executor;

namespace EdgeCoder.Inputs;

/// <summary>The program of <c>exec</c>: files that are read once, the first of which runs, or standard input for <c>-</c>.</summary>
/// <param name="Language">Language of the first file.</param>
/// <param name="Files">The files, with the names that they have inside.</param>
internal sealed record ProgramFiles(SnippetLanguage Language, IReadOnlyList<SnippetFile> Files)
{
    /// <summary>Most bytes of one file: more than the executor takes altogether.</summary>
    public const int MaxBytes = 4 << 20;

    private const string FromInput = "-";

    /// <summary>
    /// Reads the program: 1. its language, 2. the names of its files inside, 3. their text. Throws <see cref="UsageException"/> that says which file it was.
    /// </summary>
    /// <param name="paths">The files, the one that runs first.</param>
    /// <param name="named">Language that was asked for.</param>
    /// <param name="input">Standard input.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<ProgramFiles> ReadAsync(IReadOnlyList<string> paths, string? named, Func<Stream> input, TimeProvider time, CancellationToken cancellationToken)
    {
        // 1.
        var language = LanguageOf(paths[0], named);
        if (paths.Skip(1).FirstOrDefault(path => path == FromInput || LanguageName.OfExtension(path) is { } other && other != language) is { } odd)
        {
            throw odd == FromInput
                ? new UsageException("usage", "Only the first program can come from standard input.")
                : new UsageException("language_mismatch", $"{odd} is in another language than {paths[0]}.", "Give files of one language; data files may have any other extension.");
        }

        // 2.
        var names = paths.Select((path, i) => i == 0 ? MainName(path, language) : NameBeside(paths[0], path)).ToList();
        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new UsageException("duplicate_file", $"Two files would have the name {twice.Key}.", "A file beneath the directory of the first keeps its path, any other one only its name. Rename one.");
        }

        // 3.
        var files = new List<SnippetFile>();
        foreach (var (path, name) in paths.Zip(names))
        {
            var source = new BoundedText("source", path == FromInput ? "The program on standard input" : $"The file {path}", MaxBytes);
            files.Add(new(name, path == FromInput ? await source.ReadAsync(input(), cancellationToken) : await source.ReadFileAsync(path, time, cancellationToken)));
        }

        return string.IsNullOrWhiteSpace(files[0].Text)
            ? throw new UsageException("empty_code", paths[0] == FromInput ? "The program on standard input is empty." : $"The file {paths[0]} is empty: there is nothing to run.")
            : new(language, files);
    }

    /// <summary>Whether the program itself comes from standard input.</summary>
    public static bool ComesFromInput(IReadOnlyList<string> paths) => paths[0] == FromInput;

    /// <summary>A file's name as the sandbox takes it, for files that nobody names inside: other than letters, digits, dots and dashes become underscores, the extension is in small letters.</summary>
    public static string PlainName(string path) =>
        string.Concat((Path.GetFileNameWithoutExtension(path) + Path.GetExtension(path).ToLowerInvariant()).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_'));

    private static SnippetLanguage LanguageOf(string path, string? named)
    {
        var told = named is null ? (SnippetLanguage?)null : LanguageName.Decide(named, null, "");
        var seen = path == FromInput ? null : LanguageName.OfExtension(path);
        return (told, seen) switch
        {
            ({ } one, { } other) when one != other => throw new UsageException("language_mismatch", $"--lang is {named}, and {path} is not."),
            ({ } one, _) => one,
            (null, { } one) => one,
            _ when path == FromInput => throw new UsageException("language_needed", "A program on standard input has no name that tells its language.", "Add --lang py or --lang js."),
            _ => throw new UsageException("unsupported_language", $"EdgeCoder runs .py, .js, .mjs and .cjs files; {path} is none of them.", "If it is Python or JavaScript all the same, add --lang py or --lang js."),
        };
    }

    private static string MainName(string path, SnippetLanguage language) =>
        path != FromInput && LanguageName.OfExtension(path) is not null ? PlainName(path) : language == SnippetLanguage.Python ? "main.py" : "main.js";

    private static string NameBeside(string first, string path)
    {
        var relative = first == FromInput ? path : Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(first))!, Path.GetFullPath(path));
        return Path.IsPathRooted(relative) || relative.StartsWith("..", StringComparison.Ordinal) ? Path.GetFileName(path) : relative.Replace('\\', '/');
    }
}
