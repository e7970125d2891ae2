using EdgeCoder.Agent.Sessions;

namespace EdgeCoder.Agent.Repositories;

/// <summary>What is known of the events around the step at which a session resumes. Pure.</summary>
internal static class Resumption
{
    /// <summary>
    /// How many events the loop will tell again before its next step that are stored already: those after the last closed step, up to the opening of the next
    /// one, pieces of text and the events of an end that was resumed from not counted.
    /// </summary>
    public static int KnownEvents(SessionJournal journal, PromptRecord prompt)
    {
        var from = Math.Max(prompt.Seq, journal.LastClosed >= prompt.FirstStep ? journal.LastClosedSeq : 0);
        var until = journal.LastOpen is { Seq: { } opened } open && open.Step >= prompt.FirstStep ? opened : long.MaxValue;
        var ends = journal.Ends.SelectMany(e => e.Events).Select(l => l.Event!.Seq).ToHashSet();
        return journal.ToldEvents.Count(e => e.Seq > from && e.Seq <= until && !ends.Contains(e.Seq));
    }
}
