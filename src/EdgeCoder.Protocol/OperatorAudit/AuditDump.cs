using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Protocol.Canonical;

namespace EdgeCoder.Protocol.OperatorAudit;

/// <summary>
/// A dump of the operators' audit log: a first line <c>{"format":"edgecoder-audit-v1","head":HASH,"rows":N}</c>, then the rows from 1 to N, each a line of canonical JSON that
/// ends with a line feed. Every byte counts: a line that is not its own canonical form is refused.
/// </summary>
public static class AuditDump
{
    private const string Format = "edgecoder-audit-v1";

    /// <summary>Most characters of a line.</summary>
    private const int MostBytes = 64 * 1024;

    /// <summary>The first line.</summary>
    public static byte[] Header(long rows, string head) => CanonicalJson.Write(new JsonObject { ["format"] = Format, ["rows"] = rows, ["head"] = head });

    /// <summary>Checks a dump: 1. the first line; 2. each row's form, place, link and hash; 3. that it ends with the head that the first line names.</summary>
    /// <param name="dump">Read to its end or to the first fault.</param>
    /// <param name="seen">Told of each right row, in order.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static AuditVerdict Check(Stream dump, Action<long, string>? seen, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dump);
        var lines = new DumpLines(dump, MostBytes);

        // 1.
        if (!lines.Next(out var first) || Read(first) is not { } header || header.Count != 3 || Text(header, "format") != Format || Text(header, "head") is not { } head || Number(header, "rows") is not { } rows)
        {
            return new(0, AuditLine.Genesis, new(AuditFault.HeaderInvalid, 1, null));
        }

        // 2.
        var (count, last, line) = (0L, AuditLine.Genesis, 1L);
        while (lines.Next(out var bytes))
        {
            cancellationToken.ThrowIfCancellationRequested();
            line++;
            if (Fault(bytes, count + 1, last, out var hash) is { } fault)
            {
                return new(count, last, new(fault, line, count + 1));
            }

            (count, last) = (count + 1, hash);
            seen?.Invoke(count, hash);
        }

        // 3.
        return lines.IsCut ? new(count, last, new(AuditFault.NotCanonical, line + 1, count + 1))
            : count < rows ? new(count, last, new(AuditFault.RowsMissing, line + 1, count + 1))
            : count > rows || head != last ? new(count, last, new(AuditFault.HeadMismatch, 1, count))
            : new(count, last, null);
    }

    private static AuditFault? Fault(byte[] bytes, long seq, string previous, out string hash)
    {
        hash = "";
        if (Read(bytes) is not { } row || Text(row, "hash") is not { } named)
        {
            return AuditFault.NotCanonical;
        }

        row.Remove("hash");
        hash = AuditLine.HashOf(CanonicalJson.Write(row));
        return hash != named ? AuditFault.HashMismatch
            : Number(row, "seq") != seq ? AuditFault.SequenceBreak
            : Text(row, "prevHash") != previous ? AuditFault.HashChainBreak
            : null;
    }

    private static JsonObject? Read(byte[] bytes)
    {
        try
        {
            return CanonicalJson.IsCanonical(bytes) ? JsonNode.Parse(bytes) as JsonObject : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonObject row, string name) => row[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static long? Number(JsonObject row, string name) => row[name] is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;
}
