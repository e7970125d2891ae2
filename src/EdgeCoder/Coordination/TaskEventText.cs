using System.Text.Json;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordination;

/// <summary>Events of a task as a line for a person who follows it. Pure.</summary>
internal static class TaskEventText
{
    /// <summary>The line; null for what a person need not see.</summary>
    public static string? Of(TaskEvent happened) => happened.Type switch
    {
        "lease.granted" => Member(happened, "attempt") is "" or "1" ? "a node works on it" : $"attempt {Member(happened, "attempt")}: a node works on it",
        "lease.expired" => "the node went silent; the work is queued again",
        "result.reported" => Member(happened, "ok") is "False" or "false" ? "the node gave up and said so" : "a result came; it is run again here",
        "verdict" => Verdict(happened),
        "escalation" => Escalation(Member(happened, "status"), Member(happened, "reason")),
        "audit.overturned" => "an audit overturned the result",
        "progress" => Member(happened, "message") is { Length: > 0 } message ? message : null,
        _ => null,
    };

    /// <summary>Whether the event says that a person has to answer now.</summary>
    public static bool WaitsForPerson(TaskEvent happened) => happened.Type == "escalation" && Member(happened, "status") == "pending_human";

    private static string Verdict(TaskEvent happened)
    {
        var tests = Member(happened, "testsRun") is { Length: > 0 } run and not "0" ? $", {Member(happened, "testsPassed")} of {run} tests passed" : "";
        return $"verdict: {Member(happened, "verdict")} ({Member(happened, "reasonCode")}{tests})";
    }

    private static string Escalation(string status, string reason)
    {
        var because = reason.Length == 0 ? "" : ": " + reason;
        return status switch
        {
            "pending" => "escalated" + because,
            "processing" => "escalation" + (because.Length == 0 ? " goes on" : because),
            "pending_human" => "it waits for a person",
            "completed" => "the escalation is settled" + because,
            "failed" => "the escalation ended without code" + because,
            _ => "escalation " + status + because,
        };
    }

    private static string Member(TaskEvent happened, string name) =>
        happened.Data.ValueKind == JsonValueKind.Object && happened.Data.TryGetProperty(name, out var value) ? value.ToString() : "";
}
