using System.Runtime.CompilerServices;
using System.Text;

namespace EdgeCoder.Portal.Chats;

/// <summary>How an answer stands.</summary>
/// <param name="Text">Words that are new to the reader.</param>
/// <param name="At">Characters up to their end.</param>
/// <param name="Status">How far it is.</param>
/// <param name="Failure">Why it failed.</param>
/// <param name="TokensUsed">Tokens, once it is whole; null when nobody counted.</param>
internal sealed record TurnPart(string Text, int At, MessageStatus Status, ChatFailure? Failure, long? TokensUsed);

/// <summary>
/// An answer that is being written. Any number of readers hear it, each from where it stopped. When the last one has gone for <see cref="Grace"/>, nobody waits for it and the model is stopped
/// (failure mode C2). What a page without a script asked for has no reader, and is written to its end.
/// </summary>
/// <param name="answerId">Id of its message.</param>
/// <param name="conversationId">Its conversation.</param>
/// <param name="time">Clock.</param>
internal sealed class RunningAnswer(string answerId, string conversationId, TimeProvider time) : IDisposable
{
    /// <summary>How long a reader may be away.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();
    private readonly CancellationTokenSource _stop = new();
    private TaskCompletionSource _changed = New();
    private MessageStatus _status = MessageStatus.Streaming;
    private ChatFailure? _failure;
    private long? _tokensUsed;
    private int _readers;
    private int _leavings;

    /// <summary>Id of its message.</summary>
    public string AnswerId => answerId;

    /// <summary>Its conversation.</summary>
    public string ConversationId => conversationId;

    /// <summary>Cancelled when it is to stop.</summary>
    public CancellationToken Stopped => _stop.Token;

    /// <summary>Who hears it now.</summary>
    public int Readers
    {
        get
        {
            lock (_gate)
            {
                return _readers;
            }
        }
    }

    /// <summary>Words so far.</summary>
    public string Text
    {
        get
        {
            lock (_gate)
            {
                return _text.ToString();
            }
        }
    }

    /// <summary>Adds words.</summary>
    public void Add(string words)
    {
        lock (_gate)
        {
            _text.Append(words);
            Tell();
        }
    }

    /// <summary>Ends it.</summary>
    public void End(MessageStatus status, ChatFailure? failure, long? tokensUsed)
    {
        lock (_gate)
        {
            (_status, _failure, _tokensUsed) = (status, failure, tokensUsed);
            Tell();
        }
    }

    /// <summary>Ends the model's work.</summary>
    public void Stop()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended meanwhile.
        }
    }

    /// <summary>Completes with the first word, or with the end of an answer without one.</summary>
    public async Task<TurnPart> FirstAsync(CancellationToken cancellationToken)
    {
        await foreach (var part in ReadAsync(0, cancellationToken).ConfigureAwait(false))
        {
            return part;
        }

        throw new InvalidOperationException("A turn ends with a part.");
    }

    /// <summary>The words from a place on, as they come; the last part tells how it ended.</summary>
    public async IAsyncEnumerable<TurnPart> ReadAsync(int from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Enter();
        try
        {
            while (true)
            {
                TurnPart part;
                Task changed;
                lock (_gate)
                {
                    var begin = Math.Clamp(from, 0, _text.Length);
                    part = new(_text.ToString(begin, _text.Length - begin), _text.Length, _status, _failure, _tokensUsed);
                    changed = _changed.Task;
                }

                if (part.Text.Length > 0 || part.Status != MessageStatus.Streaming)
                {
                    yield return part;
                }

                if (part.Status != MessageStatus.Streaming)
                {
                    yield break;
                }

                from = part.At;
                await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Tell()
    {
        var told = _changed;
        _changed = New();
        told.SetResult();
    }

    private void Enter()
    {
        lock (_gate)
        {
            _readers++;
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_readers > 0 || _status != MessageStatus.Streaming)
            {
                return;
            }

            var leaving = ++_leavings;
            ITimer? timer = null;
            timer = time.CreateTimer(
                _ =>
                {
                    timer?.Dispose();
                    StopUnlessHeard(leaving);
                },
                null, Grace, Timeout.InfiniteTimeSpan);
        }
    }

    private void StopUnlessHeard(int leaving)
    {
        lock (_gate)
        {
            if (_readers > 0 || leaving != _leavings || _status != MessageStatus.Streaming)
            {
                return;
            }
        }

        Stop();
    }
}
