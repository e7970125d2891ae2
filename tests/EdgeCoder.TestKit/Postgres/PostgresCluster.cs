using System.Diagnostics;
using System.Globalization;
using EdgeCoder.TestKit.Processes;
using Npgsql;

namespace EdgeCoder.TestKit.Postgres;

/// <summary>
/// A private PostgreSQL server: an own data directory and a Unix socket, no port. A shell stands between: it runs the server, does what the test's process
/// writes to it, and ends server and directory when that process is gone, however it went.
/// </summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    // Several silos for each test that runs at a time, and each silo takes up to 21.
    private static readonly int Connections = 100 * Math.Max(4, Environment.ProcessorCount);

    // $1 directory, $2 server program, $3 on|off, $4 connections, then the command that drops privileges (nothing for an ordinary user).
    // SIGQUIT is the server's immediate end: no checkpoint, the next start recovers from the write-ahead log as after a crash.
    private const string Supervision = """
        directory=$1 server=$2 fsync=$3 connections=$4
        shift 4
        trap '' INT TERM HUP PIPE
        word=start
        while [ "$word" = start ]; do
            "$@" "$server" -D "$directory/data" -k "$directory" -c listen_addresses= -c fsync=$fsync -c full_page_writes=$fsync -c max_connections=$connections -c shared_buffers=32MB -c max_parallel_workers_per_gather=0 2>&1 </dev/null &
            server_id=$!
            read -r word || word=end
            kill -QUIT $server_id
            wait $server_id
            echo ended
            [ "$word" = end ] || read -r word || word=end
        done
        rm -rf "$directory"
        """;

    private static readonly Lazy<Task<PostgresCluster>> OfAssembly = new(() => StartAsync(durable: false));
    private static int _databases;

    private readonly Process _shell;
    private readonly string _directory;

    private PostgresCluster(Process shell, string directory) => (_shell, _directory) = (shell, directory);

    /// <summary>The server that all tests of a process share, started at the first use. It does not fsync: use an own one to kill it.</summary>
    public static Task<PostgresCluster> SharedAsync() => OfAssembly.Value;

    /// <summary>Directory of its socket.</summary>
    public string SocketDirectory => _directory;

    /// <summary>Makes and starts a server.</summary>
    /// <param name="durable">Whether it fsyncs, so that <see cref="CrashAsync"/> proves something.</param>
    public static async Task<PostgresCluster> StartAsync(bool durable)
    {
        var directory = Directory.CreateTempSubdirectory("edgecoder-postgres-").FullName;
        string[] ordinary = [];
        if (Environment.IsPrivilegedProcess)
        {
            // The server refuses to run as root.
            var (user, group) = OrdinaryUser();
            await RunAsync("chown", [$"{user}:{group}", directory]);
            ordinary = ["setpriv", $"--reuid={user}", $"--regid={group}", "--clear-groups"];
        }

        string[] initialisation = [.. ordinary, PostgresPrograms.Find("initdb"), "--no-sync", "--auth=trust", "--username=edgecoder", "--encoding=UTF8", "--locale=C", Path.Combine(directory, "data")];
        await RunAsync(initialisation[0], initialisation[1..]);
        if (ordinary.Length == 0)
        {
            ordinary = ["env"];
        }

        // In a session of its own: what kills the test's whole process group leaves it alive to clean up.
        const string setsid = "/usr/bin/setsid";
        string[] supervision = [.. File.Exists(setsid) ? new[] { setsid } : [], "/bin/sh", "-c", Supervision, "postgres-supervision", directory, PostgresPrograms.Find("postgres"), durable ? "on" : "off", Connections.ToString(CultureInfo.InvariantCulture), .. ordinary];
        var shell = ProgramRun.Start(supervision[0], supervision[1..], SurroundingsOf(directory), "/");
        var cluster = new PostgresCluster(shell, directory);
        await cluster.ReadUntilAsync("ready to accept connections");
        return cluster;
    }

    /// <summary>Makes an empty database and gives its connection string, which is also a legal <c>DATABASE_URL</c>.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref _databases)}");
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    /// <summary>Ends the server as a crash does.</summary>
    public async Task CrashAsync()
    {
        await TellAsync("crash");
        await ReadUntilAsync("ended");
        NpgsqlConnection.ClearAllPools();
    }

    /// <summary>Starts it again after <see cref="CrashAsync"/>, at the same place.</summary>
    public async Task StartAgainAsync()
    {
        await TellAsync("start");
        await ReadUntilAsync("ready to accept connections");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        _shell.StandardInput.Close();
        await _shell.StandardOutput.ReadToEndAsync();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
    }

    private static (string User, string Group) OrdinaryUser()
    {
        // The package's own user, else nobody; initdb wants a user that has a name.
        var accounts = File.ReadLines("/etc/passwd").Select(l => l.Split(':')).Where(f => f.Length > 3).ToDictionary(f => f[0], f => (f[2], f[3]));
        return accounts.TryGetValue("postgres", out var own) ? own : accounts["nobody"];
    }

    private static Dictionary<string, string> SurroundingsOf(string directory) =>
        new() { ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin:/usr/sbin:/sbin", ["HOME"] = directory, ["LC_ALL"] = "C" };

    private static async Task RunAsync(string file, string[] arguments)
    {
        var run = await ProgramRun.ToEndAsync(file, arguments, SurroundingsOf("/"), directory: "/");
        if (run.ExitCode != 0)
        {
            throw new InvalidOperationException($"{file} {string.Join(' ', arguments)}: {run}");
        }
    }

    // A busy machine is slow to answer; what never answers is noticed all the same.
    private string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder { Host = _directory, Username = "edgecoder", Database = database, Timeout = (int)ProgramRun.Patience.TotalSeconds, CommandTimeout = (int)ProgramRun.Patience.TotalSeconds }.ToString();

    private async Task TellAsync(string word)
    {
        await _shell.StandardInput.WriteLineAsync(word);
        await _shell.StandardInput.FlushAsync();
    }

    private async Task ReadUntilAsync(string words)
    {
        using var patience = new CancellationTokenSource(ProgramRun.Patience);
        var seen = new List<string>();
        while (await _shell.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            seen.Add(line);
            if (line.Contains(words, StringComparison.Ordinal))
            {
                return;
            }
        }

        throw new InvalidOperationException("The PostgreSQL server ended:\n" + string.Join('\n', seen));
    }
}
