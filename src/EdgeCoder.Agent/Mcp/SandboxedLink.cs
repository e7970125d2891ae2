using EdgeCoder.Agent.Commands;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Executor.Commands;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace EdgeCoder.Agent.Mcp;

/// <summary>
/// A server of this machine: a program in the sandbox, without network, that sees the worktree read-only and writes only to its own memory. So nothing it does
/// between two calls can change the project: changes go through EdgeCoder's own tools, with their approvals and save points.
/// </summary>
internal sealed class SandboxedLink(McpServerEntry entry, ProjectCommands commands) : IMcpLink
{
    private const int KeptBytes = 4 << 10;
    private const long MostOutput = 256L << 20;

    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    private readonly CancellationTokenSource _stop = new();
    private readonly ServerOutput _output = new();
    private Task _running = Task.CompletedTask;
    private string? _fault;
    private int _disposed;

    /// <inheritdoc/>
    public string? Ended { get; private set; }

    /// <inheritdoc/>
    public async ValueTask<IClientTransport> OpenAsync(CancellationToken cancellationToken)
    {
        var plain = await commands.CommandAsync(entry.Command, ProjectPath.Root, cancellationToken).ConfigureAwait(false);
        var input = new CommandInput();
        var command = plain with
        {
            // The cache is the commands' own: what a server left there, a test run would use.
            Mounts = [.. plain.Mounts.Where(mount => mount.Source == commands.Root.Directory || !mount.Writable).Select(mount => mount with { Writable = false })],
            Environment = entry.Environment,
            Feed = input,
            OnOutput = Take,
            Limits = new() { Time = Longest, OutputBytes = KeptBytes, MostOutputBytes = MostOutput },
        };
        _running = RunAsync(command);
        return new StreamClientTransport(new ServerInput(input), _output);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        await _output.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync(ProjectCommand command)
    {
        try
        {
            var outcome = await commands.Sandbox.RunAsync(command, _stop.Token).ConfigureAwait(false);
            var said = PlainOutput.Of(outcome.Stderr, KeptBytes).Text.Trim();
            Ended = (_fault ?? CommandResult.Ending(outcome, Longest)) + (said.Length == 0 ? "" : $"; it said: {ForeignText.Line(said, 400)}");
        }
        catch (ArgumentException fault)
        {
            Ended = fault.Message;
        }
        finally
        {
            _output.End();
        }
    }

    private void Take(CommandOutput piece)
    {
        if (!piece.IsError && _fault is null && _output.Take(piece.Bytes.Span) is { } fault)
        {
            _fault = fault;
            _output.End();
            _stop.Cancel();
        }
    }
}
