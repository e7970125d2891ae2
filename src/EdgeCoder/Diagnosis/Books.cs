using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCoder.Commands;
using EdgeCoder.Coordination;

namespace EdgeCoder.Diagnosis;

/// <summary>Whether the accounts of this machine's coordinator agree with their transfers and its log. Looked at where an operator's token is, and said nothing of elsewhere.</summary>
internal static class Books
{
    /// <summary>The finding; null where there is no operator's token.</summary>
    public static async Task<Finding?> LookAsync(Surroundings surroundings, CancellationToken cancellationToken)
    {
        try
        {
            var access = Access.Read(surroundings);
            if (access.AdminToken is null)
            {
                return null;
            }

            using var api = new CoordinatorApi(access);
            return Of(JsonNode.Parse(await api.GetTextAsync("admin/credits/check", asOperator: true, cancellationToken)));
        }
        catch (Exception fault) when (fault is CoordinatorException or UsageException)
        {
            return new("books", FindingState.Warning, $"not checked: {fault.Message}", "Start the coordinator, then run edgecoder verify balances.");
        }
    }

    private static Finding Of(JsonNode? report) => (Ok: (bool?)report?["ok"], Stopped: (bool?)report?["stopped"]) switch
    {
        { Ok: true, Stopped: not true } => new("books", FindingState.Ok, string.Create(CultureInfo.InvariantCulture, $"{(long?)report?["transfers"] ?? 0:N0} transfers, balances sum to zero")),
        { Ok: true } => new("books", FindingState.Fault, "they agree again, and money stands still since a check found a difference (balance_mismatch)", "When you know why: edgecoder verify balances --release"),
        _ => new(
            "books",
            FindingState.Fault,
            $"balance_mismatch: {(report?["differences"] as JsonArray)?.Count ?? 0} accounts differ from their transfers or the log; nothing is moved",
            "edgecoder verify balances names them. Restore the backup from before, or correct the rows, then run it with --release."),
    };
}
