using System.ComponentModel;
using EdgeCoder.Executor.Commands.Launching;
using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Running;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Commands.Running;

/// <summary>One command from its start until nothing of it is left. It blocks a thread of its own.</summary>
internal sealed class CommandRun
{
    private const int CodeOfTimeout = 124;
    private const int CodeOfFailure = 125;
    private const int CodeOfNotExecutable = 126;
    private const int CodeOfNotFound = 127;
    private const int CodeOfKill = 137;
    private const int NoSuchFile = 2; // ENOENT
    private const int SignalMask = 0x7F;

    // A program that goes on writing while it is being ended must not keep the reader busy for ever.
    private const int MostReadsPerTurn = 16;

    private readonly byte[] buffer = new byte[64 * 1024];
    private readonly CommandProcess process;
    private readonly ProjectCommand command;
    private readonly TimeProvider time;
    private readonly OutputCapture stdout;
    private readonly OutputCapture stderr;

    private CommandRun(CommandProcess process, ProjectCommand command, TimeProvider time)
    {
        this.process = process;
        this.command = command;
        this.time = time;
        stdout = new(command.Limits.OutputBytes);
        stderr = new(command.Limits.OutputBytes);
    }

    /// <summary>Runs it. Cancellation is an outcome, and so is a machine that cannot start a process.</summary>
    public static async Task<CommandOutcome> RunAsync(string launcher, CommandPlan plan, ProjectCommand command, SandboxIdentity sandbox, TimeProvider time, CancellationToken cancellationToken)
    {
        var begin = time.GetTimestamp();
        using var cancel = Descriptor.Event();
        using var registration = cancellationToken.Register(cancel.Signal);
        var done = new TaskCompletionSource<CommandOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                using var process = CommandProcess.Start(launcher, plan, command.Input, command.Feed is not null);
                done.SetResult(new CommandRun(process, command, time).Run(begin, cancel) with { Sandbox = sandbox });
            }
            catch (Exception exception) when (exception is IOException or Win32Exception)
            {
                done.SetResult(Unavailable($"The sandbox could not be started: {exception.Message}", null));
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        })
        { IsBackground = true, Name = "command" }.Start();
        return await done.Task.ConfigureAwait(false);
    }

    /// <summary>Nothing ran.</summary>
    public static CommandOutcome Unavailable(string message, string? remedy) => new()
    {
        End = CommandEnd.Unavailable,
        ExitCode = CodeOfFailure,
        Stdout = CommandText.Empty,
        Stderr = CommandText.Empty,
        Duration = TimeSpan.Zero,
        Refusal = new CommandRefusal(message, remedy),
    };

    private CommandOutcome Run(long begin, Descriptor cancel)
    {
        CommandEnd? stopped = CommandEnd.Cancelled;
        using var wake = Descriptor.Event();
        try
        {
            command.Feed?.Begin(wake);
            stopped = process.Exit is { } exit ? Watch(exit, cancel, wake, begin) : null;
        }
        finally
        {
            command.Feed?.Close();
            process.End();
        }

        Drain(process.Information, process.Inform);
        Drain(process.Stdout, bytes => Take(stdout, bytes, isError: false));
        Drain(process.Stderr, bytes => Take(stderr, bytes, isError: true));
        var (end, code) = Judge(stopped, process.Answer);
        return new CommandOutcome
        {
            End = end,
            ExitCode = code,
            Stdout = Text(stdout),
            Stderr = Text(stderr),
            Duration = time.GetElapsedTime(begin),
            Refusal = end == CommandEnd.Unavailable ? new CommandRefusal(process.Answer.Failure ?? "The sandbox ended without a word; the machine may be out of memory.", null) : null,
        };
    }

    private static (CommandEnd End, int Code) Judge(CommandEnd? stopped, CommandAnswer answer) => (stopped, answer) switch
    {
        (CommandEnd.TimedOut, _) => (CommandEnd.TimedOut, CodeOfTimeout),
        ({ } end, _) => (end, CodeOfKill),
        (_, { Refused: NoSuchFile }) => (CommandEnd.NotStarted, CodeOfNotFound),
        (_, { Refused: not null }) => (CommandEnd.NotStarted, CodeOfNotExecutable),
        (_, { Status: { } status }) when (status & SignalMask) != 0 => (CommandEnd.Signalled, 128 + (status & SignalMask)),
        (_, { Status: { } status }) => (CommandEnd.Exited, (status >> 8) & 0xFF),
        _ => (CommandEnd.Unavailable, CodeOfFailure),
    };

    // Null: it ended by itself.
    private CommandEnd? Watch(Descriptor exit, Descriptor cancel, Descriptor wake, long begin)
    {
        while (true)
        {
            var left = command.Limits.Time - time.GetElapsedTime(begin);
            if (left <= TimeSpan.Zero)
            {
                return CommandEnd.TimedOut;
            }

            Span<PollEntry> entries =
            [
                new() { Descriptor = process.Stdout.Number, Events = PollEntry.Readable },
                new() { Descriptor = process.Stderr.Number, Events = PollEntry.Readable },
                new() { Descriptor = process.Information.Number, Events = PollEntry.Readable },
                new() { Descriptor = exit.Number, Events = PollEntry.Readable },
                new() { Descriptor = cancel.Number, Events = PollEntry.Readable },
                new() { Descriptor = command.Feed is null ? -1 : wake.Number, Events = PollEntry.Readable },
                new() { Descriptor = command.Feed is { State.Bytes: true } && process.Stdin is { IsClosed: false } input ? input.Number : -1, Events = PollEntry.Writable },
            ];
            PollEntry.Wait(entries, left);
            Read(entries[0], process.Stdout, bytes => Take(stdout, bytes, isError: false));
            Read(entries[1], process.Stderr, bytes => Take(stderr, bytes, isError: true));
            Read(entries[2], process.Information, process.Inform);
            Feed(wake, entries[5].Happened != 0);
            if (entries[4].Happened != 0)
            {
                return CommandEnd.Cancelled;
            }

            if (stdout.Total > command.Limits.MostOutputBytes || stderr.Total > command.Limits.MostOutputBytes)
            {
                return CommandEnd.OutputLimit;
            }

            if (entries[3].Happened != 0)
            {
                return null;
            }
        }
    }

    // Written here and nowhere else, so that a command that does not read holds up nobody.
    private void Feed(Descriptor wake, bool woken)
    {
        if (command.Feed is not { } feed || process.Stdin is not { IsClosed: false } stdin)
        {
            return;
        }

        if (woken)
        {
            wake.Read(buffer);
        }

        if (!feed.Flush(stdin))
        {
            feed.Close();
            stdin.Dispose();
        }
        else if (feed.State.End)
        {
            stdin.Dispose();
        }
    }

    private void Take(OutputCapture capture, ReadOnlySpan<byte> bytes, bool isError)
    {
        var room = command.Limits.MostOutputBytes - capture.Total;
        capture.Add(bytes);
        if (command.OnOutput is { } tell && room > 0)
        {
            tell(new CommandOutput(isError, buffer.AsMemory(0, (int)Math.Min(room, bytes.Length))));
        }
    }

    private void Read(in PollEntry entry, Descriptor channel, Action<ReadOnlySpan<byte>> take)
    {
        if (entry.Happened == 0)
        {
            return;
        }

        if (channel.Read(buffer) is > 0 and var count)
        {
            take(buffer.AsSpan(0, count));
        }
        else
        {
            channel.Dispose();
        }
    }

    private void Drain(Descriptor channel, Action<ReadOnlySpan<byte>> take)
    {
        for (var turn = 0; turn < MostReadsPerTurn && !channel.IsClosed && channel.Read(buffer) is > 0 and var count; turn++)
        {
            take(buffer.AsSpan(0, count));
        }
    }

    private static CommandText Text(OutputCapture capture)
    {
        var (head, tail) = capture.Kept();
        return capture.Dropped == 0 ? new CommandText([.. head, .. tail], [], 0) : new CommandText(head, tail, capture.Dropped);
    }
}
