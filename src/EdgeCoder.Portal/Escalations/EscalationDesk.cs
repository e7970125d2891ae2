using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Coordinators;
using EdgeCoder.Portal.Roles;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Tasks;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Escalations;

namespace EdgeCoder.Portal.Escalations;

/// <summary>
/// Escalations, read from and answered at the home coordinator (portal-and-control-plane 14.1, 14.3). Their owner reads all of them; an operator reads that they are there, and their texts
/// only where the owner let operators help. Every look of an operator at one is a line of the audit log.
/// </summary>
/// <param name="home">The coordinator.</param>
/// <param name="consents">Consents.</param>
/// <param name="writer">Writes.</param>
/// <param name="time">Clock.</param>
internal sealed class EscalationDesk(HomeCoordinator home, HelpConsents consents, IStoreWriter writer, TimeProvider time)
{
    private const string PendingHuman = "pending_human";

    private string? _homeId;

    /// <summary>The person's own; those that wait for a person unless <paramref name="all"/>.</summary>
    public async Task<IReadOnlyList<EscalationDetail>> MineAsync(SignedIn person, bool all, CancellationToken cancellationToken) =>
        List(await home.AskAsync(HttpMethod.Get, ["escalate"], person, HomeCoordinator.AccountOf(person), query: Query(all), cancellationToken: cancellationToken).ConfigureAwait(false));

    /// <summary>Those of everybody, without texts; for operators. Throws 403 <c>coordinator_operations_forbidden</c>.</summary>
    public async Task<IReadOnlyList<EscalationDetail>> OperatedAsync(SignedIn person, bool all, CancellationToken cancellationToken)
    {
        if (!await MayAsync(person, Rights.SeesCoordinator, cancellationToken).ConfigureAwait(false))
        {
            throw new Refusal(403, "coordinator_operations_forbidden", "This is for people who operate the coordinator.");
        }

        return List(await home.AskAsync(HttpMethod.Get, ["escalate"], query: Query(all), cancellationToken: cancellationToken).ConfigureAwait(false));
    }

    /// <summary>One, with whether its texts may be read. Throws 404 <c>escalation_not_found</c>.</summary>
    public async Task<(EscalationDetail Detail, string AccountId, bool Content, bool Own)> FindAsync(SignedIn person, string id, AuditSource by, CancellationToken cancellationToken)
    {
        try
        {
            return (await ReadAsync(person, HomeCoordinator.AccountOf(person), id, cancellationToken).ConfigureAwait(false), HomeCoordinator.AccountOf(person), true, true);
        }
        catch (Refusal refusal) when (refusal.Error == "escalation_not_found")
        {
            if (!await MayAsync(person, Rights.SeesCoordinator, cancellationToken).ConfigureAwait(false))
            {
                throw;
            }

            // Somebody else's: an operator looks through the list of all.
        }

        var found = (await OperatedAsync(person, all: true, cancellationToken).ConfigureAwait(false)).FirstOrDefault(one => one.EscalationId == id || one.Human?.EscalationId == id) is { AccountId: { } account } one
            ? one : throw new Refusal(404, "escalation_not_found", "There is no such escalation of yours.");
        var content = await consents.HasAsync(found.TaskId!, cancellationToken).ConfigureAwait(false);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await writer.WriteAsync(
            batch =>
            {
                AuditLog.Append(batch, by, content ? "escalation.read" : "escalation.looked_at", "escalation:" + id, now, about: "user:" + found.AccountId!["acct-".Length..]);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        return (content ? await ReadAsync(person, found.AccountId!, id, cancellationToken).ConfigureAwait(false) : found, found.AccountId!, content, false);
    }

    /// <summary>Answers; the audit comes first, because what cannot be recorded is not done. Throws what the coordinator refuses.</summary>
    public async Task<JsonObject> RespondAsync(SignedIn person, string id, string action, string? context, string? editedCode, AuditSource by, CancellationToken cancellationToken)
    {
        if (action == "provide_context" && context is null)
        {
            throw new Refusal(400, "context_required_for_provide_context_action", "Say what the next attempt should know.");
        }

        if (action == "edit_code" && editedCode is null)
        {
            throw new Refusal(400, "editedCode_required_for_edit_code_action", "Give the whole code.");
        }

        var (found, account, content, own) = await FindAsync(person, id, by, cancellationToken).ConfigureAwait(false);
        if (!own && !await MayAsync(person, Rights.OperatesCoordinator, cancellationToken).ConfigureAwait(false))
        {
            throw new Refusal(403, "coordinator_operations_forbidden", "You may look at this coordinator's work, and not change it.");
        }

        if (!content)
        {
            throw new Refusal(403, "content_not_shared", "The owner has not let operators read this task, so only the owner answers it.");
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await writer.WriteAsync(
            batch =>
            {
                AuditLog.Append(batch, by, "escalation." + action, "escalation:" + id, now, about: account.StartsWith("acct-", StringComparison.Ordinal) ? "user:" + account["acct-".Length..] : null);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        var body = new JsonObject { ["escalationId"] = id, ["action"] = action, ["respondedByUserId"] = person.AccountId };
        if (action == "provide_context")
        {
            body["context"] = context;
        }

        if (action == "edit_code")
        {
            body["editedCode"] = editedCode;
        }

        return await home.AskAsync(HttpMethod.Post, ["escalate", found.TaskId!, "respond"], person, account, body, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether a person sees what others have at the home coordinator.</summary>
    public Task<bool> SeesOthersAsync(SignedIn person, CancellationToken cancellationToken) => MayAsync(person, Rights.SeesCoordinator, cancellationToken);

    // The home coordinator's id, which grants name, is asked for once; somebody without any such role is not worth a call.
    private async Task<bool> MayAsync(SignedIn person, Func<PersonRoles, string, string?, bool> rule, CancellationToken cancellationToken)
    {
        if (!person.Roles.IsSystemAdmin && person.Roles.Sees.Count == 0)
        {
            return false;
        }

        if (!person.Roles.IsSystemAdmin)
        {
            _homeId ??= (string?)(await home.AskAsync(HttpMethod.Get, ["identity"], cancellationToken: cancellationToken).ConfigureAwait(false))["peerId"];
        }

        return rule(person.Roles, _homeId ?? "", _homeId);
    }

    private async Task<EscalationDetail> ReadAsync(SignedIn person, string account, string id, CancellationToken cancellationToken) =>
        TaskDesk.Read(await home.AskAsync(HttpMethod.Get, ["escalate", id], person, account, cancellationToken: cancellationToken).ConfigureAwait(false), InferenceJson.Default.EscalationDetail) ?? throw Unreadable();

    private static Dictionary<string, string?>? Query(bool all) => all ? null : new() { ["status"] = PendingHuman };

    private static IReadOnlyList<EscalationDetail> List(JsonObject answer) => (TaskDesk.Read(answer, InferenceJson.Default.EscalationList) ?? throw Unreadable()).Escalations;

    private static Refusal Unreadable() => new(502, "coordinator_request_failed", "The coordinator gave an answer that this portal cannot read. Try again in a moment.");
}
