using System.Text;
using EdgeCoder.Agent.Mcp;
using EdgeCoder.Executor.Commands;

namespace EdgeCoder.Agent.Tests.Mcp;

/// <summary>The pipes of a server of this machine: bounded on both sides, and nobody waits for it.</summary>
public sealed class ServerStreamTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Output_arrives_in_order_in_pieces_of_the_readers_size_and_ends()
    {
        await using var output = new ServerOutput();
        Assert.Null(output.Take("hello\nwo"u8));
        Assert.Null(output.Take("rld\n"u8));
        output.End();
        var (read, piece) = (new StringBuilder(), new byte[3]);
        while (await output.ReadAsync(piece, Stop) is var count and > 0)
        {
            read.Append(Encoding.UTF8.GetString(piece, 0, count));
        }

        Assert.Equal("hello\nworld\n", read.ToString());
        Assert.Equal(0, await output.ReadAsync(piece, Stop));
    }

    [Fact]
    public async Task A_reader_waits_for_output_and_not_for_ever()
    {
        await using var output = new ServerOutput();
        var waiting = output.ReadAsync(new byte[8], Stop).AsTask();
        Assert.False(waiting.IsCompleted);
        output.Take("late"u8);
        Assert.Equal(4, await waiting);
        using var stop = new CancellationTokenSource();
        var cancelled = output.ReadAsync(new byte[8], stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
    }

    [Fact]
    public async Task A_line_of_exactly_the_bound_is_taken_and_one_byte_more_is_a_fault()
    {
        await using var output = new ServerOutput();
        var half = new byte[ServerOutput.LongestLine / 2];
        Assert.Null(output.Take(half));
        Assert.Null(output.Take(half));
        Assert.Null(output.Take("\n"u8));
        await ReadAllAsync(output, ServerOutput.LongestLine + 1);
        Assert.Null(output.Take(half));
        Assert.Null(output.Take(half));
        Assert.Contains("a line of more than 8 MiB", output.Take("x"u8), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_of_one_line_and_the_beginning_of_the_next_are_counted_apart()
    {
        await using var output = new ServerOutput();
        var most = new byte[ServerOutput.LongestLine];
        Assert.Null(output.Take([.. "a\n"u8, .. most]));
        Assert.Contains("a line of more", output.Take("b\n"u8), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nobody_reads_is_kept_up_to_a_bound()
    {
        await using var output = new ServerOutput();
        var line = new byte[(8 << 20) - 1];
        line[^1] = (byte)'\n';
        for (var n = 0; n < 4; n++)
        {
            Assert.Null(output.Take(line));
        }

        Assert.Contains("faster than anybody can read", output.Take(line), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_read_makes_room()
    {
        await using var output = new ServerOutput();
        var line = new byte[8 << 20];
        line[^1] = (byte)'\n';
        for (var n = 0; n < 12; n++)
        {
            Assert.Null(output.Take(line));
            await ReadAllAsync(output, line.Length);
        }
    }

    [Fact]
    public async Task Input_that_nobody_reads_is_refused_at_its_bound_instead_of_waiting()
    {
        var input = new CommandInput();
        await using var stream = new ServerInput(input);
        await stream.WriteAsync(new byte[CommandInput.MostWaiting], Stop);
        await stream.FlushAsync(Stop);
        await Assert.ThrowsAsync<IOException>(async () => await stream.WriteAsync(new byte[1], Stop));
    }

    [Fact]
    public async Task Closing_the_input_is_the_end_for_the_server()
    {
        var input = new CommandInput();
        var stream = new ServerInput(input);
        await stream.WriteAsync("last"u8.ToArray(), Stop);
        await stream.DisposeAsync();
        Assert.False(input.Write("more"u8));
    }

    private static async Task ReadAllAsync(ServerOutput output, int length)
    {
        var buffer = new byte[1 << 20];
        for (var left = length; left > 0;)
        {
            left -= await output.ReadAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)), Stop);
        }
    }
}
