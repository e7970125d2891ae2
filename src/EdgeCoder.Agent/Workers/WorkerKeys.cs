using System.Security.Cryptography;
using EdgeCoder.Agent.Git;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Agent.Workers;

/// <summary>
/// The keys of one agent (coordinator-and-mesh 2.1): made once, in files that are open to their owner alone, loaded at each start; a start never makes a second key
/// for an id that has one.
/// </summary>
public sealed class WorkerKeys : IDisposable
{
    private readonly string _directory;
    private SigningKey? _next;

    private WorkerKeys(string directory, string agentId, SigningKey signing, EnvelopeKey envelope) =>
        (_directory, AgentId, Signing, Envelope) = (directory, agentId, signing, envelope);

    /// <summary>Whose keys they are.</summary>
    public string AgentId { get; }

    /// <summary>Signs requests and reports.</summary>
    public SigningKey Signing { get; private set; }

    /// <summary>Opens sealed work.</summary>
    public EnvelopeKey Envelope { get; }

    /// <summary>A key that shall replace <see cref="Signing"/>, with the statement that the old one signed; null: none waits.</summary>
    public (SigningKey Key, byte[] Statement)? Rotation { get; private set; }

    /// <summary>
    /// Opens the keys of an agent, or makes them. Throws <see cref="WorkerException"/> <c>agent_id_changed</c> when the directory holds those of another id,
    /// and <c>key_unreadable</c> for a file that is not a key.
    /// </summary>
    /// <param name="directory">Their directory; made for the owner alone.</param>
    /// <param name="agentId">The agent.</param>
    public static WorkerKeys Open(string directory, string agentId)
    {
        OwnerOnly.CreateDirectory(directory);
        var owner = Path.Combine(directory, "agent-id");
        if (File.Exists(owner) && File.ReadAllText(owner).Trim() is var known && known != agentId)
        {
            throw new WorkerException(
                "agent_id_changed", $"The keys in {directory} belong to {known} and not to {agentId}.", $"Set AGENT_ID={known}, or move that directory away to begin as another node.");
        }

        // The id is written first: keys without an id could be taken for those of any.
        if (!File.Exists(owner))
        {
            OwnerOnly.Replace(owner, System.Text.Encoding.UTF8.GetBytes(agentId + "\n"));
        }

        var signing = Load(Path.Combine(directory, "signing.pem"), SigningKey.FromPem, SigningKey.Generate, key => key.ToPem());
        var envelope = Load(Path.Combine(directory, "envelope.key"), EnvelopeKey.FromBase64, EnvelopeKey.Generate, key => key.ToBase64());
        var keys = new WorkerKeys(directory, agentId, signing, envelope);
        keys.LoadRotation();
        return keys;
    }

    /// <summary>Whether keys of an agent are there already, and whose; null: none.</summary>
    public static string? Owner(string directory) => File.Exists(Path.Combine(directory, "agent-id")) ? File.ReadAllText(Path.Combine(directory, "agent-id")).Trim() : null;

    /// <summary>Makes a new key and the statement by which the old one hands over; both last until the coordinator took them. Repeated, it gives the same.</summary>
    public byte[] Rotate(long nowMs)
    {
        if (Rotation is { } waiting)
        {
            return waiting.Statement;
        }

        var next = SigningKey.Generate();
        var statement = SignedDocument.Sign(
            DocumentContexts.AgentRotation,
            new AgentRotation { AgentId = AgentId, OldKeyId = Signing.PublicKey.KeyId, NewPublicKeyPem = next.PublicKey.Pem, IssuedAtMs = nowMs },
            MeshJson.Default.AgentRotation,
            Signing);
        OwnerOnly.Replace(NextPath, System.Text.Encoding.UTF8.GetBytes(next.ToPem()));
        OwnerOnly.Replace(StatementPath, statement);
        _next = next;
        Rotation = (next, statement);
        return statement;
    }

    /// <summary>The coordinator took the new key: the old one is forgotten.</summary>
    public void Promote()
    {
        if (Rotation is not { } waiting)
        {
            return;
        }

        // The new key takes the old one's place first: after a crash in between, the next start sees that both are one.
        OwnerOnly.Replace(Path.Combine(_directory, "signing.pem"), System.Text.Encoding.UTF8.GetBytes(waiting.Key.ToPem()));
        File.Delete(StatementPath);
        File.Delete(NextPath);
        Signing.Dispose();
        (Signing, _next, Rotation) = (waiting.Key, null, null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Signing.Dispose();
        Envelope.Dispose();
        _next?.Dispose();
    }

    private string NextPath => Path.Combine(_directory, "signing.next.pem");

    private string StatementPath => Path.Combine(_directory, "rotation.json");

    private void LoadRotation()
    {
        if (!File.Exists(NextPath) || !File.Exists(StatementPath))
        {
            return;
        }

        _next = Read(NextPath, SigningKey.FromPem);
        Rotation = (_next, File.ReadAllBytes(StatementPath));
        if (_next.PublicKey.Equals(Signing.PublicKey))
        {
            // The process was killed while it promoted the key.
            Promote();
        }
    }

    private static T Load<T>(string path, Func<string, T> read, Func<T> make, Func<T, string> write)
    {
        if (File.Exists(path))
        {
            return Read(path, read);
        }

        var key = make();
        OwnerOnly.Replace(path, System.Text.Encoding.UTF8.GetBytes(write(key)));
        return key;
    }

    private static T Read<T>(string path, Func<string, T> read)
    {
        try
        {
            return read(File.ReadAllText(path));
        }
        catch (Exception fault) when (fault is CryptographicException or FormatException or ArgumentException)
        {
            throw new WorkerException("key_unreadable", $"{path} is not a key.", "Restore it from a backup. To begin with a new key, move the directory away and join with a new code.");
        }
    }
}
