using EdgeCoder.Executor.Isolation.Native;

namespace EdgeCoder.Executor.Commands;

/// <summary>
/// Standard input that is written while a command runs, for programs that are spoken with. Writing never waits: what the command does not read is kept up to
/// a bound, and a command that reads too slowly is refused more. Of one command; any thread may write.
/// </summary>
public sealed class CommandInput
{
    /// <summary>Most bytes that wait to be read.</summary>
    public const int MostWaiting = 16 << 20;

    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _waiting = new();
    private int _bytes;
    private int _offset;
    private bool _complete;
    private bool _closed;
    private Descriptor? _wake;

    /// <summary>Adds bytes. False when the command has ended or closed its input, or does not read.</summary>
    public bool Write(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_closed || _complete || _bytes + bytes.Length > MostWaiting)
            {
                return false;
            }

            if (!bytes.IsEmpty)
            {
                _waiting.Enqueue(bytes.ToArray());
                _bytes += bytes.Length;
                _wake?.Signal();
            }

            return true;
        }
    }

    /// <summary>Ends it: after what waits the command sees the end.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _complete = true;
            _wake?.Signal();
        }
    }

    /// <summary>Whether something waits to be written, or only the end does.</summary>
    internal (bool Bytes, bool End) State
    {
        get
        {
            lock (_gate)
            {
                return (_bytes > 0, _complete && _bytes == 0);
            }
        }
    }

    /// <summary>The command begins; its watcher is woken by <paramref name="wake"/>.</summary>
    internal void Begin(Descriptor wake)
    {
        lock (_gate)
        {
            _wake = wake;
            wake.Signal();
        }
    }

    /// <summary>Writes what fits. False when the reader is gone.</summary>
    internal bool Flush(Descriptor pipe)
    {
        lock (_gate)
        {
            while (_waiting.TryPeek(out var first))
            {
                switch (pipe.Write(first.AsSpan(_offset)))
                {
                    case null:
                        return true;
                    case 0:
                        return false;
                    case { } written:
                        _bytes -= written;
                        _offset += written;
                        if (_offset == first.Length)
                        {
                            _waiting.Dequeue();
                            _offset = 0;
                        }

                        break;
                }
            }

            return true;
        }
    }

    /// <summary>Nobody reads any more.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            (_closed, _bytes, _offset) = (true, 0, 0);
            _waiting.Clear();
            _wake = null;
        }
    }
}
