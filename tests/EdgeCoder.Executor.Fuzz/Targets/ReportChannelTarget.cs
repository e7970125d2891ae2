using System.Text;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Fuzz.Targets;

/// <summary>The runner's channel: never throws; how the bytes are cut makes no difference; without the key nothing counts.</summary>
internal sealed class ReportChannelTarget : FuzzTarget
{
    /// <inheritdoc/>
    public override string Name => "report";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } = [Encoding.UTF8.GetBytes(FuzzTargets.PassingReport), "ready\n"u8.ToArray(), []];

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Words => FuzzTargets.ReportWords;

    /// <inheritdoc/>
    public override void Check(byte[] input)
    {
        var whole = Read(FuzzTargets.Key, [input]);
        var cut = input.Length == 0 ? 0 : input[0] % input.Length;
        Require(Same(whole, Read(FuzzTargets.Key, [input[..cut], [], input[cut..]])), "two pieces read otherwise than one");
        Require(Same(whole, Read(FuzzTargets.Key, [.. input.Select(one => (byte[])[one])])), "single bytes read otherwise than one piece");
        Require(whole.Ready || whole.Records.Count == 0, "a record before the runner was ready");
        Require(!whole.Ended || whole.Records[^1].Kind == "end", "ended without an end record, or went on after it");
        Require(Read("another key", [input]).Records.Count == 0, "a record without the key");
        foreach (var record in whole.Records)
        {
            // Whatever the content is, asking for it gives something or nothing.
            _ = (record.Text("message"), record.Text("name"), record.Number("exit"), record.Number("line"));
            Require(double.IsFinite(record.Real("durationMs")), "a time that is no number");
        }
    }

    private static ReportChannel Read(string key, IEnumerable<byte[]> pieces)
    {
        var channel = new ReportChannel(key);
        foreach (var piece in pieces)
        {
            channel.Add(piece);
        }

        return channel;
    }

    private static bool Same(ReportChannel one, ReportChannel other) =>
        (one.Ready, one.Started, one.Ended, one.Overflowed) == (other.Ready, other.Started, other.Ended, other.Overflowed)
        && one.Records.Select(Shown).SequenceEqual(other.Records.Select(Shown));

    private static string Shown(ReportRecord record) => record.Kind + " " + record.Content.GetRawText();
}
