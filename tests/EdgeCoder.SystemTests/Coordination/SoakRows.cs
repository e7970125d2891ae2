using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace EdgeCoder.SystemTests.Coordination;

/// <summary>Reads a coordinator's store after everything has ended and says what must not be: lost or doubled work, credits that hang or were paid twice.</summary>
internal static class SoakRows
{
    private static readonly (string Fault, string Count)[] Checks =
    [
        ("tasks that are not final", "SELECT COUNT(*) FROM tasks WHERE state NOT IN ('completed', 'failed', 'cancelled', 'escalated')"),
        ("completed tasks with a subtask that is not accepted", "SELECT COUNT(*) FROM tasks t WHERE state = 'completed' AND EXISTS (SELECT 1 FROM subtasks s WHERE s.task_id = t.task_id AND s.state <> 'accepted')"),
        ("accepted subtasks without exactly one paid or unpaid accepted attempt",
            "SELECT COUNT(*) FROM subtasks s WHERE s.state = 'accepted' AND 1 <> (SELECT COUNT(DISTINCT v.lease_id) FROM verdicts v WHERE v.subtask_id = s.subtask_id AND v.purpose = 'verify' AND (v.kind = 'accepted' OR v.reason_code = 'not_rerunnable'))"),
        ("accepted subtasks whose accepted attempt has no stored result",
            "SELECT COUNT(*) FROM verdicts v WHERE (v.kind = 'accepted' OR v.reason_code = 'not_rerunnable') AND NOT EXISTS (SELECT 1 FROM results r WHERE r.lease_id = v.lease_id)"),
        ("leases that are still live", "SELECT COUNT(*) FROM leases WHERE state IN ('live', 'reported')"),
        ("lease charges that were neither posted nor returned", "SELECT COUNT(*) FROM lease_charges c JOIN tasks t ON t.task_id = c.task_id WHERE t.state <> 'escalated' AND NOT c.ended"),
        ("subtasks paid more than once", "SELECT COUNT(*) FROM (SELECT l.subtask_id FROM lease_charges c JOIN leases l ON l.lease_id = c.lease_id WHERE c.posted_mc > 0 GROUP BY l.subtask_id HAVING COUNT(*) > 1) AS found"),
        ("reservations that are still held", "SELECT COUNT(*) FROM task_charges c JOIN tasks t ON t.task_id = c.task_id WHERE t.state <> 'escalated' AND (c.held_mc <> 0 OR c.carved_mc <> 0)"),
        ("pending transfers of ended tasks that were neither posted nor voided",
            "SELECT COUNT(*) FROM transfers p JOIN tasks t ON t.task_id = p.related_task_id WHERE t.state <> 'escalated' AND p.phase = 'pending' AND NOT EXISTS (SELECT 1 FROM transfers r WHERE r.pending_id = p.transfer_id)"),
        ("transfers resolved more than once", "SELECT COUNT(*) FROM (SELECT pending_id FROM transfers WHERE pending_id IS NOT NULL GROUP BY pending_id HAVING COUNT(*) > 1) AS found"),
        ("millicredits made or lost", "SELECT ABS(SUM(credits_posted - debits_posted)) FROM accounts"),
        ("tasks with a gap in their events", "SELECT COUNT(*) FROM (SELECT task_id FROM task_events GROUP BY task_id HAVING COUNT(*) <> MAX(sequence)) AS found"),
    ];

    /// <summary>Everything that is wrong in a SQLite file; empty when nothing is.</summary>
    public static IReadOnlyList<string> Faults(string file, int tasks)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        return Faults(connection, tasks);
    }

    /// <summary>The same of a PostgreSQL database.</summary>
    public static IReadOnlyList<string> FaultsOnServer(string database, int tasks)
    {
        using var connection = new NpgsqlConnection(database);
        return Faults(connection, tasks);
    }

    private static List<string> Faults(DbConnection connection, int tasks)
    {
        connection.Open();
        var faults = new List<string>();
        foreach (var (fault, count) in Checks.Prepend(($"tasks other than {tasks}", $"SELECT ABS(COUNT(*) - {tasks}) FROM tasks")))
        {
            using var command = connection.CreateCommand();
            command.CommandText = count;
            if (Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture) is > 0 and var found)
            {
                faults.Add($"{found} {fault}");
            }
        }

        return faults;
    }
}
