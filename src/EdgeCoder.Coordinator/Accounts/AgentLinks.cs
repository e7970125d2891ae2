using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Problems;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>Which account an agent's work is paid to (economy-and-ledger 4). The pay of leases that are open stays with the account of their grant.</summary>
internal sealed class AgentLinks(IdempotentAnswers answers, AgentDirectory directory, ITaskQueue queue)
{
    private const string Columns = "SELECT agent_id, account_id, owner_user_id, machine_label, created_at_ms, updated_at_ms FROM agent_ownership";

    /// <summary>
    /// Links an agent, or moves it. A person must own the account as well as the agent. Throws 404 <c>agent_not_found</c>, 404 <c>account_not_found</c>, 403
    /// <c>account_forbidden</c>, 409 <c>agent_link_conflict</c>.
    /// </summary>
    public async Task<LinkAnswer> LinkAsync(HttpContext context, string accountId, LinkRequest request)
    {
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, FieldRules.Length(request.AgentId, 2, 128), "agentId", "the id of an enrolled agent");
        FieldRules.Require(issues, AccountRules.IsUser(request.OwnerUserId), "ownerUserId", AccountRules.UserRule);
        FieldRules.Require(issues, request.MachineLabel is not { Length: > 120 }, "machineLabel", "at most 120 characters");
        FieldRules.ThrowIfAny(issues);
        var answer = await answers.RunAsync(context, CreditJson.Default.LinkAnswer, (batch, nowMs) => Link(batch, accountId, request, context.Caller(), nowMs));

        // Read again before the queue asks: the next lease is paid by what was just stored.
        await directory.KnownAsync(request.AgentId!, context.RequestAborted);
        await queue.AgentChangedAsync(request.AgentId!, false, "linked", context.RequestAborted);
        return answer;
    }

    /// <summary>The agents of an account.</summary>
    public static List<LinkedAgent> Of(IStoreBatch batch, string accountId) => batch.Query($"{Columns} WHERE account_id = $1 ORDER BY agent_id", Read, accountId);

    /// <summary>Agents with what they earn for whom, 500 at most, after one of them.</summary>
    public static List<CatalogAgent> Catalog(IStoreBatch batch, string? after) => batch.Query(
        """
        SELECT g.agent_id, g.owner_account_id, g.reward_account_id, COALESCE(a.credits_posted - a.debits_posted, 0), o.account_id, o.owner_user_id, o.machine_label, o.created_at_ms, o.updated_at_ms
        FROM agents g LEFT JOIN accounts a ON a.account_id = g.reward_account_id LEFT JOIN agent_ownership o ON o.agent_id = g.agent_id
        WHERE g.agent_id > $1 ORDER BY g.agent_id LIMIT 500
        """,
        row => new CatalogAgent(
            row.Text(0),
            row.Text(1),
            row.IsNull(4) ? null : new(row.Text(0), row.Text(4), row.Text(5), row.TextOrNull(6), row.Number(7), row.Number(8)),
            row.Text(2),
            CreditText.Of(row.Number(3))),
        after ?? "");

    private LinkAnswer Link(IStoreBatch batch, string accountId, LinkRequest request, Caller caller, long nowMs)
    {
        AccountAccess.Require(batch, caller, accountId, AccountRole.Owner, services: false);
        if (batch.Query("SELECT owner_account_id FROM agents WHERE agent_id = $1", row => row.Text(0), request.AgentId) is not [var ownerAccount])
        {
            throw new Refusal(404, "agent_not_found", "No agent with this id is enrolled here. See `edgecoder node list`.");
        }

        if (AccountAccess.IsPerson(caller) && (caller.Name != request.OwnerUserId || AccountAccess.RoleOf(batch, ownerAccount, caller.Name) != AccountRole.Owner))
        {
            throw new Refusal(403, "account_forbidden", "Only the owner of this agent may link it to an account.");
        }

        if (AccountAccess.IsPerson(caller) && batch.Query("SELECT owner_user_id FROM agent_ownership WHERE agent_id = $1", row => row.Text(0), request.AgentId) is [var linked] && linked != request.OwnerUserId)
        {
            throw new Refusal(409, "agent_link_conflict", "This agent's rewards are linked to somebody else. An operator of the coordinator can move the link.");
        }

        if (!batch.TryInsert(new AgentOwnershipRow
        {
            AgentId = request.AgentId!,
            AccountId = accountId,
            OwnerUserId = request.OwnerUserId!,
            MachineLabel = request.MachineLabel,
            CreatedAtMs = nowMs,
            UpdatedAtMs = nowMs,
        }))
        {
            batch.Execute(
                "UPDATE agent_ownership SET account_id = $2, owner_user_id = $3, machine_label = $4, updated_at_ms = $5 WHERE agent_id = $1",
                request.AgentId, accountId, request.OwnerUserId, request.MachineLabel, nowMs);
        }

        AgentRows.Change(
            batch, directory, request.AgentId!, "UPDATE agents SET reward_account_id = $2, updated_at_ms = $3, revision = revision + 1 WHERE agent_id = $1 RETURNING revision", accountId, nowMs);
        return new(true, batch.Query($"{Columns} WHERE agent_id = $1", Read, request.AgentId)[0]);
    }

    private static LinkedAgent Read(StoreRow row) => new(row.Text(0), row.Text(1), row.Text(2), row.TextOrNull(3), row.Number(4), row.Number(5));
}
