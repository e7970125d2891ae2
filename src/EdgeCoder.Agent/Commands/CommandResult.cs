using System.Globalization;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Executor.Commands;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Commands;

/// <summary>What a model and a person are told about a command that ran: pure.</summary>
internal static class CommandResult
{
    /// <summary>For the model.</summary>
    public static ToolResult Of(CommandOutcome outcome, TimeSpan limit)
    {
        var (stdout, outCut) = PlainOutput.Of(outcome.Stdout);
        var (stderr, errCut) = PlainOutput.Of(outcome.Stderr);
        return new ToolResult
        {
            Text = $"{Ending(outcome, limit)}{Part("stdout", stdout)}{Part("stderr", stderr)}{(stdout.Length + stderr.Length == 0 ? "\n(no output)" : "")}",
            Truncated = outCut || errCut,
            Sandbox = outcome.Sandbox,
            Unavailable = WhyUnavailable(outcome),
        };
    }

    /// <summary>Why nothing can run here; null when something ran.</summary>
    public static string? WhyUnavailable(CommandOutcome outcome) => outcome.End == CommandEnd.Unavailable ? outcome.Refusal?.Message ?? "Commands cannot be isolated here." : null;

    /// <summary>For the person.</summary>
    public static ShellOutputEvent Event(string id, CommandOutcome outcome) => new()
    {
        Id = id,
        Stdout = PlainOutput.Of(outcome.Stdout).Text,
        Stderr = outcome.Refusal is { } refusal ? refusal.Message : PlainOutput.Of(outcome.Stderr).Text,
        ExitCode = outcome.ExitCode,
        Limits = outcome.End switch { CommandEnd.TimedOut => "time", CommandEnd.OutputLimit => "output", _ => null },
        DurationMs = (long)outcome.Duration.TotalMilliseconds,
    };

    /// <summary>How it ended, in a line.</summary>
    public static string Ending(CommandOutcome outcome, TimeSpan limit) => outcome.End switch
    {
        CommandEnd.Exited => string.Create(CultureInfo.InvariantCulture, $"exit code {outcome.ExitCode} after {outcome.Duration.TotalSeconds:0.0} s"),
        CommandEnd.Signalled => string.Create(CultureInfo.InvariantCulture, $"exit code {outcome.ExitCode}: signal {outcome.ExitCode - 128} ended it after {outcome.Duration.TotalSeconds:0.0} s"),
        CommandEnd.TimedOut => string.Create(CultureInfo.InvariantCulture, $"exit code 124: the time limit of {limit.TotalSeconds:0} s ended it and everything it started"),
        CommandEnd.OutputLimit => "exit code 137: it printed without end and was ended",
        CommandEnd.Cancelled => "exit code 137: it was cancelled",
        CommandEnd.NotStarted => outcome.ExitCode == 127 ? "exit code 127: there is no such program in the sandbox" : "exit code 126: the file cannot be executed",
        _ => $"sandbox_unavailable: {outcome.Refusal?.Message}{(outcome.Refusal?.Remedy is { } remedy ? $". To fix it: {remedy}" : "")}",
    };

    private static string Part(string name, string text) => text.Length == 0 ? "" : $"\n--- {name}\n{text.TrimEnd('\n')}";
}
