using System.Collections.Concurrent;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>Who waits in this process for rows to change. Other silos' changes are found by looking once a second.</summary>
internal sealed class QueueSignals
{
    /// <summary>How long to trust silence.</summary>
    public static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Listeners> _tasks = new(StringComparer.Ordinal);

    /// <summary>A result waits for a verifier.</summary>
    public Pulse Results { get; } = new();

    /// <summary>A check waits for its baseline.</summary>
    public Pulse Baselines { get; } = new();

    /// <summary>A task waits for a plan.</summary>
    public Pulse Planning { get; } = new();

    /// <summary>Events of some task were committed.</summary>
    public Pulse Tasks { get; } = new();

    /// <summary>Listens to a task's events until disposed.</summary>
    public Listening Listen(string taskId)
    {
        while (true)
        {
            var listeners = _tasks.GetOrAdd(taskId, static _ => new());
            lock (listeners)
            {
                if (!listeners.Gone)
                {
                    listeners.Count++;
                    return new(this, taskId, listeners);
                }
            }
        }
    }

    /// <summary>Tells what was committed.</summary>
    public void Tell(QueueChanges changes)
    {
        foreach (var taskId in changes.Tasks)
        {
            if (_tasks.TryGetValue(taskId, out var listeners))
            {
                listeners.Pulse.Beat();
            }
        }

        if (changes.Tasks.Count > 0)
        {
            Tasks.Beat();
        }

        if (changes.Results)
        {
            Results.Beat();
        }

        if (changes.Baselines)
        {
            Baselines.Beat();
        }

        if (changes.Planning)
        {
            Planning.Beat();
        }
    }

    private void Leave(string taskId, Listeners listeners)
    {
        lock (listeners)
        {
            if (--listeners.Count == 0)
            {
                listeners.Gone = true;
                _tasks.TryRemove(taskId, out _);
            }
        }
    }

    /// <summary>Those who listen to one task.</summary>
    internal sealed class Listeners
    {
        /// <summary>Its events.</summary>
        public Pulse Pulse { get; } = new();

        /// <summary>How many.</summary>
        public int Count { get; set; }

        /// <summary>Whether the last one left.</summary>
        public bool Gone { get; set; }
    }

    /// <summary>One listener.</summary>
    internal readonly struct Listening(QueueSignals signals, string taskId, Listeners listeners) : IDisposable
    {
        /// <summary>Ends with the next event.</summary>
        public Task Next => listeners.Pulse.Next;

        /// <inheritdoc/>
        public void Dispose() => signals.Leave(taskId, listeners);
    }
}
