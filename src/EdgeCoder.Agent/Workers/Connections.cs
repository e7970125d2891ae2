using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Agent.Workers;

/// <summary>One client for each coordinator and key: results go home also after the agent has moved to another coordinator.</summary>
internal sealed class Connections(Func<FoundCoordinator, SigningKey, ICoordinator> connect) : IDisposable
{
    private readonly Dictionary<(string, string, string, string), ICoordinator> _all = [];
    private readonly Lock _turn = new();

    /// <summary>The client.</summary>
    public ICoordinator Of(FoundCoordinator who, SigningKey key)
    {
        lock (_turn)
        {
            var name = (who.PeerId, who.Url, who.Key.SpkiSha256, key.PublicKey.KeyId);
            return _all.TryGetValue(name, out var known) ? known : _all[name] = connect(who, key);
        }
    }

    /// <summary>The client for a stored result.</summary>
    public ICoordinator Home(StoredResult result, SigningKey key, string networkMode) =>
        VerifyingKey.TryParse(result.HomeKeyPem, out var home)
            ? Of(new(result.HomePeerId, result.HomeUrl, home, networkMode), key)
            : throw new CoordinatorFault(400, "home_unknown", "The stored result does not name its coordinator's key.");

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_turn)
        {
            foreach (var one in _all.Values)
            {
                one.Dispose();
            }

            _all.Clear();
        }
    }
}
