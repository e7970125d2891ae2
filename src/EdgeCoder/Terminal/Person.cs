using System.Threading.Channels;

namespace EdgeCoder.Terminal;

/// <summary>Whoever types lines: a person at a terminal, or a pipe that only talks and cannot be asked.</summary>
internal sealed class Person
{
    private readonly Func<string?> _read;
    private readonly Action _discard;
    private readonly SemaphoreSlim _asked = new(1, 1);
    private Task<string?>? _pending;

    /// <summary>Begins without reading anything.</summary>
    /// <param name="isThere">Whether a person can be asked: input and output are a terminal.</param>
    /// <param name="read">Reads one line and blocks meanwhile; null at the end.</param>
    /// <param name="discard">Drops what was typed before anybody asked.</param>
    public Person(bool isThere, Func<string?> read, Action discard) => (IsThere, _read, _discard) = (isThere, read, discard);

    /// <summary>Whether a person can be asked.</summary>
    public bool IsThere { get; }

    /// <summary>The next line; null at the end of the input. A line that comes after a cancellation is the next caller's.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        await _asked.WaitAsync(cancellationToken);
        try
        {
            _pending ??= Task.Run(_read, CancellationToken.None);
            var line = await _pending.WaitAsync(cancellationToken);
            _pending = null;
            return line;
        }
        finally
        {
            _asked.Release();
        }
    }

    /// <summary>Forgets what was typed ahead: a line that was meant for something else must not answer a question (agent-executor-models 2.5).</summary>
    public void DiscardTypedAhead()
    {
        if (IsThere)
        {
            _discard();
        }
    }
}
