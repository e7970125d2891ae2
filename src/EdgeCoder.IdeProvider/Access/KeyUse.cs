using System.Text.Json;
using EdgeCoder.Hosting.Problems;

namespace EdgeCoder.IdeProvider.Access;

/// <summary>
/// Rate and token budget of keys. The tokens of the day are kept in <c>use.json</c>, written at most once in a second and at the end: a process that is
/// killed forgets at most the last second's.
/// </summary>
internal sealed class KeyUse : IDisposable
{
    private static readonly TimeSpan WritePace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryPace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly string _file;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<long>> _requests = [];
    private TokensOfDay _tokens;
    private bool _dirty;

    public KeyUse(string directory, TimeProvider time)
    {
        _file = Path.Combine(directory, "use.json");
        _time = time;
        _tokens = Load() ?? new(Today, []);
        _timer = time.CreateTimer(_ => Save(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private long Today => _time.GetUtcNow().ToUnixTimeSeconds() / 86_400;

    /// <summary>Counts a request of a key. Throws <see cref="Refusal"/> 429 <c>rate_limit_exceeded</c> or <c>budget_exceeded</c>, with the time to wait.</summary>
    public void Enter(IdeKey key)
    {
        lock (_gate)
        {
            CheckTokens(key);
            if (key.RequestsPerMinute is not { } rate)
            {
                return;
            }

            if (!_requests.TryGetValue(key.Id, out var recent))
            {
                _requests[key.Id] = recent = new();
            }

            var now = _time.GetTimestamp();
            while (recent.TryPeek(out var oldest) && _time.GetElapsedTime(oldest, now) >= Window)
            {
                recent.Dequeue();
            }

            if (recent.Count >= rate)
            {
                var wait = Window - _time.GetElapsedTime(recent.Peek(), now);
                throw new Refusal(429, "rate_limit_exceeded", $"The key {key.Name} may send {rate} requests a minute.") { RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) };
            }

            recent.Enqueue(now);
        }
    }

    /// <summary>Whether a key has tokens left: before each call of an agent, whose request came long ago. Throws <see cref="Refusal"/> 429 <c>budget_exceeded</c>.</summary>
    public void CheckTokens(IdeKey key)
    {
        lock (_gate)
        {
            if (key.TokensPerDay is { } most && UsedToday(key.Id) >= most)
            {
                var left = 86_400 - (int)(_time.GetUtcNow().ToUnixTimeSeconds() % 86_400);
                throw new Refusal(429, "budget_exceeded", $"The key {key.Name} has used its {most} tokens of this day. It has more at midnight UTC, or ask its owner for a larger budget.") { RetryAfter = left };
            }
        }
    }

    /// <summary>Adds tokens that a call has read and written.</summary>
    public void Add(string keyId, long tokens)
    {
        lock (_gate)
        {
            _tokens.Used[keyId] = UsedToday(keyId) + tokens;
            if (!_dirty)
            {
                _dirty = true;
                _timer.Change(WritePace, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Save();
        _timer.Dispose();
    }

    private long UsedToday(string keyId)
    {
        if (_tokens.Day != Today)
        {
            _tokens = new(Today, []);
        }

        return _tokens.Used.GetValueOrDefault(keyId);
    }

    private void Save()
    {
        lock (_gate)
        {
            if (!_dirty)
            {
                return;
            }

            try
            {
                IdeKeys.Write(_file, stream => JsonSerializer.Serialize(stream, _tokens, AccessJson.Default.TokensOfDay));
                _dirty = false;
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                // A full disk ends no call: budgets go on in memory, and the file is tried again.
                _timer.Change(RetryPace, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private TokensOfDay? Load()
    {
        try
        {
            using var file = File.OpenRead(_file);
            return JsonSerializer.Deserialize(file, AccessJson.Default.TokensOfDay) is { Used: not null } read && read.Day == Today ? read : null;
        }
        catch (Exception fault) when (fault is FileNotFoundException or JsonException)
        {
            return null;
        }
    }
}
