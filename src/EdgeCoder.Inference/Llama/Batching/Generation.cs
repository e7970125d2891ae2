using System.Diagnostics;
using System.Threading.Channels;

namespace EdgeCoder.Inference.Llama.Batching;

/// <summary>A generation under way: its text as it comes, and what it took in the end.</summary>
internal sealed class Generation(GenerationRequest request, CancellationToken cancellation)
{
    private readonly Channel<string> _text = Channel.CreateUnbounded<string>(new() { SingleReader = true, SingleWriter = true });
    private readonly TaskCompletionSource<GenerationResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public GenerationRequest Request { get; } = request;

    /// <summary>Pieces of text, never half a character. Ends, fails or is cancelled together with <see cref="Completion"/>.</summary>
    public ChannelReader<string> Text => _text.Reader;

    public Task<GenerationResult> Completion => _completion.Task;

    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>Set under the engine's gate as soon as the caller gives up.</summary>
    public bool IsCancelled { get; set; }

    public long QueuedAt { get; } = Stopwatch.GetTimestamp();

    public void Emit(string text)
    {
        if (text.Length > 0)
        {
            _text.Writer.TryWrite(text);
        }
    }

    public void Complete(GenerationResult result)
    {
        _completion.TrySetResult(result);
        _text.Writer.TryComplete();
    }

    public void Fail(Exception error)
    {
        _completion.TrySetException(error);

        // Nobody may be waiting for it: the text carries the error too.
        _ = _completion.Task.Exception;
        _text.Writer.TryComplete(error);
    }

    public void Cancel()
    {
        _completion.TrySetCanceled(Cancellation);
        _text.Writer.TryComplete(new OperationCanceledException(Cancellation));
    }
}
