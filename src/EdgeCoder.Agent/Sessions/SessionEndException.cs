namespace EdgeCoder.Agent.Sessions;

/// <summary>Ends a session from inside a step; caught once, where the loop begins.</summary>
internal sealed class SessionEndException(SessionEnd end) : Exception(end.Message)
{
    /// <summary>How it ends.</summary>
    public SessionEnd End { get; } = end;
}
