using System.Text.Json.Nodes;

namespace EdgeCoder.Portal.Audit;

/// <summary>A row of the audit log for people.</summary>
/// <param name="Seq">Its place.</param>
/// <param name="AtMs">When.</param>
/// <param name="Actor">Who, by id.</param>
/// <param name="ActorName">Who, by address, for those who may see it.</param>
/// <param name="Via">Over what.</param>
/// <param name="Action">What.</param>
/// <param name="Target">To what, by id.</param>
/// <param name="TargetName">The same by address.</param>
/// <param name="Details">What was and what is.</param>
/// <param name="Reason">Why.</param>
public sealed record AuditView(long Seq, long AtMs, string Actor, string? ActorName, string Via, string Action, string Target, string? TargetName, string Details, string? Reason)
{
    internal static AuditView Of(AuditLineRow row, IReadOnlyDictionary<string, string> names) => new(
        row.Seq, row.AtMs, row.Actor, names.GetValueOrDefault(row.Actor), row.Via, row.Action, row.Target, names.GetValueOrDefault(row.Target),
        string.Join("; ", new[] { Words("was", row.Before), Words("", row.After) }.Where(part => part.Length > 0)), row.Reason);

    private static string Words(string tense, string? json) =>
        json is null ? "" : tense + (tense.Length > 0 ? " " : "") + string.Join(", ", JsonNode.Parse(json)!.AsObject().Select(member => $"{member.Key} {(member.Value is JsonValue value ? value.ToString() : member.Value?.ToJsonString() ?? "none")}"));
}
