namespace EdgeCoder.TestKit.Bitcoin;

/// <summary>
/// A block chain that a test moves: coins of one wallet, a queue of transactions, blocks with real headers and Merkle roots, reorganisations. Node and explorer of a test show the
/// same one.
/// </summary>
public sealed class ScriptedChain
{
    private readonly Lock _gate = new();
    private readonly List<ScriptedBlock> _best = [];
    private readonly Dictionary<string, ScriptedBlock> _all = [];
    private readonly Dictionary<string, ScriptedTransaction> _known = [];
    private readonly List<string> _queue = [];
    private readonly List<ScriptedCoin> _coins = [];
    private int _made;

    /// <summary>A chain of some blocks whose first has the hash of a network's.</summary>
    public ScriptedChain(string genesis, params long[] coins)
    {
        Add(new ScriptedBlock(genesis, 0, "", [], []));
        _coins.AddRange(coins.Select((sats, i) => new ScriptedCoin(ScriptedTransaction.Shown(ScriptedTransaction.Twice([(byte)i, 0xc0])), 0, sats)));
        Mine(10);
    }

    /// <summary>The best chain, from the first block.</summary>
    public IReadOnlyList<ScriptedBlock> Best
    {
        get
        {
            lock (_gate)
            {
                return [.. _best];
            }
        }
    }

    /// <summary>Coins that no transaction of chain or queue spends.</summary>
    public IReadOnlyList<ScriptedCoin> Coins
    {
        get
        {
            lock (_gate)
            {
                return [.. _coins];
            }
        }
    }

    /// <summary>Ids that wait for a block.</summary>
    public IReadOnlyList<string> Queue
    {
        get
        {
            lock (_gate)
            {
                return [.. _queue];
            }
        }
    }

    /// <summary>Every transaction that was ever taken.</summary>
    public IReadOnlyList<ScriptedTransaction> Taken
    {
        get
        {
            lock (_gate)
            {
                return [.. _known.Values];
            }
        }
    }

    /// <summary>Makes blocks; the first takes what waits.</summary>
    public void Mine(int count = 1)
    {
        lock (_gate)
        {
            for (; count > 0; count--)
            {
                var coinbase = ScriptedTransaction.Shown(ScriptedTransaction.Twice(BitConverter.GetBytes(++_made)));
                string[] ids = [coinbase, .. _queue];
                _queue.Clear();
                var header = Header(_best[^1].Hash, ids);
                Add(new ScriptedBlock(ScriptedTransaction.Shown(ScriptedTransaction.Twice(header)), _best.Count, _best[^1].Hash, header, ids));
            }
        }
    }

    /// <summary>
    /// The newest blocks leave the best chain for one block more, which are empty. Their transactions wait again, or are lost where the new chain spends their coins otherwise.
    /// </summary>
    public void Reorganise(int depth, bool lost = false)
    {
        lock (_gate)
        {
            var left = _best[^depth..];
            _best.RemoveRange(_best.Count - depth, depth);
            string[] freed = [.. left.SelectMany(block => block.Txids.Skip(1))];
            string[] waiting = [.. lost ? [] : freed, .. _queue];
            _queue.Clear();
            Mine(depth + 1);
            _queue.AddRange(waiting);
            if (lost)
            {
                foreach (var txid in freed)
                {
                    _coins.RemoveAll(coin => coin.Txid == txid);
                }
            }
        }
    }

    /// <summary>A node that is set up anew knows the chain and not what left it.</summary>
    public void ForgetWhatLeft()
    {
        lock (_gate)
        {
            foreach (var hash in _all.Keys.Except(_best.Select(block => block.Hash)).ToList())
            {
                _all.Remove(hash);
            }
        }
    }

    /// <summary>A block, on the best chain or not.</summary>
    public ScriptedBlock? Block(string hash)
    {
        lock (_gate)
        {
            return _all.GetValueOrDefault(hash);
        }
    }

    /// <summary>Blocks from this one to the newest; -1 where it is not on the best chain.</summary>
    public long Confirmations(ScriptedBlock block)
    {
        lock (_gate)
        {
            return block.Height < _best.Count && _best[block.Height].Hash == block.Hash ? _best.Count - block.Height : -1;
        }
    }

    /// <summary>A transaction and its block of the best chain.</summary>
    public (ScriptedTransaction? Transaction, ScriptedBlock? Block) Find(string txid)
    {
        lock (_gate)
        {
            return (_known.GetValueOrDefault(txid), _best.FirstOrDefault(block => block.Txids.Contains(txid)));
        }
    }

    /// <summary>Why a transaction would not be taken, in the node's words; null when it would.</summary>
    public string? Refuse(ScriptedTransaction transaction)
    {
        lock (_gate)
        {
            if (_queue.Contains(transaction.Txid))
            {
                return "txn-already-in-mempool";
            }

            if (!_coins.Any(coin => coin.Txid == transaction.SpentTxid && coin.Index == transaction.SpentIndex))
            {
                return _best.Any(block => block.Txids.Contains(transaction.Txid)) && _coins.Contains(transaction.Change) ? "txn-already-known" : "missing-inputs";
            }

            return transaction.IsSigned ? null : "mandatory-script-verify-flag-failed (Witness program was passed an empty witness)";
        }
    }

    /// <summary>Takes a transaction into the queue.</summary>
    public void Take(ScriptedTransaction transaction)
    {
        lock (_gate)
        {
            _known[transaction.Txid] = transaction;
            _queue.Add(transaction.Txid);
            _coins.RemoveAll(coin => coin.Txid == transaction.SpentTxid && coin.Index == transaction.SpentIndex);
            _coins.Add(transaction.Change);
        }
    }

    /// <summary>Somebody else spends a coin of the wallet.</summary>
    public void Spend(ScriptedCoin coin)
    {
        lock (_gate)
        {
            _coins.Remove(coin);
        }
    }

    private void Add(ScriptedBlock block)
    {
        _best.Add(block);
        _all[block.Hash] = block;
    }

    private byte[] Header(string previous, string[] ids)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(0x20000000);
        writer.Write(ScriptedTransaction.Hidden(previous));
        writer.Write(ScriptedBlock.Root([.. ids.Select(ScriptedTransaction.Hidden)]));
        writer.Write(1_700_000_000 + _made);
        writer.Write(0x1d00ffff);
        writer.Write(_made);
        return bytes.ToArray();
    }
}

/// <summary>A block of the scripted chain.</summary>
public sealed record ScriptedBlock(string Hash, int Height, string Previous, byte[] Header, IReadOnlyList<string> Txids)
{
    /// <summary>Hashes beside the way from a transaction to the root, lowest first, as shown.</summary>
    public IReadOnlyList<string> Branch(string txid)
    {
        var level = Txids.Select(ScriptedTransaction.Hidden).ToList();
        var at = Txids.ToList().IndexOf(txid);
        var branch = new List<string>();
        while (level.Count > 1)
        {
            branch.Add(ScriptedTransaction.Shown(level[Math.Min(at ^ 1, level.Count - 1)]));
            (level, at) = (Above(level), at / 2);
        }

        return branch;
    }

    internal static byte[] Root(List<byte[]> level)
    {
        while (level.Count > 1)
        {
            level = Above(level);
        }

        return level[0];
    }

    // The last of an odd level is paired with itself.
    private static List<byte[]> Above(List<byte[]> level) =>
        [.. level.Chunk(2).Select(pair => ScriptedTransaction.Twice([.. pair[0], .. pair[^1]]))];
}
