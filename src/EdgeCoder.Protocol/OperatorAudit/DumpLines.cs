namespace EdgeCoder.Protocol.OperatorAudit;

/// <summary>Lines of a dump as bytes. Only a line feed ends one, and each must be ended.</summary>
internal sealed class DumpLines(Stream dump, int mostBytes)
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _at;
    private int _filled;

    /// <summary>Whether the dump ended inside a line, or a line was longer than one can be.</summary>
    public bool IsCut { get; private set; }

    /// <summary>The next line, without its end; false after the last.</summary>
    public bool Next(out byte[] line)
    {
        var bytes = new List<byte>();
        while (!IsCut)
        {
            if (_at == _filled)
            {
                (_at, _filled) = (0, dump.Read(_buffer, 0, _buffer.Length));
                if (_filled == 0)
                {
                    IsCut = bytes.Count > 0;
                    break;
                }
            }

            var end = Array.IndexOf(_buffer, (byte)'\n', _at, _filled - _at);
            var until = end < 0 ? _filled : end;
            bytes.AddRange(_buffer.AsSpan(_at, until - _at));
            _at = end < 0 ? _filled : end + 1;
            if (bytes.Count > mostBytes)
            {
                IsCut = true;
            }
            else if (end >= 0)
            {
                line = [.. bytes];
                return true;
            }
        }

        line = [];
        return false;
    }
}
