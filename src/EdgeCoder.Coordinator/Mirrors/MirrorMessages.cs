using System.Text.Json.Serialization;

namespace EdgeCoder.Coordinator.Mirrors;

/// <summary>Answer of <c>GET /stats/ledger/range</c> (economy-and-ledger 12).</summary>
/// <param name="Records">Exact bytes of leaves, base64, in their order.</param>
/// <param name="NextSequence">Sequence of the one after the last.</param>
internal sealed record RecordRange(IReadOnlyList<string> Records, long NextSequence);

/// <summary>A log that is kept here.</summary>
/// <param name="Source">Coordinator whose log it is.</param>
/// <param name="Sequence">Records.</param>
/// <param name="Hash">Hash of the last.</param>
/// <param name="Fault">Why it goes no further; null while it does.</param>
internal sealed record LogSource(string Source, long Sequence, string Hash, string? Fault);

/// <summary>The own log's end.</summary>
internal sealed record SourceHead(long IssuedAtMs, string Hash, long Count);

/// <summary>A checkpoint by its hash.</summary>
internal sealed record HeadCheckpoint(string Hash, long Height, long IssuedAtMs);

/// <summary>Answer of <c>GET /stats/ledger/head</c>.</summary>
internal sealed record LedgerHead(string CoordinatorId, SourceHead Head, HeadCheckpoint? Checkpoint, int QuorumThreshold, IReadOnlyList<LogSource> Sources, HeldLog? Held);

/// <summary>Why the own log is not signed at the moment (economy-and-ledger 9.8).</summary>
internal sealed record HeldLog(string Code, string Detail);

/// <summary>Body of <c>POST /stats/ledger/ingest</c>: exact bytes of leaves, base64.</summary>
internal sealed record IngestRequest(IReadOnlyList<string?>? Records);

/// <summary>A record that was not taken in.</summary>
/// <param name="Sequence">Its place; 0 where it could not be read.</param>
/// <param name="Reason">Code.</param>
internal sealed record RefusedRecord(long Sequence, string Reason);

/// <summary>Its answer.</summary>
/// <param name="Ok">Always true: what is wrong is in <paramref name="Refused"/>.</param>
/// <param name="Ingested">Records that are new here.</param>
/// <param name="Skipped">Records that were here already.</param>
/// <param name="NextSequence">The one that this coordinator needs next of the caller's own log.</param>
/// <param name="Refused">The others.</param>
internal sealed record IngestAnswer(bool Ok, long Ingested, long Skipped, long NextSequence, IReadOnlyList<RefusedRecord> Refused);

/// <summary>How they are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RecordRange))]
[JsonSerializable(typeof(LedgerHead))]
[JsonSerializable(typeof(IngestRequest))]
[JsonSerializable(typeof(IngestAnswer))]
internal sealed partial class MirrorJson : JsonSerializerContext;
