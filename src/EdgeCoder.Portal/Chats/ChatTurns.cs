using System.Collections.Concurrent;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Sessions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Portal.Chats;

/// <summary>Asks models and keeps what they say. The question and a row for the answer are durable before the model is asked; words are saved as they come, and on every end (portal-and-control-plane 13).</summary>
/// <param name="conversations">Conversations.</param>
/// <param name="upstream">Models.</param>
/// <param name="writer">Writes.</param>
/// <param name="time">Clock.</param>
/// <param name="log">Log.</param>
internal sealed partial class ChatTurns(ConversationStore conversations, ChatUpstream upstream, IStoreWriter writer, TimeProvider time, ILogger<ChatTurns> log) : BackgroundService
{
    private const int TitleLength = 40;
    private const int MostHistory = 400;
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(30);

    // Living answers are saved at least each minute, also when no word comes.
    private static readonly TimeSpan Abandoned = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, (RunningAnswer Turn, Task Work)> _turns = new(StringComparer.Ordinal);

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A turn that is being written in this process; null when it is not.</summary>
    public RunningAnswer? Find(string answerId) => _turns.TryGetValue(answerId, out var running) ? running.Turn : null;

    /// <summary>Says something. Gives the answer's turn. Throws 404 <c>conversation_not_found</c>, 409 <c>turn_running</c>.</summary>
    public async Task<RunningAnswer> SayAsync(SignedIn person, string conversationId, string message, string? model, CancellationToken cancellationToken)
    {
        var begun = await conversations.WriteAsync(
            person.AccountId, conversationId,
            (batch, row) =>
            {
                RefuseWhileRunning(batch, conversationId);
                var seq = ConversationStore.LastSeq(batch, conversationId) + 1;
                batch.Insert(Message(conversationId, seq, "user", message, MessageStatus.Complete, null));
                var title = row.Title == ConversationStore.NewTitle ? Title(message) : row.Title;
                return Begin(batch, row, seq + 1, model ?? row.Model, title);
            },
            cancellationToken).ConfigureAwait(false);
        return Start(person, begun);
    }

    /// <summary>Asks for the last answer again; the old one stays as an alternative. Throws 404 <c>conversation_not_found</c> and <c>message_not_found</c>, 409 <c>turn_running</c> and <c>message_not_last</c>.</summary>
    public async Task<RunningAnswer> RetryAsync(SignedIn person, string conversationId, string messageId, string? model, CancellationToken cancellationToken)
    {
        var begun = await conversations.WriteAsync(
            person.AccountId, conversationId,
            (batch, row) =>
            {
                RefuseWhileRunning(batch, conversationId);
                var last = ConversationStore.LastSeq(batch, conversationId);
                if (batch.Query("SELECT seq, role, model FROM chat_messages WHERE id = $1 AND conversation_id = $2", one => (Seq: one.Number(0), Role: one.Text(1), Model: one.TextOrNull(2)), messageId, conversationId) is not [var found])
                {
                    throw new Refusal(404, "message_not_found", "The conversation has no such message.");
                }

                if (found.Seq != last || found.Role != "assistant")
                {
                    throw new Refusal(409, "message_not_last", "Only the last answer can be asked for again. To change an earlier question, say it anew.");
                }

                batch.Execute("UPDATE chat_messages SET replaced = 1 WHERE id = $1", messageId);
                return Begin(batch, row, last + 1, model ?? found.Model ?? row.Model, row.Title);
            },
            cancellationToken).ConfigureAwait(false);
        return Start(person, begun);
    }

    /// <summary>Stops what is being written in a conversation; gives whether something was.</summary>
    public bool Stop(string conversationId)
    {
        var any = false;
        foreach (var (turn, _) in _turns.Values.Where(running => running.Turn.ConversationId == conversationId))
        {
            turn.Stop();
            any = true;
        }

        return any;
    }

    /// <summary>Gives up answers of processes that ended; gives how many.</summary>
    public Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var before = NowMs - (long)Abandoned.TotalMilliseconds;
        return writer.WriteAsync(batch => batch.Execute("UPDATE chat_messages SET status = 'failed', error = 'stream_interrupted' WHERE status = 'streaming' AND saved_at_ms <= $1", before), cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        foreach (var (turn, _) in _turns.Values)
        {
            turn.Stop();
        }

        await Task.WhenAll(_turns.Values.Select(running => running.Work)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await SweepAlwaysAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The portal ends.
        }
    }

