using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Agent.Git;

namespace EdgeCoder.Agent.Workers;

/// <summary>What a worker remembers of its enrolment, besides its keys.</summary>
public sealed record WorkerMemory
{
    /// <summary>Node id of the join code.</summary>
    public string? AgentId { get; init; }

    /// <summary>Address of the join code.</summary>
    public string? CoordinatorUrl { get; init; }

    /// <summary>One-use token of the join code; gone once the key is bound.</summary>
    public string? RegistrationToken { get; init; }

    /// <summary>Whether a coordinator has bound the key.</summary>
    public bool Bound { get; init; }

    /// <summary>Peer id of the last coordinator.</summary>
    public string? PeerId { get; init; }

    /// <summary>Its address.</summary>
    public string? PeerUrl { get; init; }

    /// <summary>SHA-256 of the SPKI keys of coordinators that registered this agent, by peer id.</summary>
    public IReadOnlyDictionary<string, string> Pins { get; init; } = new Dictionary<string, string>();

    /// <summary>Mode of the network.</summary>
    public string? NetworkMode { get; init; }

    /// <summary>The last enrolment statement, exact bytes in base64.</summary>
    public string? Enrolment { get; init; }
}

/// <summary>Keeps it in a file, open to its owner alone: it holds a one-use token for a while.</summary>
/// <param name="path">The file.</param>
public sealed class WorkerState(string path)
{
    private readonly Lock _turn = new();
    private WorkerMemory? _memory;

    /// <summary>What is remembered. Throws <see cref="WorkerException"/> for a file that is not whole: the agent's pins must not be lost silently.</summary>
    public WorkerMemory Memory
    {
        get
        {
            lock (_turn)
            {
                return _memory ??= Read();
            }
        }
    }

    /// <summary>What is known of coordinators.</summary>
    public CoordinatorPins Pins => new(Memory.Pins, Memory.NetworkMode, Memory.Bound);

    /// <summary>Changes it; when this returns it is on the disk.</summary>
    public void Change(Func<WorkerMemory, WorkerMemory> change)
    {
        lock (_turn)
        {
            var now = _memory ??= Read();
            var next = change(now);
            if (next == now)
            {
                return;
            }

            OwnerOnly.CreateDirectory(Path.GetDirectoryName(path)!);
            OwnerOnly.Replace(path, JsonSerializer.SerializeToUtf8Bytes(next, WorkerStateJson.Default.WorkerMemory));
            _memory = next;
        }
    }

    private WorkerMemory Read()
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), WorkerStateJson.Default.WorkerMemory) ?? new() : new();
        }
        catch (JsonException)
        {
            throw new WorkerException("worker_state_damaged", $"{path} is not whole.", "Move it away and join again with a new code.");
        }
    }
}

/// <summary>How it is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WorkerMemory))]
internal sealed partial class WorkerStateJson : JsonSerializerContext;
