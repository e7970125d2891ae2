using System.Text;
using CsCheck;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Tests.Frames;

public sealed class ReportChannelProperties
{
    private const string Key = "k0";

    // Lines as runners, programs and noise write them.
    private static readonly Gen<string> Line = Gen.OneOf(
        Gen.Const("ready"),
        Gen.Select(Any("start", "case", "error", "collected", "end"), Gen.Int, (kind, number) => $"{Key} {kind} {{\"n\":{number}}}"),
        Gen.Select(Any("k1", "", "K0", "k0 ", "\0k0"), key => $"{key} end {{\"exit\":0}}"),
        Any($"{Key} end", $"{Key} end [1]", $"{Key} end {{", $"{Key}  end {{}}", $"{Key} end {{\"\\ud800\":1}}", $"{Key} case {{\"name\":\"\\udfff\"}}", "", " "),
        Gen.String);

    private static readonly Gen<byte[]> Stream = Line.Array[0, 20].Select(lines => Encoding.UTF8.GetBytes(string.Join('\n', lines.Prepend("ready")) + "\n"));

    [Fact]
    public void Any_split_into_pieces_gives_the_same_records() => Gen.Select(Stream, Gen.Int[0, 400].Array[0, 10]).Sample((bytes, cuts) =>
    {
        var whole = Read(Key, bytes);
        var pieces = new ReportChannel(Key);
        var at = 0;
        foreach (var cut in cuts.Where(cut => cut < bytes.Length).Order())
        {
            pieces.Add(bytes.AsSpan(at, cut - at));
            at = cut;
        }

        pieces.Add(bytes.AsSpan(at));
        Assert.Equal(Shown(whole), Shown(pieces));
        Assert.Equal((whole.Ended, whole.Overflowed), (pieces.Ended, pieces.Overflowed));
    });

    [Fact]
    public void Garbage_never_throws_and_never_counts() => Gen.Byte.Array[0, 2000].Sample(bytes => Assert.Empty(Read(Key, [.. "ready\n"u8, .. bytes]).Records));

    [Fact]
    public void Forged_keys_never_count() => Gen.Select(Stream, Gen.String[Gen.Char["k0123456789abcdef \n"], 0, 40].Where(key => key != Key && !key.Contains(' ', StringComparison.Ordinal)))
        .Sample((bytes, key) => Assert.DoesNotContain(Read(key, bytes).Records, record => Encoding.UTF8.GetString(bytes).Contains($"\n{Key} {record.Kind} ", StringComparison.Ordinal)
            && !Encoding.UTF8.GetString(bytes).Contains($"\n{key} {record.Kind} ", StringComparison.Ordinal)));

    [Fact]
    public void Nothing_after_the_end_record_counts() => Stream.Sample(bytes =>
    {
        byte[] ended = [.. "ready\n"u8, .. Encoding.UTF8.GetBytes($"{Key} end {{\"exit\":1}}\n"), .. bytes];
        Assert.Equal([$"end {{\"exit\":1}}"], Shown(Read(Key, ended)));
    });

    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(int.MaxValue)]
    public void More_bytes_than_the_cap_are_an_overflow_however_they_come(int piece)
    {
        var channel = new ReportChannel(Key);
        var bytes = new byte[ReportChannel.MaximumBytes + 1];
        bytes.AsSpan().Fill((byte)'x');
        foreach (var part in bytes.Chunk(Math.Min(piece, bytes.Length)))
        {
            channel.Add(part);
        }

        Assert.True(channel.Overflowed);
        channel.Add(Encoding.UTF8.GetBytes($"\nready\n{Key} end {{}}\n"));
        Assert.Equal((false, 0), (channel.Ended, channel.Records.Count));
    }

    [Fact]
    public void More_records_than_the_cap_are_an_overflow_in_one_piece_too()
    {
        var line = $"{Key} case {{}}\n";
        var channel = Read(Key, Encoding.UTF8.GetBytes("ready\n" + string.Concat(Enumerable.Repeat(line, ReportChannel.MaximumRecords + 1)) + $"{Key} end {{}}\n"));

        Assert.Equal((true, false, ReportChannel.MaximumRecords), (channel.Overflowed, channel.Ended, channel.Records.Count));
    }

    [Fact]
    public void Text_of_a_record_is_cut()
    {
        var record = Assert.Single(Read(Key, Encoding.UTF8.GetBytes($"ready\n{Key} error {{\"message\":\"{new string('x', 1 << 20)}\"}}\n")).Records);

        Assert.True(record.Text("message")!.Length < 5000);
    }

    private static Gen<string> Any(params string[] values) => Gen.Int[0, values.Length - 1].Select(at => values[at]);

    private static ReportChannel Read(string key, byte[] bytes)
    {
        var channel = new ReportChannel(key);
        channel.Add(bytes);
        return channel;
    }

    private static IEnumerable<string> Shown(ReportChannel channel) => channel.Records.Select(record => record.Kind + " " + record.Content.GetRawText());
}
