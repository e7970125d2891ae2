using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Tests.Snippets;

/// <summary>What a session told.</summary>
internal sealed record Told(IReadOnlyList<SessionEvent> Events)
{
    public AgentExecution Execution => Assert.IsType<DoneEvent>(Events[^1]).Execution;

    public ErrorEvent? Error => Events.OfType<ErrorEvent>().SingleOrDefault();

    public EscalationEvent? Escalation => Events.OfType<EscalationEvent>().SingleOrDefault();

    public static async Task<Told> OfAsync(IAsyncEnumerable<SessionEvent> events)
    {
        var all = new List<SessionEvent>();
        await foreach (var @event in events)
        {
            all.Add(@event);
        }

        return new Told(all);
    }
}
