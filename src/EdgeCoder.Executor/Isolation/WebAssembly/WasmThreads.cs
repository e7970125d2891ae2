namespace EdgeCoder.Executor.Isolation.WebAssembly;

/// <summary>Threads with a stack that is deep enough for compiled modules, one for each processor, made when they are first needed.</summary>
/// <param name="between">What a thread does after each piece of work, when nobody waits for it.</param>
internal sealed class WasmThreads(Action between) : IDisposable
{
    private readonly Queue<Action> waiting = [];
    private readonly object gate = new();
    private readonly List<Thread> threads = [];
    private int idle;
    private bool closed;

    /// <summary>Runs something on one of them; it waits while all are busy. What is cancelled meanwhile is not waited for.</summary>
    public async Task<T> RunAsync<T>(Func<T> work, T whenCancelled, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = 0;
        using var registration = cancellationToken.Register(() =>
        {
            if (Interlocked.Exchange(ref begun, 1) == 0)
            {
                done.TrySetResult(whenCancelled);
            }
        });
        Enqueue(() =>
        {
            if (Interlocked.Exchange(ref begun, 1) != 0)
            {
                return;
            }

            try
            {
                done.TrySetResult(work());
            }
            catch (Exception exception)
            {
                done.TrySetException(exception);
            }
        });
        return await done.Task.ConfigureAwait(false);
    }

    /// <summary>Lets the threads end what they do, and waits for them: what they work with is disposed of next.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            closed = true;
            Monitor.PulseAll(gate);
        }

        threads.ForEach(thread => thread.Join());
    }

    private void Enqueue(Action work)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closed, this);
            waiting.Enqueue(work);
            if (idle < waiting.Count && threads.Count < Environment.ProcessorCount)
            {
                var thread = new Thread(Loop, WasmLimits.ThreadStackBytes) { IsBackground = true, Name = "wasm" };
                threads.Add(thread);
                thread.Start();
            }

            Monitor.Pulse(gate);
        }
    }

    private bool IsWanted()
    {
        lock (gate)
        {
            return closed || waiting.Count > idle;
        }
    }

    private void Loop()
    {
        while (true)
        {
            Action work;
            lock (gate)
            {
                idle++;
                while (waiting.Count == 0)
                {
                    if (closed)
                    {
                        return;
                    }

                    Monitor.Wait(gate);
                }

                idle--;
                work = waiting.Dequeue();
            }

            work();
            if (!IsWanted())
            {
                between();
            }
        }
    }
}
