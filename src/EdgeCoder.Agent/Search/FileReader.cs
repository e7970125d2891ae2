using System.Buffers;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Roots;

namespace EdgeCoder.Agent.Search;

/// <summary>Reads many files for one thread: the directory and the buffer stay from one file to the next.</summary>
internal sealed class FileReader(ProjectFiles files, int largestFile) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(1 << 18);
    private IRootDirectory? _directory;
    private string? _directoryPath;

    /// <summary>The bytes of a file that a walk came by, valid until the next call; false when it is too large. Throws like <see cref="ProjectFiles.Open"/>.</summary>
    public bool TryRead(ProjectPath path, out ReadOnlySpan<byte> bytes)
    {
        Enter(path.Parent);
        if (_directory?.OpenFile(path.Name, out var state) is { } quick)
        {
            using (quick)
            {
                return TryRead(quick, state.Size, out bytes);
            }
        }

        using var file = files.Open(path);
        return TryRead(file.Handle, file.State.Size, out bytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _directory?.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    /// <summary>The walk followed no link, and neither does this: the file's path is its real one, which the policy has seen.</summary>
    private void Enter(ProjectPath directory)
    {
        if (_directoryPath != directory.Value)
        {
            _directory?.Dispose();
            _directory = files.Root.OpenReal(directory);
            _directoryPath = directory.Value;
        }
    }

    private bool TryRead(Microsoft.Win32.SafeHandles.SafeFileHandle file, long size, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (size > largestFile)
        {
            return false;
        }

        if (_buffer.Length < size)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = ArrayPool<byte>.Shared.Rent((int)size);
        }

        bytes = _buffer.AsSpan(0, OpenedFile.Fill(file, _buffer.AsSpan(0, (int)size)));
        return true;
    }
}
