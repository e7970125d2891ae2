namespace EdgeCoder.Coordination;

/// <summary>A coordinator explains itself in routes, for any client; a person at a terminal has commands. Pure.</summary>
internal static class RouteText
{
    /// <summary>The message with commands instead of routes.</summary>
    /// <param name="message">As the coordinator said it.</param>
    /// <param name="task">The task it is about; null where none is known.</param>
    public static string AsCommands(string message, string? task = null)
    {
        var id = task ?? "TASK";
        return message
            .Replace("Its result is at GET /tasks/{id}/result", $"Fetch its result: edgecoder result {id}", StringComparison.Ordinal)
            .Replace("GET /tasks/{id}/result", $"edgecoder result {id}", StringComparison.Ordinal)
            .Replace("GET /escalate/{taskId}", $"edgecoder escalations show {id}", StringComparison.Ordinal)
            .Replace("GET /escalate/", "edgecoder escalations show ", StringComparison.Ordinal)
            .Replace("GET /tasks", "edgecoder status", StringComparison.Ordinal)
            .Replace("look at the coordinator's verifier pool with GET /status", "see what edgecoder up says where the coordinator runs", StringComparison.Ordinal)
            .Replace("look at the verifier pool with GET /status", "see what edgecoder up says where the coordinator runs", StringComparison.Ordinal)
            .Replace(" Upload it with PUT /blobs/{sha256} first.", " Submit it again with edgecoder submit, which stores it first.", StringComparison.Ordinal);
    }
}
