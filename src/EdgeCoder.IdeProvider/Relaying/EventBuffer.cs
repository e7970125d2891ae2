using System.Buffers;

namespace EdgeCoder.IdeProvider.Relaying;

/// <summary>Collects what arrives of an event stream and gives it back in whole events (WHATWG HTML, server-sent events): a network cuts where it likes.</summary>
internal sealed class EventBuffer : IDisposable
{
    /// <summary>Most bytes of one event: 8 MiB. A server that sends more is not answering.</summary>
    public const int MostEventBytes = 8 << 20;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
    private int _start;
    private int _end;
    private int _searched;

    /// <summary>Whether something is left that is no whole event.</summary>
    public bool HasRest => _buffer.AsSpan(_start, _end - _start).IndexOfAnyExcept((byte)'\r', (byte)'\n') >= 0;

    /// <summary>Room for what arrives. Throws <see cref="InvalidDataException"/> when one event has grown too large.</summary>
    public Memory<byte> Room()
    {
        if (_start == _end)
        {
            _start = _end = _searched = 0;
        }

        if (_end == _buffer.Length)
        {
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            }
            else if (_buffer.Length > MostEventBytes)
            {
                throw new InvalidDataException("One event of the stream is too large.");
            }
            else
            {
                var larger = ArrayPool<byte>.Shared.Rent(2 * _buffer.Length);
                _buffer.AsSpan(0, _end).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_buffer);
                _buffer = larger;
            }

            _searched -= _start;
            _end -= _start;
            _start = 0;
        }

        return _buffer.AsMemory(_end);
    }

    /// <summary>So many bytes have arrived.</summary>
    public void Arrived(int bytes) => _end += bytes;

    /// <summary>The next whole event with the empty line that ends it. Valid until <see cref="Room"/>.</summary>
    public bool TryTake(out ReadOnlySpan<byte> block)
    {
        for (var at = Math.Max(_start, _searched); ;)
        {
            var line = _buffer.AsSpan(at, _end - at).IndexOf((byte)'\n');
            if (line < 0)
            {
                _searched = _end;
                block = default;
                return false;
            }

            var next = at + line + 1;
            var ends = next < _end && _buffer[next] == (byte)'\n' ? 1
                : next + 1 < _end && _buffer[next] == (byte)'\r' && _buffer[next + 1] == (byte)'\n' ? 2
                : 0;
            if (ends > 0)
            {
                block = _buffer.AsSpan(_start, next + ends - _start);
                _start = _searched = next + ends;
                return true;
            }

            if (next + 1 >= _end && (next == _end || _buffer[next] == (byte)'\r'))
            {
                // The second half of the empty line may still come.
                _searched = at + line;
                block = default;
                return false;
            }

            at = next;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
    }
}
