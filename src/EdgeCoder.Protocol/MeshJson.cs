using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Problems;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Protocol;

/// <summary>
/// How messages between roles, agents and clients are written (coordinator-and-mesh 1): camelCase, absent instead of null, unknown members ignored,
/// members with a default settable (a generated reader forgets the default of an init-only one),
/// a repeated member name refused.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(TaskSubmission))]
[JsonSerializable(typeof(TaskAccepted))]
[JsonSerializable(typeof(TaskView))]
[JsonSerializable(typeof(TaskList))]
[JsonSerializable(typeof(TaskResult))]
[JsonSerializable(typeof(SubtaskResult))]
[JsonSerializable(typeof(CancelRequest))]
[JsonSerializable(typeof(CheckRequest))]
[JsonSerializable(typeof(CheckAnswer))]
[JsonSerializable(typeof(AccountTaskEvent))]
[JsonSerializable(typeof(TaskEvent))]
[JsonSerializable(typeof(TaskExplanation))]
[JsonSerializable(typeof(AgentExplanation))]
[JsonSerializable(typeof(AcceptanceCheck))]
[JsonSerializable(typeof(PullRequest))]
[JsonSerializable(typeof(PullAnswer))]
[JsonSerializable(typeof(Lease))]
[JsonSerializable(typeof(SubtaskOrder))]
[JsonSerializable(typeof(SealedEnvelope))]
[JsonSerializable(typeof(ReleaseRequest))]
[JsonSerializable(typeof(ResultReport))]
[JsonSerializable(typeof(ResultAnswer))]
[JsonSerializable(typeof(Verdict))]
[JsonSerializable(typeof(RegisterRequest))]
[JsonSerializable(typeof(RegisterAnswer))]
[JsonSerializable(typeof(HeartbeatRequest))]
[JsonSerializable(typeof(HeartbeatAnswer))]
[JsonSerializable(typeof(AgentRotation))]
[JsonSerializable(typeof(EnrolmentStatement))]
[JsonSerializable(typeof(IdentityAnswer))]
public sealed partial class MeshJson : JsonSerializerContext;
