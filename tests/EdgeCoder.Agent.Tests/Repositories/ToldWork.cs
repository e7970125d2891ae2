using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Tests.Repositories;

/// <summary>The events of one prompt.</summary>
internal sealed record ToldWork(string SessionId, IReadOnlyList<SessionEvent> Events)
{
    public DoneEvent Done => Events.OfType<DoneEvent>().Last();

    public AgentExecution Execution => Done.Execution;

    public string Text => string.Concat(Events.OfType<TextEvent>().Select(t => t.Content));

    public ErrorEvent? Error => Events.OfType<ErrorEvent>().LastOrDefault();

    public static async Task<ToldWork> OfAsync(string id, IAsyncEnumerable<SessionEvent> events)
    {
        var told = new List<SessionEvent>();
        await foreach (var one in events)
        {
            told.Add(one);
        }

        return new(id, told);
    }
}
