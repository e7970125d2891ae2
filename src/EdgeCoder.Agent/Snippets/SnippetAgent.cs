using System.Security.Cryptography;
using System.Threading.Channels;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Executor;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Snippets;

/// <summary>Turns a request into tested code on this machine, and tells what happens as one stream of events.</summary>
/// <param name="executor">Runs code in isolation.</param>
/// <param name="sessions">Keeps the sessions.</param>
/// <param name="time">The clock.</param>
public sealed class SnippetAgent(ICodeExecutor executor, SessionStore sessions, TimeProvider time)
{
    /// <summary>
    /// Works on a task. The events are numbered from 1 and the last one is always <see cref="DoneEvent"/> with everything about the session:
    /// faults of the model, the sandbox, the disk and the task itself are outcomes, and a cancellation is one too. It throws nothing.
    /// Leaving the enumeration early cancels the session.
    /// </summary>
    public IAsyncEnumerable<SessionEvent> RunAsync(SnippetTask task, AgentModel model, CancellationToken cancellationToken) =>
        EventStream.Of((reader, token) => BeginAsync(task, ExplainedCounts.Of(model), reader, token), cancellationToken);

    /// <summary>
    /// Goes on with a session at its first open step. The stored events come first, with the numbers they had. A session that has ended for good gives
    /// its events once more and does nothing.
    /// Throws <see cref="SessionStoreException"/> before the first event when the session is not there, is in use or is damaged, or when
    /// <paramref name="model"/> is not the one it began with or may not see its data.
    /// </summary>
    public IAsyncEnumerable<SessionEvent> ResumeAsync(string sessionId, AgentModel model, CancellationToken cancellationToken)
    {
        var journal = sessions.Open(sessionId);
        try
        {
            CheckResume(journal.Begin, model);
        }
        catch
        {
            journal.Dispose();
            throw;
        }

        return EventStream.Of((reader, token) => DriveAsync(journal, ExplainedCounts.Of(model), reader, token), cancellationToken);
    }

    private async Task BeginAsync(SnippetTask task, AgentModel model, ChannelWriter<SessionEvent> reader, CancellationToken cancellationToken)
    {
        var begin = new BeginRecord
        {
            SessionId = Guid.NewGuid().ToString("D"),
            AtMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Task = task,
            Model = model.Identity,
            Seed = task.Seed ?? RandomNumberGenerator.GetInt32(int.MaxValue),
        };
        if (Refusal(task, model) is { } refusal)
        {
            SnippetSession.TellRefusal(begin, refusal, reader, time);
            return;
        }

        SessionJournal journal;
        try
        {
            journal = sessions.Create(begin);
        }
        catch (SessionStoreException fault)
        {
            SnippetSession.TellRefusal(begin, SessionEnd.Stopped(fault.Code, fault.Message, fault.Hint), reader, time);
            return;
        }

        await DriveAsync(journal, model, reader, cancellationToken).ConfigureAwait(false);
    }

    private async Task DriveAsync(SessionJournal journal, AgentModel model, ChannelWriter<SessionEvent> reader, CancellationToken cancellationToken)
    {
        using (journal)
        {
            await new SnippetSession(journal, model, executor, reader, time).DriveAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static SessionEnd? Refusal(SnippetTask task, AgentModel model)
    {
        if (task.Problems() is [var problem, ..])
        {
            return SessionEnd.Stopped(problem.Code, problem.Message, null);
        }

        return MaySee(task, model) ? null : SessionEnd.Stopped("data_class_denied", DeniedMessage(model), "Choose a model on this machine.");
    }

    private static void CheckResume(BeginRecord begin, AgentModel model)
    {
        if (model.Identity.Id != begin.Model.Id || model.Identity.Digest != begin.Model.Digest)
        {
            throw new SessionStoreException(
                "model_changed",
                $"Session {begin.SessionId} was begun with {begin.Model.Id} ({begin.Model.Digest}); the model now is {model.Identity.Id} ({model.Identity.Digest}).",
                $"Choose that model again (--model {begin.Model.Id}), or start the request anew.");
        }

        if (!MaySee(begin.Snippet, model))
        {
            throw new SessionStoreException("data_class_denied", DeniedMessage(model), "Choose a model on this machine.");
        }
    }

    /// <summary>Work of class local never leaves this machine, so no other model may see it.</summary>
    private static bool MaySee(SnippetTask task, AgentModel model) => task.DataClass != "local" || model.OnThisMachine;

    private static string DeniedMessage(AgentModel model) => $"The work is of class local and may not leave this machine, but {model.Identity.Id} ({model.Identity.Provider}) runs elsewhere.";
}