    private async Task SweepAlwaysAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SweepAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogSweep(fault);
            }

            await Task.Delay(Sweep, time, stoppingToken).ConfigureAwait(false);
        }
    }

    // One answer at a time: the next question would be asked about words that are not there yet.
    private void RefuseWhileRunning(IStoreBatch batch, string conversationId)
    {
        if (batch.Query("SELECT id FROM chat_messages WHERE conversation_id = $1 AND status = 'streaming' AND saved_at_ms > $2", row => row.Text(0), conversationId, NowMs - (long)Abandoned.TotalMilliseconds).Count > 0)
        {
            throw new Refusal(409, "turn_running", "An answer is being written in this conversation. Wait for it, or stop it.");
        }
    }

    private Begun Begin(IStoreBatch batch, ConversationRow row, long seq, string? model, string title)
    {
        var history = batch.Query(
            "SELECT role, content, status FROM chat_messages WHERE conversation_id = $1 AND seq >= $2 AND seq < $3 AND replaced = 0 ORDER BY seq DESC LIMIT " + MostHistory,
            one => (Role: one.Text(0), Content: one.Text(1)), row.Id, row.FromSeq, seq);
        history.Reverse();
        var answer = Message(row.Id, seq, "assistant", "", MessageStatus.Streaming, model);
        batch.Insert(answer);
        batch.Execute("UPDATE conversations SET title = $1, updated_at_ms = $2 WHERE id = $3", title, answer.CreatedAtMs, row.Id);
        return new(answer.Id, row.Id, row.DataClass, model, [.. history.Where(one => one.Content.Length > 0).Select(one => new ChatTurnText(one.Role, one.Content))]);
    }

    private RunningAnswer Start(SignedIn person, Begun begun)
    {
        var turn = new RunningAnswer(begun.AnswerId, begun.ConversationId, time);

        // Registered before it runs, so that its end finds it.
        var ready = new TaskCompletionSource();
        var work = Task.Run(async () =>
        {
            await ready.Task.ConfigureAwait(false);
            await RunAsync(person, begun, turn).ConfigureAwait(false);
        });
        _turns[begun.AnswerId] = (turn, work);
        ready.SetResult();
        return turn;
    }

    private async Task RunAsync(SignedIn person, Begun begun, RunningAnswer turn)
    {
        var (status, failed, tokens) = (MessageStatus.Failed, (ChatFailure?)null, (long?)null);
        try
        {
            using var alive = time.CreateTimer(_ => _ = SaveQuietlyAsync(turn), null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
            var saved = time.GetTimestamp();
            await foreach (var part in upstream.AskAsync(person, begun.Reach, begun.Model, begun.History, turn.Stopped).ConfigureAwait(false))
            {
                tokens = part.TokensUsed ?? tokens;
                if (part.Words is { Length: > 0 } words)
                {
                    turn.Add(words);
                    if (time.GetElapsedTime(saved) >= SaveEvery)
                    {
                        saved = time.GetTimestamp();
                        await SaveQuietlyAsync(turn).ConfigureAwait(false);
                    }
                }
            }

            status = MessageStatus.Complete;
        }
        catch (Exception) when (turn.Stopped.IsCancellationRequested)
        {
            // However the connection says it.
            status = MessageStatus.Stopped;
        }
        catch (ChatFailure failure)
        {
            failed = failure;
            LogFailed(begun.AnswerId, failure.Error);
        }
        catch (Exception fault)
        {
            failed = new(500, "internal_error", "The answer failed. Your message is kept; try again.");
            LogUnexpected(fault, begun.AnswerId);
        }

        await EndAsync(turn, status, failed, tokens).ConfigureAwait(false);
    }

    // Readers hear the end once it is durable.
    private async Task EndAsync(RunningAnswer turn, MessageStatus status, ChatFailure? failure, long? tokens)
    {
        try
        {
            await writer.WriteAsync(
                batch => batch.Execute("UPDATE chat_messages SET content = $1, status = $2, error = $3, tokens_used = $4, saved_at_ms = $5 WHERE id = $6", turn.Text, status, failure?.Error, tokens, NowMs, turn.AnswerId),
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            (status, failure) = (MessageStatus.Failed, new(503, "storage_unavailable", "The store did not take the answer. Try again."));
            LogUnexpected(fault, turn.AnswerId);
        }

        turn.End(status, failure, tokens);
        _turns.TryRemove(turn.AnswerId, out _);
        turn.Dispose();
    }

    private async Task SaveQuietlyAsync(RunningAnswer turn)
    {
        try
        {
            await writer.WriteAsync(batch => batch.Execute("UPDATE chat_messages SET content = $1, saved_at_ms = $2 WHERE id = $3 AND status = 'streaming'", turn.Text, NowMs, turn.AnswerId), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            // The end saves all of it again.
            LogUnexpected(fault, turn.AnswerId);
        }
    }

    private ChatMessageRow Message(string conversationId, long seq, string role, string content, MessageStatus status, string? model)
    {
        var now = NowMs;
        return new() { Id = Guid.NewGuid().ToString(), ConversationId = conversationId, Seq = seq, Role = role, Content = content, Status = status, Model = model, Replaced = 0, CreatedAtMs = now, SavedAtMs = now };
    }

    private static string Title(string message)
    {
        var line = string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= TitleLength ? line : (char.IsHighSurrogate(line[TitleLength - 1]) ? line[..(TitleLength - 1)] : line[..TitleLength]);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The answer {Answer} failed: {Error}")]
    private partial void LogFailed(string answer, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The answer {Answer} failed unexpectedly")]
    private partial void LogUnexpected(Exception fault, string answer);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Answers of processes that ended could not be given up; it is tried again")]
    private partial void LogSweep(Exception fault);

    private sealed record Begun(string AnswerId, string ConversationId, ChatReach Reach, string? Model, IReadOnlyList<ChatTurnText> History);
}
