using System.Text.Json;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Roles;

namespace EdgeCoder.Portal.Changes;

/// <summary>A kind of change that can wait for a second person. Each is registered once.</summary>
/// <param name="Name">Name of the action.</param>
/// <param name="MayDecide">Who may propose and approve it, by roles of the moment.</param>
/// <param name="Execute">Does it, from the stored parameters; gives the code of why it is no longer possible, having changed nothing, or null.</param>
/// <param name="Describe">A sentence for people; ids only.</param>
internal sealed record ChangeAction(string Name, Func<PersonRoles, bool> MayDecide, Func<IStoreBatch, JsonElement, ChangeRun, string?> Execute, Func<JsonElement, string> Describe);

/// <summary>The execution of a change.</summary>
/// <param name="By">Who gave the last approval.</param>
/// <param name="ChangeId">The change.</param>
/// <param name="EvidenceRef">Assertion of the last approval.</param>
/// <param name="NowMs">When.</param>
internal sealed record ChangeRun(AuditSource By, string ChangeId, string EvidenceRef, long NowMs);
