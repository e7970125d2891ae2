using System.Text;
using CsCheck;
using EdgeCoder.Protocol.OperatorAudit;

namespace EdgeCoder.Protocol.Tests.OperatorAudit;

/// <summary>A dump is right to the last byte, or the first wrong row is named (portal-and-control-plane 10.3, K10).</summary>
public sealed class AuditDumpTests
{
    private const int Rows = 12;

    private static readonly byte[] Dump = Make(Rows);

    [Fact]
    public void A_dump_that_nobody_touched_is_right()
    {
        var verdict = Check(Dump);
        Assert.Null(verdict.Finding);
        Assert.Equal(Rows, verdict.Rows);
    }

    [Fact]
    public void An_empty_log_is_right() => Assert.Null(Check(Make(0)).Finding);

    [Fact]
    public void Any_changed_byte_is_found_and_located() => Gen.Select(Gen.Int[0, Dump.Length - 1], Gen.Byte[1, 255]).Sample((at, change) =>
    {
        var bytes = Dump.ToArray();
        bytes[at] ^= change;
        var finding = Check(bytes).Finding;
        Assert.NotNull(finding);

        // The line that the byte is of. A line feed belongs to the line that it ends; a byte of the first line may speak of the last row.
        var line = 1 + Dump.AsSpan(0, at).Count((byte)'\n');
        Assert.True(finding.Line == line || (line == 1 && finding.Fault is AuditFault.HeadMismatch or AuditFault.RowsMissing) || (bytes[at] == '\n' && finding.Line == line), $"{finding} for line {line}");
    });

    [Theory]
    [InlineData("left out", AuditFault.SequenceBreak, 5)]
    [InlineData("exchanged", AuditFault.SequenceBreak, 5)]
    [InlineData("put in twice", AuditFault.SequenceBreak, 6)]
    [InlineData("made anew with another actor", AuditFault.HashChainBreak, 6)]
    [InlineData("cut off at the end", AuditFault.RowsMissing, 11)]
    public void A_row_that_was(string what, AuditFault fault, int row)
    {
        var lines = Encoding.UTF8.GetString(Dump).Split('\n', StringSplitOptions.RemoveEmptyEntries).ToList();
        switch (what)
        {
            case "left out": lines.RemoveAt(5); break;
            case "exchanged": (lines[5], lines[6]) = (lines[6], lines[5]); break;
            case "put in twice": lines.Insert(6, lines[5]); break;
            case "made anew with another actor":
                var forged = Line(5, Previous(lines[5])) with { Actor = "user:somebody-else" };
                lines[5] = Encoding.UTF8.GetString(forged.Write(forged.ComputeHash()));
                break;
            default: lines.RemoveRange(11, 2); break;
        }

        Assert.Equal((fault, row), Check(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n")).Finding is { } finding ? (finding.Fault, (int)finding.Row!) : default);
    }

    [Fact]
    public void Any_bytes_are_judged_and_none_are_right() => Gen.Byte.Array.Sample(bytes => Check(bytes).Finding is not null);

    [Fact]
    public void A_line_without_an_end_is_no_row() => Assert.Equal(Rows, Check(Dump[..^1]).Finding!.Row);

    private static string Previous(string line) => line.Split("\"prevHash\":\"")[1].Split('"')[0];

    private static AuditVerdict Check(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return AuditDump.Check(stream, null, TestContext.Current.CancellationToken);
    }

    private static AuditLine Line(int seq, string previous) => new()
    {
        Seq = seq, AtMs = 1_800_000_000_000 + seq, Actor = "user:ann", Via = "session", Action = "role.granted", Target = "user:bob", PrevHash = previous,
        After = """{"role":"coordinator-owner"}""", Reason = seq % 2 == 0 ? "on duty – ä" : null,
    };

    private static byte[] Make(int rows)
    {
        var (body, last) = (new MemoryStream(), AuditLine.Genesis);
        for (var seq = 1; seq <= rows; seq++)
        {
            var line = Line(seq, last);
            last = line.ComputeHash();
            body.Write(line.Write(last));
            body.WriteByte((byte)'\n');
        }

        return [.. AuditDump.Header(rows, last), (byte)'\n', .. body.ToArray()];
    }
}
