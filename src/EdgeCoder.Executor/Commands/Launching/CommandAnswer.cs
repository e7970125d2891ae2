using System.Globalization;

namespace EdgeCoder.Executor.Commands.Launching;

/// <summary>What the launcher tells about a command, a line each: pure. Only the launcher can write there; the command never has the descriptor.</summary>
internal sealed record CommandAnswer
{
    private const string PidWord = "pid ";
    private const string StatusWord = "status ";
    private const string RefusedWord = "refused ";
    private const string FailedWord = "failed ";

    /// <summary>Process id of the first process of the sandbox, as the host sees it.</summary>
    public int? FirstPid { get; init; }

    /// <summary>Wait status of the program (wait(2)).</summary>
    public int? Status { get; init; }

    /// <summary>Why the program could not be executed, as the kernel's error number.</summary>
    public int? Refused { get; init; }

    /// <summary>What the launcher could not do.</summary>
    public string? Failure { get; init; }

    /// <summary>The line of the first process.</summary>
    public static string First(long pid) => Line(PidWord, pid);

    /// <summary>The line of an ended program.</summary>
    public static string Ended(int status) => Line(StatusWord, status);

    /// <summary>The line of a program that the kernel does not execute.</summary>
    public static string NotExecuted(int error) => Line(RefusedWord, error);

    /// <summary>The line of a failure.</summary>
    public static string Failed(string message) => $"{FailedWord}{message.ReplaceLineEndings(" ")}\n";

    /// <summary>Reads whole lines; what is unknown or not whole yet is passed over.</summary>
    public static CommandAnswer Read(string text)
    {
        var answer = new CommandAnswer();
        var end = text.LastIndexOf('\n');
        foreach (var line in end < 0 ? [] : text[..end].Split('\n'))
        {
            answer = line switch
            {
                _ when Number(line, PidWord) is { } pid => answer with { FirstPid = pid },
                _ when Number(line, StatusWord) is { } status => answer with { Status = status },
                _ when Number(line, RefusedWord) is { } error => answer with { Refused = error },
                _ when line.StartsWith(FailedWord, StringComparison.Ordinal) => answer with { Failure = line[FailedWord.Length..] },
                _ => answer,
            };
        }

        return answer;
    }

    private static string Line(string word, long number) => string.Create(CultureInfo.InvariantCulture, $"{word}{number}\n");

    private static int? Number(string line, string word) =>
        line.StartsWith(word, StringComparison.Ordinal) && int.TryParse(line.AsSpan(word.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
