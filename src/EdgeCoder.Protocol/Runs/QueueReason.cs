using System.Text.Json.Serialization;

namespace EdgeCoder.Protocol.Runs;

/// <summary>Why a run was not ok: the outer contract. The executor's finer code travels as <see cref="RunResult.Detail"/>.</summary>
[JsonConverter(typeof(SnakeCaseEnum<QueueReason>))]
public enum QueueReason
{
    /// <summary>Refused before running: a construct the subset does not accept.</summary>
    OutsideSubset,

    /// <summary>The program does not parse.</summary>
    SyntaxError,

    /// <summary>An exception, a non-zero exit code, a failed or missing test, a process or file limit.</summary>
    RuntimeError,

    /// <summary>The wall or CPU limit was reached.</summary>
    Timeout,

    /// <summary>The memory limit was reached.</summary>
    MemoryLimit,

    /// <summary>The output limit was reached; head and tail are kept.</summary>
    OutputLimit,

    /// <summary>No isolation back-end or no interpreter works on this machine.</summary>
    SandboxUnavailable,

    /// <summary>Policy forbids this run.</summary>
    PolicyDenied,
}
