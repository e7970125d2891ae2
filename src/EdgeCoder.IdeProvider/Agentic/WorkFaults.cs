using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Hosting.Problems;

namespace EdgeCoder.IdeProvider.Agentic;

/// <summary>Faults of work that cannot begin or go on, as this endpoint tells them.</summary>
internal static class WorkFaults
{
    /// <summary>As a refusal; null for a fault that is not one of theirs.</summary>
    public static Refusal? Refusal(Exception fault) => fault switch
    {
        Refusal known => known,
        RepositoryException known => new(Status(known.Code), known.Code, Sentence(known.Message, known.Hint)),
        SessionStoreException known => new(Status(known.Code), known.Code, Sentence(known.Message, known.Hint)),
        _ => null,
    };

    /// <summary>Code, message and hint of any fault; nothing of the text of one that nobody foresaw.</summary>
    public static (string Code, string Message, string? Hint) Words(Exception fault) => fault switch
    {
        Refusal known => (known.Error, known.Message, null),
        RepositoryException known => (known.Code, known.Message, known.Hint),
        SessionStoreException known => (known.Code, known.Message, known.Hint),
        _ => ("internal_error", "Something failed here that should not. The work is kept; go on with this session, or look at it with edgecoder sessions.", null),
    };

    private static int Status(string code) => code switch
    {
        "root_refused" or "root_not_found" or "invalid_task" or "invalid_request" => 400,
        "root_not_trusted" or "data_class_denied" or "policy_not_proven" => 403,
        "session_not_found" => 404,
        "sandbox_unavailable" or "disk_full" or "session_unwritable" or "trust_unreadable" or "trust_unwritable" => 503,
        _ => 409,
    };

    private static string Sentence(string message, string? hint) => hint is null ? message : $"{message} {hint}";
}
