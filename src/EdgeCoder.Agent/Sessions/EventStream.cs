using System.Runtime.CompilerServices;
using System.Threading.Channels;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Sessions;

/// <summary>The events of work that goes on by itself, as a stream.</summary>
internal static class EventStream
{
    /// <summary>Starts <paramref name="work"/> and gives what it writes. Leaving the enumeration early cancels it; its end is waited for.</summary>
    public static async IAsyncEnumerable<SessionEvent> Of(
        Func<ChannelWriter<SessionEvent>, CancellationToken, Task> work, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateUnbounded<SessionEvent>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = false });
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        // On the pool: the loop must not wait for a slow reader, and a cancelled token must not keep the last events from it.
        var worker = Task.Run(
            async () =>
            {
                try
                {
                    await work(channel.Writer, abandoned.Token).ConfigureAwait(false);
                    channel.Writer.Complete();
                }
                catch (Exception fault)
                {
                    channel.Writer.Complete(fault);
                }
            },
            CancellationToken.None);
        try
        {
            await foreach (var @event in channel.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                yield return @event;
            }
        }
        finally
        {
            await abandoned.CancelAsync().ConfigureAwait(false);
            await worker.ConfigureAwait(false);
        }
    }
}
