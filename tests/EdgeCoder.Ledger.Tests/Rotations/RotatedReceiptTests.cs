using System.Text.Json;
using EdgeCoder.Ledger.Logs;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.Ledger.Tests.Rotations;

/// <summary>Receipts and logs over a change of key: from one key that is trusted the others are followed, offline; the second verifier says the same (economy-and-ledger 16.2).</summary>
public sealed class RotatedReceiptTests
{
    public static TheoryData<string, LedgerFault?> Cases => new()
    {
        { "old record, first key", null },
        { "new record, first key", null },
        { "old record, new key", null },
        { "new record, both keys, no statements", null },
        { "two rotations, first key", null },
        { "new record, first key, no statements", LedgerFault.InvalidSignature },
        { "statement of the change cut off", LedgerFault.InvalidSignature },
        { "first statement cut off", LedgerFault.KeyChainBroken },
        { "middle statement cut out", LedgerFault.KeyChainBroken },
        { "statement changed", LedgerFault.KeyChainBroken },
        { "statement of another coordinator", LedgerFault.KeyChainBroken },
        { "old key in the overlap", null },
        { "old key after the overlap", LedgerFault.KeyOutOfTime },
        { "new key before its time", LedgerFault.KeyOutOfTime },
        { "new record, checkpoint of the old key in the overlap", null },
        { "checkpoint of the old key after the overlap", LedgerFault.KeyOutOfTime },
        { "strange key", LedgerFault.UnknownKey },
        { "a stranger's chain", LedgerFault.UnknownKey },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_receipt_is_checked_with_the_keys_of_its_time(string what, LedgerFault? reason)
    {
        using var log = new RotatedLog(what is "two rotations, first key" or "middle statement cut out" ? 2 : 1);
        var (receipt, trust) = Case(log, what);
        var verdict = ReceiptVerifier.Check(receipt, trust);
        Assert.Equal((reason is null ? ReceiptStanding.Proven : ReceiptStanding.Invalid, reason), (verdict.Standing, verdict.Reason));
        Assert.Equal(reason is null ? "ok" : JsonSerializer.Serialize(reason).Trim('"'), await AskAsync(receipt, trust));
    }

    [Fact]
    public void A_witness_that_has_changed_its_key_is_counted_under_the_one_that_is_trusted()
    {
        using var log = new RotatedLog();
        using var witness = new RotatedLog();
        var receipt = log.Receipt(4, log.Keys[1]);
        Assert.True(SignedNote.TryParse(receipt.Checkpoint, out var note));
        receipt = receipt with { Checkpoint = note.With(NoteSignature.Cosign(note.Text, "edgecoder/coord-wit", witness.NowMs / 1000, witness.Keys[1])).ToString() };
        var trust = new TrustedKeys([.. log.Trust(0).Keys, NoteKey.Of("edgecoder/coord-wit", NoteKeyType.Cosignature, witness.Keys[0].PublicKey)], 1);
        Assert.Equal(LedgerFault.QuorumNotReached, ReceiptVerifier.Check(receipt, trust).Reason);

        List<string> statements =
        [
            Convert.ToBase64String(EdgeCoder.Protocol.Rotations.SignedKeyStatement.Announce("coord-wit", witness.Keys[0], 1).Bytes),
            Convert.ToBase64String(EdgeCoder.Protocol.Rotations.SignedKeyStatement.Change("coord-wit", witness.Keys[0], witness.Keys[1], witness.NowMs).Bytes),
        ];
        var told = receipt with { Rotations = [.. receipt.Rotations!, new("coord-wit", statements)] };
        Assert.Null(ReceiptVerifier.Check(told, trust).Reason);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(5)]
    public void A_log_that_changed_its_key_is_proven_by_any_one_of_them(int trusted)
    {
        using var log = new RotatedLog(5);
        var verdict = Check(log.Written(log.Keys[^1]), log.Trust(trusted));
        Assert.Equal((ReceiptStanding.Proven, null, 12L), (verdict.Standing, verdict.Finding, verdict.VerifiedTo));
        Assert.Equal(ReceiptStanding.Consistent, Check(log, TrustedKeys.None).Standing);
    }

    [Fact]
    public void A_record_of_the_old_key_is_right_in_the_overlap_and_wrong_after_it()
    {
        using var log = new RotatedLog();
        log.NowMs += RotatedLog.DayMs;
        log.Add(log.Keys[0]);
        Assert.Null(Check(log.Written(log.Keys[1]), log.Trust(0)).Finding);
        log.NowMs += 2 * RotatedLog.DayMs;
        log.Add(log.Keys[0]);
        Assert.Equal(new(LedgerFault.KeyOutOfTime, "tile/entries/000.p/6", 6), Check(log.Written(log.Keys[1]), log.Trust(0)).Finding);
    }

    [Fact]
    public void A_checkpoint_of_the_old_key_alone_is_wrong_after_the_overlap()
    {
        using var log = new RotatedLog();
        log.NowMs += 3 * RotatedLog.DayMs;
        log.Add(log.Keys[1]);
        Assert.Equal(LedgerFault.KeyOutOfTime, Check(log.Written(log.Keys[0]), log.Trust(0)).Finding!.Reason);
        Assert.Null(Check(log.Written(log.Keys[0], log.Keys[1]), log.Trust(0)).Finding);
    }

    [Fact]
    public void A_change_that_only_the_new_key_has_signed_is_named()
    {
        using var log = new RotatedLog();
        using var thief = SigningKey.Generate();
        log.NowMs += RotatedLog.DayMs;
        log.Announce(EdgeCoder.Protocol.Rotations.SignedKeyStatement.Change(RotatedLog.Peer, log.Keys[0], thief, log.NowMs), log.Keys[1]);
        Assert.Equal(new(LedgerFault.KeyChainBroken, "tile/entries/000.p/5", 5), Check(log.Written(log.Keys[1]), log.Trust(0)).Finding);
        log.Add(thief);
        Assert.Equal(new(LedgerFault.KeyChainBroken, "tile/entries/000.p/6", 5), Check(log.Written(thief), log.Trust(0)).Finding);
    }

    private static LogVerdict Check(RotatedLog log, TrustedKeys trust) => LogVerifier.Check(log.Folder, trust, null, TestContext.Current.CancellationToken);

    private static (ReceiptFile Receipt, TrustedKeys Trust) Case(RotatedLog log, string what)
    {
        var (old, now) = (log.Keys[0], log.Keys[^1]);
        switch (what)
        {
            case "old record, first key":
                return (log.Receipt(2, now), log.Trust(0));
            case "new record, first key":
                return (log.Receipt(4, now), log.Trust(0));
            case "two rotations, first key":
                return (log.Receipt(6, now), log.Trust(0));
            case "old record, new key":
                return (log.Receipt(2, now), log.Trust(1));
            case "new record, both keys, no statements":
                return (log.Receipt(4, now) with { Rotations = null }, log.Trust(0, 1));
            case "new record, first key, no statements":
                return (log.Receipt(4, now) with { Rotations = null }, log.Trust(0));
            case "statement of the change cut off":
                return (With(log.Receipt(4, now), log.Statements[0]), log.Trust(0));
            case "first statement cut off":
                return (With(log.Receipt(4, now), log.Statements[1]), log.Trust(0));
            case "middle statement cut out":
                return (With(log.Receipt(6, now), log.Statements[0], log.Statements[2]), log.Trust(0));
            case "statement changed":
                var bytes = Convert.FromBase64String(log.Statements[1]);
                bytes[bytes.AsSpan().IndexOf("activatesAtMs\":"u8) + 20] ^= 1;
                return (With(log.Receipt(4, now), log.Statements[0], Convert.ToBase64String(bytes)), log.Trust(0));
            case "statement of another coordinator":
                return (log.Receipt(4, now) with { Rotations = [new("coord-other", log.Statements)] }, log.Trust(0));
            case "old key in the overlap":
                log.NowMs += RotatedLog.DayMs;
                return (log.Receipt(log.Add(old), now), log.Trust(0));
            case "old key after the overlap":
                log.NowMs += 3 * RotatedLog.DayMs;
                return (log.Receipt(log.Add(old), now), log.Trust(0));
            case "new key before its time":
                log.NowMs -= 1;
                return (log.Receipt(log.Add(now), now), log.Trust(0));
            case "new record, checkpoint of the old key in the overlap":
                return (log.Receipt(4, old), log.Trust(0));
            case "checkpoint of the old key after the overlap":
                log.NowMs += 3 * RotatedLog.DayMs;
                return (log.Receipt(log.Add(now), old), log.Trust(0));
            case "strange key":
                return (log.Receipt(4, now), new([NoteKey.Of("edgecoder/coord-wit", NoteKeyType.Ed25519, old.PublicKey)], 0));
            default:
                using (var stranger = new RotatedLog())
                {
                    return (log.Receipt(4, now) with { Rotations = [new(RotatedLog.Peer, stranger.Statements)] }, new([NoteKey.Of("edgecoder/coord-wit", NoteKeyType.Ed25519, old.PublicKey)], 0));
                }
        }
    }

    private static ReceiptFile With(ReceiptFile receipt, params IReadOnlyList<string> statements) => receipt with { Rotations = [new(RotatedLog.Peer, statements)] };

    private static async Task<string> AskAsync(ReceiptFile receipt, TrustedKeys trust)
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("receipt.json", JsonSerializer.Serialize(receipt, LedgerJson.Default.ReceiptFile));
        var keys = directory.Write("trust.txt", string.Join('\n', trust.Keys));
        var result = await ProgramRun.ToEndAsync(
            "python3",
            ["-I", Path.Combine(AppContext.BaseDirectory, "Receipts", "verify.py"), file, keys],
            new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin" });
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output.Trim();
    }
}
