using System.Security.Cryptography;
using System.Text.Json;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;

namespace EdgeCoder.Benchmarks.Coordinator;

/// <summary>
/// One of very many agents. Its key is a seed in ordinary memory and becomes a key only while it signs: libsodium gives each key several ranges of addresses
/// and locked pages, of which a process has not enough for ten thousand.
/// </summary>
internal sealed class IdleAgent : IDisposable
{
    private readonly byte[] _seed = RandomNumberGenerator.GetBytes(32);
    private readonly CoordinatorProcess _coordinator;
    private LoadConnection? _connection;

    public IdleAgent(CoordinatorProcess coordinator, string agentId)
    {
        (_coordinator, AgentId) = (coordinator, agentId);
        using var key = SigningKey.FromSeed(_seed);
        PublicKeyPem = key.PublicKey.Pem;
    }

    /// <summary>The agent.</summary>
    public string AgentId { get; }

    /// <summary>Its public key.</summary>
    public string PublicKeyPem { get; }

    /// <summary>Connects and registers. It must be enrolled.</summary>
    public async Task RegisterAsync()
    {
        _connection = await LoadConnection.OpenAsync(_coordinator.Url);
        await PostAsync("/register", CoordinatorUnderLoad.Registering(AgentId, PublicKeyPem));
    }

    /// <summary>Pulls again and again until it is told to end; work is handed over and reported at once.</summary>
    public async Task WorkAsync(int waitMs, Action<Assignment> take, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var answer = await PostAsync("/pull", Lifecycle.Pulling(AgentId, waitMs, 1));
            foreach (var work in JsonSerializer.Deserialize(answer.Span, MeshJson.Default.PullAnswer)!.Assignments)
            {
                take(work);
                await PostAsync("/result", Report(work));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _connection?.Dispose();

    private async ValueTask<ReadOnlyMemory<byte>> PostAsync(string path, ReadOnlyMemory<byte> body)
    {
        ValueTask<(int Status, ReadOnlyMemory<byte> Body)> posting;
        using (var key = SigningKey.FromSeed(_seed))
        {
            // It signs before it waits for the first time, so the key is gone while the pull is parked.
            posting = LoadAgent.PostAsync(_connection!, key, AgentId, _coordinator.PeerId, _coordinator.Url, path, body);
        }

        var (status, answer) = await posting;
        return status == 200 ? answer : throw new InvalidOperationException($"{path}: {status} {System.Text.Encoding.UTF8.GetString(answer.Span)}");
    }

    private byte[] Report(Assignment work)
    {
        using var key = SigningKey.FromSeed(_seed);
        return Lifecycle.Reporting(AgentId, key, work);
    }
}
