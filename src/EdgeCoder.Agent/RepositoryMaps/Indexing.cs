using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Agent.Ignores;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Secrets;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.RepositoryMaps;

/// <summary>
/// One run over a tree that brings an index up to date: only files whose stamp changed are read, and of these only those whose content changed are scanned.
/// What it has so far can be asked for at any time.
/// </summary>
internal sealed class Indexing
{
    private const int MostFiles = 20_000;
    private const int LargestFile = 512 << 10;
    private const int MostThreads = 2;

    private readonly ProjectRoot _root;
    private readonly SecretFilePolicy _secrets;
    private readonly IgnoreRules _ignores;
    private readonly Lock _lock = new();
    private List<string> _names = [];
    private Dictionary<string, int>? _numbers;
    private IndexedFile?[] _files = [];
    private bool _changed;

    public Indexing(ProjectRoot root, SecretFilePolicy secrets, IgnoreRules ignores)
    {
        _root = root;
        _secrets = secrets;
        _ignores = ignores;
    }

    /// <summary>Whether the run found anything that the previous index did not have.</summary>
    public bool Changed => _changed;

    /// <summary>What is known so far, in the order of paths.</summary>
    public SymbolIndex Snapshot()
    {
        lock (_lock)
        {
            return new([.. _files.OfType<IndexedFile>()], [.. _names]);
        }
    }

    /// <summary>Runs to the end. The tree is walked while the index as it was last is still being read.</summary>
    public async Task<SymbolIndex> RunAsync(Task<SymbolIndex> previous, CancellationToken cancellationToken)
    {
        var found = await OnOwnThread(() => Walk(cancellationToken)).ConfigureAwait(false);
        var pending = Compare(found, await previous.ConfigureAwait(false));
        var next = -1;
        var threads = Math.Clamp(Math.Min(Environment.ProcessorCount, pending.Count), 1, MostThreads);
        await Task.WhenAll(Enumerable.Range(0, threads).Select(_ => OnOwnThread(() =>
        {
            var names = new NamePool();
            var buffer = new byte[LargestFile];
            while (Interlocked.Increment(ref next) is var at && at < pending.Count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Read(pending[at], names, buffer);
            }

            return true;
        }))).ConfigureAwait(false);
        return Snapshot();
    }

    private static Task<T> OnOwnThread<T>(Func<T> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Takes over what has not changed.</summary>
    private List<Pending> Compare(List<(ProjectPath Path, FileStamp Stamp, SourceLanguage Language)> found, SymbolIndex previous)
    {
        var known = previous.Files.ToDictionary(file => file.Path, StringComparer.Ordinal);
        var files = new IndexedFile?[found.Count];
        var pending = new List<Pending>();
        for (var i = 0; i < found.Count; i++)
        {
            var (path, stamp, language) = found[i];
            var before = known.GetValueOrDefault(path.Value);
            if (before?.Stamp == stamp)
            {
                files[i] = before;
            }
            else
            {
                pending.Add(new(i, path, stamp, language, before));
            }
        }

        lock (_lock)
        {
            _changed = pending.Count > 0 || known.Count != found.Count;
            _files = files;
            _names = [.. previous.Names];
        }

        return pending;
    }

    private List<(ProjectPath Path, FileStamp Stamp, SourceLanguage Language)> Walk(CancellationToken cancellationToken)
    {
        var found = new List<(ProjectPath, FileStamp, SourceLanguage)>();
        TreeWalk.Run(
            _root,
            ProjectPath.Root,
            _ignores,
            hidden: false,
            int.MaxValue,
            entry =>
            {
                if (entry.State is { Kind: EntryKind.File, Size: > 0 and <= LargestFile } state && SourceLanguage.Of(entry.Entry.Name) is { } language && found.Count < MostFiles && !_secrets.IsDenied(entry.Path.Value))
                {
                    found.Add((entry.Path, new(state.Size, state.ModifiedNs, state.Inode), language));
                }

                return found.Count < MostFiles;
            },
            cancellationToken);
        found.Sort((one, other) => string.CompareOrdinal(one.Item1.Value, other.Item1.Value));
        return found;
    }

    private void Read(Pending pending, NamePool names, byte[] buffer)
    {
        try
        {
            using var file = _root.OpenFile(pending.Path, _secrets.Check);
            var text = buffer.AsSpan(0, OpenedFile.Fill(file.Handle, buffer));
            var hash = BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(text));
            if (pending.Before is { } before && before.Hash == hash)
            {
                _files[pending.Index] = before.At(pending.Stamp);
                return;
            }

            Add(pending, hash, SymbolScanner.Scan(text, pending.Language, names));
        }
        catch (Exception fault) when (fault is ToolException or IOException or UnauthorizedAccessException)
        {
            // It went away meanwhile, or is not ours to read: the map does without.
        }
    }

    private void Add(Pending pending, UInt128 hash, FileSymbols symbols)
    {
        var signatures = Encoding.UTF8.GetBytes(string.Join('\n', symbols.Definitions.Select(definition => definition.Signature.Replace('\n', ' '))));
        var used = symbols.References.OrderBy(reference => reference.Key, StringComparer.Ordinal).ToList();
        lock (_lock)
        {
            _files[pending.Index] = new()
            {
                Path = pending.Path.Value,
                Stamp = pending.Stamp,
                Hash = hash,
                Defined = [.. symbols.Definitions.Select(definition => NumberOf(definition.Name))],
                Lines = [.. symbols.Definitions.Select(definition => definition.Line)],
                Signatures = signatures,
                Used = [.. used.Select(reference => NumberOf(reference.Key))],
                Counts = [.. used.Select(reference => reference.Value)],
            };
        }
    }

    private int NumberOf(string name)
    {
        _numbers ??= _names.Select((known, i) => (known, i)).ToDictionary(entry => entry.known, entry => entry.i, StringComparer.Ordinal);
        if (!_numbers.TryGetValue(name, out var number))
        {
            _numbers[name] = number = _names.Count;
            _names.Add(name);
        }

        return number;
    }

    private sealed record Pending(int Index, ProjectPath Path, FileStamp Stamp, SourceLanguage Language, IndexedFile? Before);
}
