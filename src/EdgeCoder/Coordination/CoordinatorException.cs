using EdgeCoder.Agent.Submissions;
using EdgeCoder.Commands;

namespace EdgeCoder.Coordination;

/// <summary>What a coordinator refused, or that it could not be reached.</summary>
/// <param name="code">Stable code.</param>
/// <param name="message">For a person.</param>
/// <param name="hint">What to do next.</param>
/// <param name="exit">Exit code of the command.</param>
internal sealed class CoordinatorException(string code, string message, string? hint, ExitCode exit) : Exception(message)
{
    /// <summary>Stable code.</summary>
    public string Code { get; } = code;

    /// <summary>What to do next.</summary>
    public string? Hint { get; } = hint;

    /// <summary>Exit code of the command.</summary>
    public ExitCode Exit { get; } = exit;

    /// <summary>The same for a person at a terminal: routes become commands, a status an exit code.</summary>
    public static CoordinatorException Of(SubmitterException fault)
    {
        var said = fault.Code is not (SubmitterException.Unreachable or SubmitterException.TimedOut or SubmitterException.Fault);
        var exit = (said, fault.Status) switch
        {
            (true, 400 or 404 or 409 or 422) => ExitCode.Usage,
            (true, 401 or 402 or 403) => ExitCode.Refused,
            _ => ExitCode.Failed,
        };
        return new(fault.Code, said ? RouteText.AsCommands(fault.Message) : fault.Message, fault.Hint, exit);
    }
}
