using System.Text;
using System.Text.Json;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Ledger;
using EdgeCoder.Ledger.Logs;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Tiles;

namespace EdgeCoder.Coordinator.Log;

/// <summary>Verification at the coordinator itself, by the same code that others use offline: of its whole log, from the rows, and of what somebody brings.</summary>
internal sealed class LogCheck(LogRows rows, LogTree tree, LogCheckpoints checkpoints) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private (long Size, LogVerification Answer)? _last;

    /// <summary>Checks every record in the store and every tile against the newest checkpoint. One at a time; what was right of a size is not checked twice.</summary>
    /// <exception cref="Refusal">429 <c>verification_running</c>.</exception>
    public async Task<LogVerification> WholeAsync(CancellationToken cancellationToken)
    {
        var newest = await checkpoints.NewestAsync(cancellationToken).ConfigureAwait(false);
        if (_last is { } last && last.Size == newest.Checkpoint.Size && last.Answer.Ok)
        {
            return last.Answer;
        }

        if (!await _one.WaitAsync(0, cancellationToken).ConfigureAwait(false))
        {
            throw new Refusal(429, "verification_running", "The log is being verified for somebody else. Ask again when that has ended.") { RetryAfter = 10 };
        }

        try
        {
            var files = new RowTiles(tree.Folder.Directory, rows, newest, cancellationToken);
            var verdict = await Task.Run(() => LogVerifier.Check(files, rows.Trust, null, cancellationToken), cancellationToken).ConfigureAwait(false);
            var answer = new LogVerification(
                verdict.Standing == ReceiptStanding.Proven, verdict.Finding is { } finding ? Word(finding.Reason) : null, verdict.Finding?.Sequence, verdict.Finding?.Where, verdict.VerifiedTo);
            _last = (newest.Checkpoint.Size, answer);
            return answer;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Checks a receipt, or a leaf with its proof, against this coordinator's key alone.</summary>
    public ReceiptVerification Brought(ReadOnlySpan<byte> body)
    {
        var verdict = ReceiptVerifier.Check(Receipt(body), rows.Trust);
        return new(verdict.Standing == ReceiptStanding.Proven, verdict.Reason is { } reason ? Word(reason) : null, verdict.Checks);
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private static ReadOnlySpan<byte> Receipt(ReadOnlySpan<byte> body)
    {
        try
        {
            // A leaf with its proof is a receipt without its heading.
            if (JsonSerializer.Deserialize(body, LedgerMessageJson.Default.LeafWithProof) is { Leaf: { } leaf, InclusionProof: { } proof, Checkpoint: { } checkpoint } given && !HasType(body))
            {
                return JsonSerializer.SerializeToUtf8Bytes(
                    new ReceiptFile { V = 1, Type = ReceiptFile.TypeName, Leaf = leaf, LeafIndex = given.LeafIndex, TreeSize = given.TreeSize, InclusionProof = proof, Checkpoint = checkpoint, Keys = [] },
                    LedgerJson.Default.ReceiptFile);
            }
        }
        catch (JsonException)
        {
            // The verifier says what is wrong with it.
        }

        return body;
    }

    private static bool HasType(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>The log as its rows have it, in the form of its files: leaves from the store, hashes from the tiles.</summary>
    private sealed class RowTiles(string directory, LogRows rows, Published newest, CancellationToken cancellationToken) : TileFolder(directory)
    {
        public override byte[]? Read(string path)
        {
            if (path == CheckpointPath)
            {
                return Encoding.UTF8.GetBytes(newest.Note.ToString());
            }

            if (!TilePath.TryParse(path, out var level, out var index, out var width) || level >= 0)
            {
                return base.Read(path);
            }

            var leaves = rows.Leaves((index * TilePath.Width) + 1, width, cancellationToken);
            return leaves.Count == width ? EntryBundle.Write(leaves) : null;
        }
    }
}
